use super::rule;
use crate::{
    front::{Content, Unit},
    rule::Cx,
};

rule! {
    /// A `daemon.json` that the Docker engine does not start with: no JSON, or an `exec-opts` isolation that is none of
    /// `default`, `process` and `hyperv`.
    ///
    /// At run time: `unable to configure the Docker daemon with file C:\ProgramData\docker\config\daemon.json`, or
    /// `Unrecognised exec-opt`.
    ///
    /// ```json bad daemon.json
    /// {
    ///     "exec-opts": ["isolation=hyper-v"]
    /// #                            ^^^^^^^
    /// }
    /// ```
    ///
    /// ```json good daemon.json
    /// {
    ///     "exec-opts":["isolation=hyperv"]
    /// }
    /// ```
    ///
    /// ## How to fix it
    /// Write valid JSON without comments, and one of the three modes.
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file>
    id: "invalid-daemon-config",
    summary: "a `daemon.json` that the Docker engine does not start with",
    severity: Error,
    check: Unit(check),
}

fn check(unit: &Unit, cx: &mut Cx) {
    let Content::Daemon(file) = &unit.content else { return };
    for fault in &file.faults {
        cx.report(fault.span, format!("the Docker engine does not start with this file: {}", fault.message));
    }
}
