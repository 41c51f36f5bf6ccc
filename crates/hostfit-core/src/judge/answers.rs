//! What a run decided, together with what it decided about.

use std::borrow::Cow;

use super::{
    classes::Builders,
    outcome::Outcome,
    subject::Subject,
    table::{Judgement, Table},
};
use crate::{
    config::{Config, DeclaredFleet},
    finding::{Finding, Message},
    model::{Project, WorkloadId},
    windows::compat::HostFacts,
};

/// The tables of all fleets, with the project and the configuration that they are of.
#[derive(Clone, Copy, Debug)]
pub struct Answers<'r> {
    /// What was judged.
    pub project: &'r Project,
    /// What it was judged by.
    pub config: &'r Config,
    /// What was decided, in the order of [`Config::fleets`].
    pub tables: &'r [Table],
}

impl<'r> Answers<'r> {
    /// What the workload of a finding is called.
    pub fn workload_name(self, finding: &Finding) -> Option<String> {
        finding.parts.first().map(|part| self.project.name_of(*part))
    }

    /// What the hosts of a finding are called.
    pub fn host_names(self, finding: &Finding) -> Vec<&'r str> {
        self.config.host_names(finding)
    }

    /// What the fleet is called that a finding says something about, where that is a target's.
    pub fn fleet_name(self, finding: &Finding) -> Option<&'r str> {
        self.config.fleet(finding.fleet).filter(|_| finding.is_of_fleet)?.name
    }

    /// The message of a finding, with a note of the fleet that it holds for where there are several.
    pub fn message(self, finding: &Finding) -> Cow<'_, Message> {
        match self.fleet_name(finding) {
            Some(fleet) => Cow::Owned(finding.message.clone().note(format!("judged against {fleet}"))),
            None => Cow::Borrowed(&finding.message),
        }
    }

    /// What each fleet that a workload is judged against says of it.
    pub fn judgements_of(self, id: WorkloadId) -> impl Iterator<Item = (DeclaredFleet<'r>, Judgement<'r>)> + use<'r> {
        let fleets = self.config.fleets().zip(self.tables);
        fleets.filter_map(move |(fleet, table)| Some((fleet, table.judgement(id, self.project, fleet.fleet)?)))
    }

    /// What comes of a container on a Windows host that is not one of the fleet; none where there is no such container.
    pub fn container_on(self, id: WorkloadId, container: usize, facts: &HostFacts) -> Option<Outcome> {
        let workload = self.project.workload(id)?;
        let fleet = self.judgements_of(id).map(|(fleet, _)| fleet.fleet).next().unwrap_or(&self.config.fleet);
        let own = workload.containers.get(container)?;
        Some(Subject::of_container(own, workload, self.project, &Builders::of(fleet)).on_windows(facts))
    }
}
