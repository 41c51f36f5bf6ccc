//! What an image is, once its name, the `[images]` table and the Dockerfile that builds it were all asked.

use rustc_hash::FxHashMap;

use super::{
    BuildId, DockerfileBuild, ImageId, ImageOs, ImageUse, Known, Project, Role, Stage, StageBase, Workload, WorkloadId,
    WorkloadPart,
};
use crate::{
    source::Span,
    text::Text,
    windows::{Build, Os, image::Proof},
};

/// An image that is built from an image that is built … beyond this depth is unknown.
const MAX_DEPTH: usize = 32;

impl ImageUse {
    /// Whether a reference is written at all. A service with `build:` and no `image:` runs what it builds; its text is
    /// empty and spans the value of `build`.
    pub fn is_named(&self) -> bool {
        !self.text.value.is_empty()
    }

    /// Whether the reference names an image that has to come from a registry: it is written, and nothing in the tree
    /// builds an image of that name. Of others, the name alone proves and breaks nothing.
    pub fn is_pulled(&self) -> bool {
        self.is_named() && !self.names_build_result && self.built_by.is_none()
    }

    /// The pattern that stands for it in the `[images]` table: every tag of this repository, or this digest alone.
    pub fn pattern(&self) -> String {
        if self.identity.reference.digest.is_some() {
            return self.text.value.clone();
        }
        let end = self.identity.reference.repository.end;
        format!("{}:*", self.text.value.get(..end).unwrap_or(&self.text.value))
    }
}

impl Project {
    /// What a workload or a container is called: `Deployment/web: container web`, `service web`.
    pub fn name_of(&self, part: WorkloadPart) -> String {
        let Some(workload) = self.workload(part.workload) else { return String::new() };
        match part.container {
            Some(container) => workload.container_name(container as usize),
            None => workload.name.clone(),
        }
    }

    /// The workload, unless the id is of another project.
    pub fn workload(&self, id: WorkloadId) -> Option<&Workload> {
        self.workloads.get(id.0 as usize)
    }

    /// The image use, unless the id is of another project.
    pub fn image(&self, id: ImageId) -> Option<&ImageUse> {
        self.images.get(id.0 as usize)
    }

    /// The image's reference; of an image that the tree builds and does not name, that of the base which decides.
    pub fn reference(&self, id: ImageId) -> Option<&str> {
        let named = self.image(id).filter(|it| it.is_named());
        named.or_else(|| self.deciding_image(id)).map(|it| it.text.value.as_str())
    }

    /// The build, unless the id is of another project.
    pub fn build(&self, id: BuildId) -> Option<&DockerfileBuild> {
        self.builds.get(id.0 as usize)
    }

    /// The operating system of an image and its version, with the bytes that decide it: those of its own reference,
    /// or, where the tree builds it, those of the `FROM` that its final stage comes down to.
    pub fn image_os(&self, id: ImageId) -> Known<ImageOs> {
        let (decider, followed) = self.follow(id);
        let Some(image) = decider.and_then(|decider| self.image(decider)) else {
            // A chain of builds that ends in no image: `scratch`, a missing target, a cycle.
            let span = self.image(id).map_or(Span::NOWHERE, |image| image.text.span);
            return self.unfollowed(id).unwrap_or(Known::Absent(span));
        };
        match known_by_name(image) {
            Known::Stated(os, span) if followed => Known::Inferred(os, span),
            Known::Absent(span) => match self.final_platform(id, decider) {
                Some((os, span)) => Known::Inferred(ImageOs { os, version: None }, span),
                None => Known::Absent(span),
            },
            other => other,
        }
    }

    /// The Windows builds that an image may be of: that of its version, or those of its variants. Empty where none is known.
    pub fn possible_builds(&self, id: ImageId) -> Vec<Build> {
        let Some(image) = self.deciding_image(id) else { return Vec::new() };
        match (&image.identity.version, &image.identity.variants) {
            (Some((version, _)), _) => vec![version.build],
            (None, Some(variants)) => variants.builds(),
            (None, None) => Vec::new(),
        }
    }

    /// The image use whose reference decides what `id` is: itself, or, where the tree builds it, the base that its
    /// final stage comes down to. None where that is not an image.
    pub fn decider(&self, id: ImageId) -> Option<ImageId> {
        self.follow(id).0
    }

    /// The same, as the image use that it is.
    pub fn deciding_image(&self, id: ImageId) -> Option<&ImageUse> {
        self.image(self.decider(id)?)
    }

    /// The containers of which bytes that start where `at` does decide what they run, with their workloads.
    pub fn decided_by(&self, at: Span) -> &[(WorkloadId, u32)] {
        let decided = self.decided.get_or_init(|| {
            let mut decided: FxHashMap<_, Vec<_>> = FxHashMap::default();
            for workload in &self.workloads {
                for (container, number) in workload.containers.iter().zip(0..) {
                    let image = container.image.and_then(|image| self.deciding_image(image));
                    for piece in image.iter().flat_map(|image| &image.text.pieces) {
                        decided.entry((piece.at.source, piece.at.start)).or_default().push((workload.id, number));
                    }
                }
            }
            decided
        });
        decided.get(&(at.source, at.start)).map_or(&[], Vec::as_slice)
    }

