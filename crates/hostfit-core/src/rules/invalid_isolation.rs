use super::{fixes::Fix, isolation, rule, wording};
use crate::{
    finding::Message,
    judge::Judgement,
    model::{IsolationBy, IsolationSetting, Workload},
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Isolation modes other than `default`, `process` and `hyperv`, and `isolation` in Compose files whose `version`
    /// lacks the field. It was added in versions 2.1 and 3.5.
    ///
    /// ## Why it matters
    /// The engine fails with `invalid isolation "hyper-v": Windows supports 'default', 'process', or 'hyperv'`, and `docker stack
    /// deploy` with `Additional property isolation is not allowed`.
    ///
    /// ## Example
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
    /// ## Fix
    /// Write one of the three modes. Raise `version` to 3.5 or later, or remove it: Compose itself no longer reads it.
    ///
    /// ```yaml good
    /// version: "3.5"
    /// services:
    ///   web:
    ///     image: mcr.microsoft.com/windows/servercore:ltsc2022
    ///     isolation: hyperv
    /// ```
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/compose-file/services/#isolation>
    /// - <https://github.com/docker/cli/tree/master/cli/compose/schema/data>
    id: "invalid-isolation",
    summary: "an unknown isolation mode, or `isolation` in a Compose version that lacks it",
    severity: Error,
    check: Workload(check),
    judges_hosts: false,
}

fn check(workload: &Workload, _: &Judgement, cx: &mut Cx) {
    for (number, container) in workload.containers.iter().enumerate() {
        for setting in container.isolation.iter().chain(&container.build_isolation) {
            let fix = fix(setting, cx);
            let Some(message) = fault(setting, fix.is_some()) else { continue };
            let finding = wording::report_text(cx, &setting.value, 0..0, message);
            finding.workload(workload.part(number));
            finding.fixes.extend(fix);
        }
    }
}

/// The mode that the word is nearest to.
fn fix(setting: &IsolationSetting, cx: &Cx) -> Option<Fix> {
    let value = setting.value.known().filter(|_| setting.mode.is_none())?;
    let (mode, doubt) = isolation::meant(value)?;
    let fix = Fix::new(format!("write `{mode}`")).write(cx, &setting.value, 0..value.len(), mode)?;
    Some(fix.with_caveat(doubt))
}

fn fault(setting: &IsolationSetting, has_fix: bool) -> Option<Message> {
    if let Some(value) = setting.value.known()
        && setting.mode.is_none()
        && setting.by != IsolationBy::RuntimeHandler
    {
        let message = Message::new(format!("`{value}` is not an isolation mode"))
            .note(format!("the engine fails with `invalid isolation \"{value}\"`"));
        return Some(if has_fix { message } else { message.help("write `default`, `process` or `hyperv`") });
    }
    match &setting.by {
        IsolationBy::Compose { lacking: Some(version) } => {
            let (reader, enough) = if version.starts_with('3') {
                ("docker stack deploy", "`\"3.5\"`")
            } else {
                ("docker-compose", "`\"2.1\"`, or to `\"3.5\"` for a stack")
            };
            let message = Message::new(format!("version {version} of the Compose file format has no `isolation`"))
                .note(format!("`{reader}` fails with `Additional property isolation is not allowed`"))
                .help(format!("raise `version` to {enough}, or remove `isolation`"));
            Some(message)
        }
        _ => None,
    }
}
