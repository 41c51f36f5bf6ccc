//! Image names that something in the tree builds.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::path::Files;
use crate::{
    model::{BuildId, ImageUse, Project, Role},
    source::SourceId,
    text::Text,
    windows::Build,
};

/// Who builds which name, and in which file that is said.
#[derive(Default)]
pub(super) struct Names {
    builders: FxHashMap<String, Vec<(BuildId, SourceId)>>,
    /// As they are written, those with unknown variables too.
    written: Vec<(BuildId, Text)>,
}

impl Names {
    pub(super) fn add(&mut self, name: &Text, build: BuildId, source: SourceId) {
        self.written.push((build, name.clone()));
        let Some(name) = name.known().filter(|name| !name.trim().is_empty()) else { return };
        let builders = self.builders.entry(normal(name)).or_default();
        if !builders.contains(&(build, source)) {
            builders.push((build, source));
        }
    }

    /// Links every image use with the build that makes it, and every build with its names and whether it is used.
    pub(super) fn follow(mut self, files: &Files, project: &mut Project) {
        for (build, name) in std::mem::take(&mut self.written) {
            let build = project.builds.get_mut(build.0 as usize);
            if let Some(build) = build.filter(|build| build.names.iter().all(|other| other.span != name.span)) {
                build.names.push(name);
            }
        }
        for image in &mut project.images {
            if image.built_by.is_none() && !image.names_build_result && image.is_named() {
                let own = match image.role {
                    Role::Base { build, .. } | Role::CopiedFrom { build, .. } => Some(build),
                    Role::Container { .. } => None,
                };
                image.built_by =
                    image.text.known().and_then(|name| self.builder(files, name, image.text.span.source, own));
            }
            if let Some(build) = image.built_by.and_then(|build| project.builds.get_mut(build.0 as usize)) {
                build.used = true;
            }
        }
    }

    /// Who builds `name` for a file. Where several do it differently the one that stands nearest, if it is one.
    fn builder(&self, files: &Files, name: &str, user: SourceId, own: Option<BuildId>) -> Option<BuildId> {
        let builders: Vec<_> =
            self.builders.get(&normal(name))?.iter().filter(|(build, _)| Some(*build) != own).collect();
        let near = |is_near: &dyn Fn(SourceId) -> bool| {
            let mut near = builders.iter().filter(|(_, source)| is_near(*source)).map(|(build, _)| *build);
            let first = near.next()?;
            near.all(|other| other == first).then_some(first)
        };
        near(&|source| source == user)
            .or_else(|| near(&|source| files.folder(source) == files.folder(user)))
            .or_else(|| near(&|_| true))
    }
}

/// Drops the release that a name states where the Dockerfile that builds the image makes another of it: the name then says
/// nothing of the image, and `tag-release-mismatch` reports it.
pub(super) fn drop_wrong_releases(project: &mut Project) {
    let is_wrong = |image: &&mut ImageUse, builds: &[Build]| {
        image
            .identity
            .version
            .as_ref()
            .is_some_and(|(version, _)| !builds.is_empty() && !builds.contains(&version.build))
    };
    let base = |image: &ImageUse| project.build(image.built_by?)?.base_image();
    let builds = |image: &ImageUse| base(image).map_or_else(Vec::new, |base| project.possible_builds(base));
    let possible: Vec<_> = project.images.iter().map(builds).collect();
    let images = project.images.iter_mut().zip(possible);
    for (image, _) in images.filter(|(image, builds)| is_wrong(image, builds)) {
        let identity = Arc::make_mut(&mut image.identity);
        (identity.version, identity.family) = (None, None);
    }
}

/// A missing tag is `latest`; Docker Hub's own prefixes say nothing.
fn normal(name: &str) -> String {
    let name = name.trim();
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.contains([':', '@']) { name.to_owned() } else { format!("{name}:latest") }
}