    /// How much is proved of what `id` is.
    pub fn image_proof(&self, id: ImageId) -> Option<Proof> {
        let identity = &self.deciding_image(id)?.identity;
        let says_nothing = identity.os.is_none();
        // Then the platform of the stage decided, if anything did, and that is nobody's name.
        Some(if says_nothing { Proof::Known } else { identity.proof })
    }

    /// The image use that decides what `id` is, and whether that is another one: of the chain of bases that builds it
    /// the deepest that says anything, else the deepest.
    fn follow(&self, id: ImageId) -> (Option<ImageId>, bool) {
        // Most images are built by nothing in the tree: they have no chain.
        if let Some(image) = self.image(id).filter(|image| image.built_by.is_none()) {
            let decider = (image.identity.os.is_some() || image.is_named()).then_some(id);
            return (decider, decider.is_none());
        }
        let mut chain = vec![id];
        let mut at = id;
        let ends_in_name = loop {
            let Some(image) = self.image(at) else { break false };
            let Some(build) = image.built_by else { break image.is_named() };
            match self.build(build).and_then(DockerfileBuild::base_image) {
                Some(base) if chain.len() < MAX_DEPTH => chain.push(base),
                _ => break false,
            }
            at = chain.last().copied().unwrap_or(at);
        };
        let tells = |it: &&ImageId| self.image(**it).is_some_and(|image| image.identity.os.is_some());
        let decider = chain.iter().rev().find(tells).copied().or(ends_in_name.then_some(at));
        (decider, decider != Some(id))
    }

    /// Why an image could not be followed to a reference, where that is worth words.
    fn unfollowed(&self, id: ImageId) -> Option<Known<ImageOs>> {
        let image = self.image(id)?;
        let missing = match image.built_by {
            None if !image.is_named() => "its Dockerfile is not among the files looked at",
            Some(build) if self.build(build)?.final_stage.is_none() => "its Dockerfile has no such stage",
            _ => return None,
        };
        Some(Known::Unresolved(image.text.span, missing.to_owned()))
    }

    /// The operating system that a Dockerfile says it builds `id` for, by `--platform`, by a stage that is surely Windows or
    /// by hints; of a base, that of its stage. None where nothing in the tree builds it.
    pub fn built_for(&self, id: ImageId) -> Option<Os> {
        let own = self.image(id)?;
        let (build, stage) = if let Role::Base { build, stage } = own.role {
            (self.build(build)?, stage)
        } else {
            let build = self.build(own.built_by?)?;
            (build, build.final_stage?)
        };
        let stage = build.stages.get(stage as usize)?;
        let by_platform = || stage_platform(build, stage).map(|(os, _)| os);
        let is_windows = || build.is_proven_windows || stage.windows_hint.is_some();
        by_platform().or_else(|| is_windows().then_some(Os::Windows))
    }

    /// `FROM --platform=windows/amd64` of the final stage, where its base is `decider`.
    fn final_platform(&self, id: ImageId, decider: Option<ImageId>) -> Option<(Os, Span)> {
        let build = self.build(self.image(id)?.built_by?)?;
        if build.base_image() != decider {
            return None;
        }
        stage_platform(build, build.stages.get(build.final_stage? as usize)?)
    }
}

/// The platform of the image that a stage comes down to.
fn stage_platform<'b>(build: &'b DockerfileBuild, mut stage: &'b Stage) -> Option<(Os, Span)> {
    while let StageBase::Stage(earlier) = stage.base {
        stage = build.stages.get(earlier as usize).filter(|it| it.span.start < stage.span.start)?;
    }
    let platform = stage.platform.as_ref()?;
    Some((platform_os(platform)?, platform.span))
}

/// The operating system of `windows/amd64` or `linux`.
pub fn platform_os(platform: &Text) -> Option<Os> {
    let os = platform.value.split('/').next()?;
    if platform.hole_in(0..os.len()).is_some() {
        return None;
    }
    match os.trim().to_ascii_lowercase().as_str() {
        "windows" => Some(Os::Windows),
        "linux" => Some(Os::Linux),
        _ => None,
    }
}

/// What the reference says by itself.
fn known_by_name(image: &ImageUse) -> Known<ImageOs> {
    let (text, identity) = (&image.text, &image.identity);
    let version = identity.version.as_ref();
    if let Some(os) = identity.os {
        let span = match version {
            Some((_, range)) => text.locate(range.clone()),
            // The unknown part decides nothing.
            None if text.hole().is_some() => text.span,
            None => text.locate(identity.reference.name()),
        };
        let known = ImageOs { os, version: version.map(|(version, _)| *version) };
        return match identity.proof {
            Proof::Known | Proof::Declared(_) => Known::Stated(known, span),
            Proof::Locked(_) | Proof::ThirdPartyName => Known::Inferred(known, span),
        };
    }
    if identity.declared_build().is_some() {
        let missing = "the Dockerfile that `[images]` names is not among the files looked at";
        return Known::Unresolved(text.span, missing.to_owned());
    }
    match text.hole() {
        Some(name) => Known::Unresolved(text.span, format!("{name} has no value the files tell")),
        None => Known::Absent(text.span),
    }
}
