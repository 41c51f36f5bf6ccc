//! Dockerfiles, evaluated once for each different build of them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::inline;
use crate::{
    config::Config,
    front::{
        Content, Unit,
        dockerfile::{self, BuildArgs, Evaluated, FoundImage},
    },
    model::{BuildId, DockerfileBuild, ImageId, ImageUse, Project, Role},
    source::{SourceId, Span, saturating_u32},
    text::Text,
    windows::image::{ImageRules, KnownReferences},
};

/// What is asked of a Dockerfile.
pub(super) struct Request<'run> {
    pub(super) dockerfile: Dockerfile<'run>,
    /// Args that the place which builds it gives, later ones win.
    pub(super) args: Vec<(String, Text)>,
    /// What any other arg may be, where the place does not say which it gives.
    pub(super) other_args: Option<Text>,
    pub(super) target: Option<Text>,
    /// The place that builds it.
    pub(super) at: Option<Span>,
}

impl<'run> Request<'run> {
    /// A build that nothing in the tree asks for.
    pub(super) fn of(dockerfile: Dockerfile<'run>) -> Self {
        Self { dockerfile, args: Vec::new(), other_args: None, target: None, at: None }
    }
}

pub(super) enum Dockerfile<'run> {
    File(SourceId, &'run dockerfile::File),
    /// `dockerfile_inline`.
    Inline(Text),
}

impl<'run> Dockerfile<'run> {
    pub(super) fn of(unit: &'run Unit) -> Option<Self> {
        match &unit.content {
            Content::Dockerfile(file) => Some(Self::File(unit.source, file)),
            _ => None,
        }
    }
}

/// Two builds with the same key give the same images at the same bytes.
#[derive(PartialEq, Eq, Hash)]
struct Key {
    source: SourceId,
    inline: Option<(u32, String)>,
    args: Vec<(String, String, Span)>,
    other_args: Option<Span>,
    target: Option<String>,
}

pub(super) struct Builder<'run> {
    config: &'run Config,
    rules: ImageRules<'run>,
    done: FxHashMap<Key, BuildId>,
    built: FxHashSet<SourceId>,
    references: &'run KnownReferences,
}

impl<'run> Builder<'run> {
    pub(super) fn new(config: &'run Config, references: &'run KnownReferences) -> Self {
        Self {
            config,
            rules: ImageRules::new(&config.images),
            done: FxHashMap::default(),
            built: FxHashSet::default(),
            references,
        }
    }

    /// Whether anything built this Dockerfile.
    pub(super) fn has_built(&self, source: SourceId) -> bool {
        self.built.contains(&source)
    }

    /// Adds an image use.
    pub(super) fn add_image(&self, project: &mut Project, text: Text, role: Role) -> ImageId {
        let id = ImageId(saturating_u32(project.images.len()));
        project.images.push(self.image(text, role));
        id
    }

    /// An image use of which nothing is known but what its text says.
    pub(super) fn image(&self, text: Text, role: Role) -> ImageUse {
        let identity = self.references.identity(&text, &self.rules, &self.config.releases);
        ImageUse { text, role, identity, locked: None, built_by: None, names_build_result: false }
    }

    /// Evaluates a Dockerfile, unless the same build was asked for before.
    pub(super) fn build(&mut self, project: &mut Project, request: Request) -> BuildId {
        let args = self.args(request.args, request.other_args);
        let target = request.target.as_ref().map(|target| target.value.trim()).filter(|target| !target.is_empty());
        let (source, inline) = match &request.dockerfile {
            Dockerfile::File(source, _) => (*source, None),
            Dockerfile::Inline(text) => (text.span.source, Some((text.span.start, text.value.clone()))),
        };
        let key = Key {
            source,
            inline,
            args: args.values.iter().map(|(name, text)| (name.clone(), text.value.clone(), text.place())).collect(),
            other_args: args.others.as_ref().map(|it| it.span),
            target: target.map(str::to_owned),
        };
        let id = if let Some(id) = self.done.get(&key) {
            *id
        } else {
            let id = self.evaluate(project, source, &request.dockerfile, &args, target);
            self.done.insert(key, id);
            id
        };
        let build = project.builds.get_mut(id.0 as usize);
        if let (Some(build), Some(at)) = (build, request.at)
            && !build.built_at.contains(&at)
        {
            build.built_at.push(at);
        }
        id
    }

    fn evaluate(
        &mut self,
        project: &mut Project,
        source: SourceId,
        dockerfile: &Dockerfile,
        args: &BuildArgs,
        target: Option<&str>,
    ) -> BuildId {
        let build = BuildId(saturating_u32(project.builds.len()));
        let mut add = |found: FoundImage| {
            let role = if found.is_base {
                Role::Base { build, stage: found.stage }
            } else {
                Role::CopiedFrom { build, stage: found.stage }
            };
            self.add_image(project, found.text, role)
        };
        let Evaluated { stages, final_stage, escape_directive, broken_defaults } = match dockerfile {
            Dockerfile::File(_, file) => file.evaluate(args, target, &mut add),
            Dockerfile::Inline(text) => inline::evaluate(text, args, target, &mut add),
        };
        let mut evaluated = DockerfileBuild::new(source, stages, final_stage);
        evaluated.escape_directive = escape_directive;
        if matches!(dockerfile, Dockerfile::File(..)) {
            evaluated.broken_defaults = broken_defaults;
        }
        project.builds.push(evaluated);
        self.built.insert(source);
        build
    }

    /// The args of a build: those of the configuration, and over them those that the place itself gives. An arg that
    /// the place passes on without a value of its own takes the configuration's.
    fn args(&self, own: Vec<(String, Text)>, others: Option<Text>) -> BuildArgs {
        let declared = |name: &str| self.config.build_args.iter().any(|arg| arg.name == name);
        // Of the configuration's args the first of a name counts, here the last.
        let config = self.config.build_args.iter().rev().map(|arg| {
            let span = arg.span.unwrap_or(Span::NOWHERE);
            (arg.name.clone(), Text::literal(arg.value.clone(), span))
        });
        let own = own.into_iter().filter(|(name, value)| value.known().is_some() || !declared(name));
        BuildArgs { values: config.chain(own).collect(), others }
    }
}
