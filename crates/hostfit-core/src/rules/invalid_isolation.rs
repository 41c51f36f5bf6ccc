use super::{isolation, mend::Fix, rule, wording};
use crate::{
    judge::Judgement,
    model::{IsolationBy, IsolationSetting, Workload},
    rule::Cx,
};

rule! {
    /// An isolation mode is `default`, `process` or `hyperv`. In Compose files with a `version`, the field `isolation`
    /// is there from 2.1 and from 3.5 on; `docker stack deploy` refuses it in the versions before.
    ///
    /// At run time: `invalid isolation "hyper-v": Windows supports 'default', 'process', or 'hyperv'`, or
    /// `Additional property isolation is not allowed`.
    ///
    /// ```yaml bad
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     isolation: hyper-v
    /// #              ^^^^^^^
    /// ```
    ///
    /// ```yaml bad
    /// version: "3.4"
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     isolation: hyperv
    /// #              ^^^^^^
    /// ```
    ///
    /// ```yaml good
    /// version: "3.5"
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     isolation: hyperv
    /// ```
    ///
    /// ## How to fix it
    /// Write one of the three modes. Raise `version` to 3.5 or later, or leave it out: Compose itself no longer reads it.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/compose-file/services/#isolation>
    /// - <https://github.com/docker/cli/tree/master/cli/compose/schema/data>
    id: "invalid-isolation",
    summary: "not an isolation mode, or a Compose schema that has no such field",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    for (number, container) in workload.containers.iter().enumerate() {
        for setting in container.isolation.iter().chain(&container.build_isolation) {
            let Some(message) = fault(setting) else { continue };
            let mend = mend(setting, cx);
            let finding = wording::report_text(cx, &setting.value, 0..0, message);
            finding.workload(workload.part(number));
            if let Some(mend) = mend {
                mend.give(finding);
            }
        }
    }
}

/// The mode that the word is nearest to.
fn mend(setting: &IsolationSetting, cx: &Cx) -> Option<Fix> {
    let value = setting.value.known().filter(|_| setting.mode.is_none())?;
    let (mode, doubt) = isolation::meant(value)?;
    let mend = Fix::new(format!("write `{mode}`")).write(cx, &setting.value, 0..value.len(), mode)?;
    Some(mend.unless_doubtful(doubt))
}

fn fault(setting: &IsolationSetting) -> Option<String> {
    if let Some(value) = setting.value.known()
        && setting.mode.is_none()
        && setting.by != IsolationBy::RuntimeHandler
    {
        return Some(format!(
            "`{value}` is no isolation mode: the engine answers `invalid isolation`; write `default`, `process` or `hyperv`"
        ));
    }
    match &setting.by {
        IsolationBy::Compose { lacking: Some(version) } => {
            let (reader, enough) = if version.starts_with('3') {
                ("docker stack deploy", "to 3.5")
            } else {
                ("docker-compose", "to 2.1, or to 3.5 for a stack")
            };
            Some(format!(
                "version {version} of the Compose file format has no `isolation`: `{reader}` answers `Additional property \
                 isolation is not allowed`; raise `version` {enough}, or leave the key out"
            ))
        }
        _ => None,
    }
}
