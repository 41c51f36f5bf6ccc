//! Images that `[images]` says are built from a Dockerfile of the tree.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{
    build::{Builder, Dockerfile, Request},
    path::{Files, join},
};
use crate::{
    config::Config,
    model::{BuildId, Project, Role},
    source::Span,
    windows::image::{self, Declared},
};

/// The builds that `[images]` declares, by the span of their lines.
pub(super) struct Builds(FxHashMap<Span, BuildId>);

/// Evaluates the Dockerfiles that `[images]` names, with the args and the target that it gives them. A Dockerfile that is
/// not among the files is left out.
pub(super) fn build<'run>(
    files: &Files<'run>,
    config: &Config,
    project: &mut Project,
    builder: &mut Builder<'run>,
) -> Builds {
    let mut builds = FxHashMap::default();
    for rule in &config.images {
        let Declared::Built(declared) = &rule.declared else { continue };
        let unit = join("", &declared.dockerfile).and_then(|path| files.find(&path));
        let Some(dockerfile) = unit.and_then(Dockerfile::of) else { continue };
        // The configuration is not a place that builds it: what no workload uses is judged as an unused Dockerfile is.
        let request =
            Request { args: declared.build_args.clone(), target: declared.target.clone(), ..Request::of(dockerfile) };
        builds.insert(rule.span, builder.build(project, request));
    }
    Builds(builds)
}

impl Builds {
    /// Links every image use that such a line matches with its build. Where a place names and builds an image itself,
    /// that build counts.
    pub(super) fn follow(&self, config: &Config, project: &mut Project) {
        if !config.images.iter().any(|rule| matches!(rule.declared, Declared::Built(_))) {
            return;
        }
        let Project { images, builds, .. } = project;
        for image in images {
            let Some(line) = image.identity.declared_build() else { continue };
            let build = self.0.get(&line).copied();
            let of_same_file = |own: BuildId| {
                let source = |id: BuildId| builds.get(id.0 as usize).map(|build| build.source);
                build.is_some_and(|build| source(build) == source(own))
            };
            match image.role {
                // An image that this very Dockerfile starts or copies from was there before.
                Role::Base { build: own, .. } | Role::CopiedFrom { build: own, .. } if of_same_file(own) => {
                    image.identity = Arc::new(image::identify(&image.text, &[], &config.releases));
                }
                _ if image.built_by.is_none() => image.built_by = build,
                _ => {}
            }
        }
    }
}
