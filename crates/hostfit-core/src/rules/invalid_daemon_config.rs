use super::{fixes::Fix, isolation, rule};
use crate::{
    finding::Message,
    front::{Content, Unit},
    rule::Cx,
    source::Span,
    text::Text,
};

rule! {
    /// ## What it checks
    /// `daemon.json` files that keep the Docker engine from starting: text that is not valid JSON, and an `exec-opts` isolation other
    /// than `default`, `process` and `hyperv`.
    ///
    /// ## Why it matters
    /// The engine does not start: `unable to configure the Docker daemon with file C:\ProgramData\docker\config\daemon.json`, or
    /// `Unrecognised exec-opt`.
    ///
    /// ## Example
    /// ```json bad daemon.json
    /// {
    ///     "exec-opts": ["isolation=hyper-v"]
    /// #                            ^^^^^^^
    /// }
    /// ```
    ///
    /// ## Fix
    /// Write valid JSON without comments, and one of the three modes.
    ///
    /// ```json good daemon.json
    /// {
    ///     "exec-opts":["isolation=hyperv"]
    /// }
    /// ```
    ///
    /// ## Sources
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    /// - <https://docs.docker.com/reference/cli/dockerd/#daemon-configuration-file>
    id: "invalid-daemon-config",
    summary: "a `daemon.json` with which the Docker engine does not start",
    severity: Error,
    check: Unit(check),
}

fn check(unit: &Unit, cx: &mut Cx) {
    let Content::Daemon(file) = &unit.content else { return };
    for fault in &file.faults {
        let fix = fault.isolation.as_deref().and_then(|value| fix(value, fault.span, cx));
        let mut message = Message::new(fault.message.clone()).note("the Docker engine does not start with this file");
        message.help = fault.help.clone().filter(|_| fix.is_none());
        let finding = cx.report(fault.span, message);
        finding.fixes.extend(fix);
    }
}

/// The mode that the word is nearest to.
fn fix(value: &str, span: Span, cx: &Cx) -> Option<Fix> {
    let (mode, doubt) = isolation::meant(value)?;
    let text = Text::literal(value, span);
    let fix = Fix::new(format!("write `{mode}`")).write(cx, &text, 0..value.len(), mode)?;
    Some(fix.with_caveat(doubt))
}
