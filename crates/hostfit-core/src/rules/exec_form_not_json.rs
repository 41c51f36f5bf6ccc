use super::{fixes::Fix, rule, stages};
use crate::{
    finding::{Edit, Message, Severity},
    model::{DockerfileBuild, ShellKind},
    rule::Cx,
};

rule! {
    /// ## What it checks
    /// Arrays in brackets that are not valid JSON, in the instructions of Windows stages: CMD, ENTRYPOINT, SHELL,
    /// HEALTHCHECK CMD, COPY, ADD and VOLUME. The usual reason is a single backslash, which starts an escape in JSON.
    /// Single quotes or a missing comma have the same effect. RUN is not checked, since `[Net.ServicePointManager]::…`
    /// in its text is PowerShell.
    ///
    /// ## Why it matters
    /// The builder does not complain and reads the line in shell form, brackets included. At run time the container
    /// stops with `'["C:\ServiceMonitor.exe"]' is not recognized as an internal or external command`. COPY and ADD look
    /// for files with such names. For SHELL the build fails with `SHELL requires the arguments to be in JSON form`, and
    /// the finding is an error.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// CMD ["C:\ServiceMonitor.exe", "w3svc"]
    /// #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Double every backslash, or write `/` instead, and use double quotes. The `# escape=` directive does not change
    /// JSON. In COPY, ADD and VOLUME the builder removes escapes a second time, after it has read the JSON: write four
    /// backslashes, unless `# escape=` chooses the backtick.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// CMD ["C:\\ServiceMonitor.exe", "w3svc"]
    /// ```
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/dockerfile/#exec-form>
    /// - <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/line_parsers.go>
    id: "exec-form-not-json",
    summary: "an exec form that is not valid JSON, which the builder reads in shell form",
    severity: Warning,
    check: Build(check),
}

fn check(build: &DockerfileBuild, cx: &mut Cx) {
    for windows in stages::windows(build, cx) {
        for it in &windows.stage.not_json {
            let instruction = it.instruction;
            let (so, note) = match instruction {
                "SHELL" if it.is_refused => {
                    ("the builder refuses it", "the build fails with `SHELL requires the arguments to be in JSON form`")
                }
                "SHELL" => (
                    "builds that start from this image fail",
                    "they fail with `SHELL requires the arguments to be in JSON form`",
                ),
                "COPY" | "ADD" | "VOLUME" => {
                    ("the builder splits it at blanks", "brackets and quotes become part of the paths")
                }
                _ => (
                    "the builder reads it in shell form",
                    match it.shell {
                        ShellKind::Cmd => "it fails with `is not recognized as an internal or external command`",
                        // The bracket begins a type there.
                        ShellKind::PowerShell => "it fails in PowerShell with a `ParserError` at the bracket",
                        ShellKind::Other => "brackets become part of the command",
                    },
                ),
            };
            let (label, help) = if it.has_backslash {
                ("a backslash starts an escape in JSON", "double the backslashes")
            } else {
                ("JSON wants double quotes and commas", "put each word in double quotes, with commas between them")
            };
            let mut message = Message::new(format!("{instruction} is not valid JSON, so {so}")).label(label).note(note);
            if it.edits.is_empty() {
                message = message.help(help);
            }
            let finding = cx.report(it.span, message);
            if it.is_refused {
                // Whatever the stage runs on, nothing is built.
                finding.severity(Severity::Error);
            } else if !windows.is_proven {
                finding.severity(Severity::Info);
            }
            if !it.edits.is_empty() {
                let edits = it.edits.iter().map(|(span, text)| Edit { span: *span, text: text.clone() }).collect();
                let fix = Fix { edits, ..Fix::new("write it as valid JSON") };
                fix.with_caveat(it.doubt.map(str::to_owned)).give(finding);
            }
        }
    }
}
