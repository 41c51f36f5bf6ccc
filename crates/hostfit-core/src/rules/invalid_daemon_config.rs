use super::{isolation, mend::Fix, rule};
use crate::{
    front::{Content, Unit},
    rule::Cx,
    source::Span,
    text::Text,
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
        let mend = fault.isolation.as_deref().and_then(|value| mend(value, fault.span, cx));
        let message = format!("the Docker engine does not start with this file: {}", fault.message);
        let finding = cx.report(fault.span, message);
        if let Some(mend) = mend {
            mend.give(finding);
        }
    }
}

/// The mode that the word is nearest to.
fn mend(value: &str, span: Span, cx: &Cx) -> Option<Fix> {
    let (mode, doubt) = isolation::meant(value)?;
    let text = Text::literal(value, span);
    let mend = Fix::new(format!("write `{mode}`")).write(cx, &text, 0..value.len(), mode)?;
    Some(mend.unless_doubtful(doubt))
}
