use super::{missing_build_selector::missing_pin, rule};
use crate::{
    judge::Judgement,
    model::{Orchestrator, Workload},
    rule::Cx,
};

rule! {
    /// The constraints of this Windows service do not tell Windows builds apart. Swarm compares the operating system of
    /// image and node, never the build, so that the service may land on a node which can't run it.
    ///
    /// An error where some of the declared nodes can run the image and some can't: the service stays at 0/1 with
    /// `starting container failed`. A warning where the nodes differ and the image's build is unknown. A note without a
    /// fleet.
    ///
    /// ```toml fleet
    /// [[host]]
    /// name = "win2019"
    /// os = "ltsc2019"
    /// orchestrator = "swarm"
    /// engine-labels = {}
    /// labels = { OsVersion = "10.0.17763" }
    ///
    /// [[host]]
    /// name = "win2022"
    /// os = "ltsc2022"
    /// orchestrator = "swarm"
    /// labels = { OsVersion = "10.0.20348" }
    /// ```
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    /// #       ^^^^^^^^^^^
    ///         - node.platform.os == windows
    /// ```
    ///
    /// ```yaml good
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     deploy:
    ///       placement:
    ///         constraints:
    ///         - node.platform.os == windows
    ///         - node.labels.OsVersion == 10.0.20348
    /// ```
    ///
    /// ## How to fix it
    /// Label each node with its OS version (`docker node update --label-add OsVersion=10.0.20348 NODE`) and constrain the
    /// service to it.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>,
    ///   "Use labels and constraints"
    id: "missing-swarm-constraint",
    summary: "the constraints of a Windows service don't tell Windows builds apart",
    severity: Error,
    check: Workload(check),
}

fn check(workload: &Workload, judgement: &Judgement, cx: &mut Cx) {
    if workload.orchestrator == Orchestrator::Swarm {
        missing_pin(workload, judgement, cx);
    }
}
