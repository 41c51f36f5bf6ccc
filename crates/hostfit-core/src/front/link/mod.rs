//! Units to a project.

mod bake;
mod build;
mod compose;
mod declared;
mod incomplete;
mod inline;
mod locked;
mod names;
pub(super) mod path;
pub(super) mod pod;
mod service;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use super::{Content, Unit, kubernetes};
use crate::{
    config::Config,
    fleet::Host,
    model::{EvidenceKind, ImageId, OsEvidence, Project, Refused, Workload},
    source::{SourceId, Sources, saturating_u32},
    syntax::SyntaxError,
    windows::{
        Os,
        image::{KnownReferences, Proof},
    },
    workers::{self, Workers},
};

/// Joins the files of a run.
pub fn link(sources: &Sources, units: &[Unit], config: &Config) -> Project {
    link_by(sources, units, config, &KnownReferences::default(), &workers::one_by_one)
}

/// The same with what is known of references by this configuration; `workers` may do several parts of it at a time.
pub(crate) fn link_by(
    sources: &Sources,
    units: &[Unit],
    config: &Config,
    references: &KnownReferences,
    workers: Workers<'_>,
) -> Project {
    let joiner = Joiner::new(sources, config, references, workers);
    let pods = joiner.pods(units);
    joiner.with_pods(pods, units)
}

/// Joins the files of a run in two steps, between which what manifests were lowered to may be dropped.
pub(crate) struct Joiner<'run> {
    sources: &'run Sources,
    config: &'run Config,
    workers: Workers<'run>,
    builder: build::Builder<'run>,
}

impl<'run> Joiner<'run> {
    pub(crate) fn new(
        sources: &'run Sources,
        config: &'run Config,
        references: &'run KnownReferences,
        workers: Workers<'run>,
    ) -> Self {
        Self { sources, config, workers, builder: build::Builder::new(config, references) }
    }

    /// The pods alone: what the manifests are asked for.
    pub(crate) fn pods(&self, units: &[Unit]) -> Project {
        let Self { sources, workers, builder, .. } = self;
        let pods = pod::Pods::of(sources, &manifests(units));
        let linked = workers::map(workers, &pods.parts(0), |part| {
            let mut images = Vec::with_capacity(part.images());
            let workloads = part.workloads(&mut |text, role| {
                let mut image = builder.image(text, role);
                if incomplete::is_incomplete(&image, sources) {
                    Arc::make_mut(&mut image.identity).fault = None;
                }
                images.push(image);
                ImageId(part.first_image.saturating_add(saturating_u32(images.len() - 1)))
            });
            (workloads, images)
        });
        // Room for what is to come: a list that grows is held twice for a moment.
        let services = units.iter().map(Unit::services).sum::<usize>();
        let mut project = Project::default();
        project.workloads.reserve(pods.len() + services);
        project.images.reserve(linked.iter().map(|(_, images)| images.len()).sum::<usize>() + services);
        for (workloads, images) in linked {
            project.workloads.extend(workloads);
            project.images.extend(images);
        }
        project
    }

    /// All files, where `project` has the pods, which are not looked at any more.
    pub(crate) fn with_pods(self, mut project: Project, units: &[Unit]) -> Project {
        let Self { sources, config, workers, .. } = self;
        let mut builder = self.builder;
        let files = path::Files::new(sources, units);
        let mut names = names::Names::default();

        let composes = compose::Composes::new(&files, units, config);
        for (number, compose) in composes.projects(workers).into_iter().enumerate() {
            let number = saturating_u32(number);
            let linker = service::Linker { files: &files, composes: &composes, compose: &compose, number };
            linker.link(&mut project, &mut builder, &mut names);
            let refused =
                compose.refused.into_iter().map(|SyntaxError { span, message, help }| Refused { span, message, help });
            project.refused.extend(refused);
        }
        project.refused.sort_by_key(|it| (it.span.source, it.span.start, it.span.end));
        // Several projects may share a file.
        project.refused.dedup_by_key(|it| it.span);
        bake::link(&files, units, &mut project, &mut builder, &mut names);
        let declared = declared::build(&files, config, &mut project, &mut builder);
        build_the_rest(units, &mut project, &mut builder);

        declared.follow(config, &mut project);
        names.follow(&files, &mut project);
        locked::fill_in(&mut project, config);
        names::drop_wrong_releases(&mut project);
        for number in 0..project.builds.len() {
            note_proof(&mut project, number);
        }
        let evidence = workers::map_small(workers, &project.workloads, |workload| image_evidence(&project, workload));
        for (workload, evidence) in project.workloads.iter_mut().zip(evidence) {
            workload.evidence.extend(evidence);
            // Hints are asked where nothing else says anything, and agree or say nothing.
            if workload.evidence.iter().any(|it| it.kind != EvidenceKind::Hint) || workload.os().is_none() {
                workload.evidence.retain(|it| it.kind != EvidenceKind::Hint);
            }
        }
        project.images.shrink_to_fit();
        project.workloads.shrink_to_fit();
        project
    }
}

/// The hosts that Node objects describe in those of the files that are meant.
pub fn nodes(units: &[Unit], config: &Config, is_meant: impl Fn(SourceId) -> bool) -> Vec<Host> {
    let mut files = manifests(units);
    files.retain(|(file, _)| is_meant(*file));
    kubernetes::nodes_as_hosts(&files, &config.releases)
}

fn manifests(units: &[Unit]) -> Vec<(SourceId, &kubernetes::File)> {
    let read = units.iter().filter_map(|unit| match &unit.content {
        Content::Kubernetes(file) => Some((unit.source, file)),
        _ => None,
    });
    read.collect()
}

/// A Dockerfile that nothing builds is looked at with the configuration's build args alone.
fn build_the_rest<'run>(units: &'run [Unit], project: &mut Project, builder: &mut build::Builder<'run>) {
    for unit in units {
        if let Some(dockerfile) = build::Dockerfile::of(unit)
            && !builder.has_built(unit.source)
        {
            builder.build(project, build::Request::of(dockerfile));
        }
    }
}

/// Notes whether a build is surely of Windows.
fn note_proof(project: &mut Project, number: usize) {
    let proven = |image: ImageId| project.image(image).is_some_and(|image| image.identity.is_proven_windows());
    let proven = project.builds.get(number).is_some_and(|build| build.bases().any(proven));
    if let Some(build) = project.builds.get_mut(number) {
        build.is_proven_windows = proven;
    }
}

/// What the images of a workload say of its operating system.
fn image_evidence(project: &Project, workload: &Workload) -> Vec<OsEvidence> {
    let images = workload.containers.iter().filter_map(|container| container.image);
    images.filter_map(|image| evidence_of(project, image)).collect()
}

fn evidence_of(project: &Project, image: ImageId) -> Option<OsEvidence> {
    let os = project.image_os(image);
    let Some((os, span)) = os.known() else {
        let image = project.image(image)?;
        if let Some(tag) = image.identity.distribution(&image.text).filter(|_| image.is_pulled()) {
            return Some(OsEvidence { os: Os::Linux, span: image.text.locate(tag), kind: EvidenceKind::Hint });
        }
        let build = project.build(image.built_by?)?;
        let span = build.stages.get(build.final_stage? as usize)?.windows_hint?;
        return Some(OsEvidence { os: Os::Windows, span, kind: EvidenceKind::Hint });
    };
    let kind = match project.image_proof(image)? {
        Proof::ThirdPartyName => EvidenceKind::ThirdPartyName,
        Proof::Known | Proof::Declared(_) | Proof::Locked(_) => EvidenceKind::Image,
    };
    Some(OsEvidence { os: os.os, span, kind })
}
