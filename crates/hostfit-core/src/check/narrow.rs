//! What is reported of a run that is about a part of the files: all of them are judged, whatever is asked for.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::Report;
use crate::{
    baseline::Baseline,
    config::{Config, Target},
    finding::{Finding, Severity},
    fleet::FleetId,
    front::{Concerned, Parts, Unit},
    identity::Identity,
    model::{ImageId, Project, WorkloadId},
    rule::Check,
    rules,
    source::{SourceId, Sources},
    suppress::By,
};

/// Which findings a run reports.
#[derive(Clone, Copy, Debug)]
pub enum Asked<'a> {
    /// Those that stand in these files, those about what a workload of these files runs, and what is wrong with the hosts.
    Files(&'a BTreeSet<SourceId>),
    /// Those that have a place in these files, and those of workloads and Dockerfiles that go through them. What is rendered
    /// with one of the files is among them.
    Changed(&'a BTreeSet<SourceId>),
}

impl Report {
    /// Leaves only what is asked for, and returns what a baseline lists of the rest. `units` are the files that were judged
    /// by `config`.
    pub fn ask(&mut self, asked: Asked, sources: &Sources, units: &[Unit], config: &Config) -> Baseline {
        let all = |files: &BTreeSet<SourceId>| {
            let settings = config.files.iter().map(|file| file.source);
            let units = units.iter().map(|unit| unit.source).filter(|id| sources.rendered(*id).is_none());
            units.chain(settings).all(|id| files.contains(&id))
        };
        let scope = match asked {
            Asked::Files(files) | Asked::Changed(files) if all(files) => return Baseline::default(),
            Asked::Files(files) => Scope::files(files, &self.project, config),
            Asked::Changed(files) => match Scope::changed(files, sources, units, &self.project, config) {
                Some(scope) => scope,
                None => return Baseline::default(),
            },
        };
        self.findings.retain(|finding| scope.holds(finding));
        let others: Vec<_> = self.suppressed.extract_if(.., |it| !scope.holds(&it.finding)).collect();
        let known = others.iter().filter(|it| it.by == By::Baseline).map(|it| &it.finding);
        let asked: FxHashSet<_> = scope.files.iter().filter_map(|id| Some(sources.get(*id)?.path.as_str())).collect();
        let read: FxHashSet<_> = sources.iter().map(|source| source.path.as_str()).collect();
        // A file that was not read may be gone, whatever is asked for.
        let is_asked = |identity: &Identity| asked.contains(&*identity.path) || !read.contains(&*identity.path);
        let gone = std::mem::take(&mut self.gone);
        self.gone = gone.clone().filtered(is_asked);
        Baseline::of(known).and(gone.filtered(|identity| !is_asked(identity)))
    }
}

struct Scope<'a> {
    files: &'a BTreeSet<SourceId>,
    is_change: bool,
    /// The workloads concerned.
    workloads: BTreeSet<WorkloadId>,
    /// The references of the images that they run, with the files that state them.
    run: FxHashSet<(String, SourceId)>,
    /// The same of all that it takes to build these.
    needed: FxHashSet<(String, SourceId)>,
    /// The Dockerfiles concerned.
    dockerfiles: BTreeSet<SourceId>,
    /// The fleets of targets that the files declare.
    fleets: BTreeSet<FleetId>,
    /// The configuration and the fleets, where what is wrong with these is asked for.
    settings: BTreeSet<SourceId>,
}

impl<'a> Scope<'a> {
    fn files(files: &'a BTreeSet<SourceId>, project: &Project, config: &Config) -> Self {
        let concerned = Concerned::declared_in(files, project);
        let settings = config.files.iter().map(|file| file.source).collect();
        Self { settings, ..Self::new(files, false, &concerned, project) }
    }

    fn changed(
        files: &'a BTreeSet<SourceId>,
        sources: &Sources,
        units: &[Unit],
        project: &Project,
        config: &Config,
    ) -> Option<Self> {
        let concerned = Concerned::through(files, sources, units, config, project)?;
        let builds = concerned.builds.iter().filter_map(|id| project.builds.get(id.0 as usize));
        let dockerfiles = builds.map(|build| build.source).collect();
        let is_declared = |target: &Target| files.iter().any(|file| target.is_declared_in(*file));
        let fleets =
            config.fleets().filter(|fleet| fleet.target.is_some_and(is_declared)).map(|fleet| fleet.id).collect();
        Some(Self { dockerfiles, fleets, ..Self::new(files, true, &concerned, project) })
    }

    fn new(files: &'a BTreeSet<SourceId>, is_change: bool, concerned: &Concerned, project: &Project) -> Self {
        let Parts { run, needed } = concerned.parts(project);
        let (run, needed) = (references(&run, project), references(&needed, project));
        Self {
            files,
            is_change,
            workloads: concerned.workloads.clone(),
            run,
            needed,
            dockerfiles: BTreeSet::new(),
            fleets: BTreeSet::new(),
            settings: BTreeSet::new(),
        }
    }

    fn holds(&self, finding: &Finding) -> bool {
        let at = finding.span.source;
        let related = finding.related.iter().map(|it| it.span.source);
        self.files.contains(&at)
            || self.dockerfiles.contains(&at)
            || finding.is_of_fleet && self.fleets.contains(&finding.fleet)
            || self.is_change && related.clone().any(|it| self.files.contains(&it))
            || self.settings.contains(&at)
                && (is_of_settings(finding) || related.clone().any(|it| self.files.contains(&it)))
            || self.is_of_workload(finding)
            || self.is_of_image(finding)
    }

    fn is_of_workload(&self, finding: &Finding) -> bool {
        finding.parts.iter().any(|part| self.workloads.contains(&part.workload))
    }

    /// Whether it is about an image that one of the workloads runs, or keeps that from being built.
    fn is_of_image(&self, finding: &Finding) -> bool {
        let is_image_rule = rules::find(finding.rule).is_some_and(|rule| matches!(rule.check, Check::Image(_)));
        let Some(image) = finding.image.as_ref().filter(|_| is_image_rule) else { return false };
        let images = if finding.severity == Severity::Error { &self.needed } else { &self.run };
        let mut places = std::iter::once(finding.span).chain(finding.related.iter().map(|it| it.span));
        places.any(|span| images.contains(&(image.clone(), span.source)))
    }
}

fn references(images: &BTreeSet<ImageId>, project: &Project) -> FxHashSet<(String, SourceId)> {
    let images = images.iter().filter_map(|id| project.image(*id));
    images.map(|image| (image.text.value.clone(), image.text.span.source)).collect()
}

/// Whether it is about the configuration itself: its hosts, or a comment in it.
fn is_of_settings(finding: &Finding) -> bool {
    finding.rule == "unused-ignore" || rules::find(finding.rule).is_some_and(|it| matches!(it.check, Check::Host(_)))
}
