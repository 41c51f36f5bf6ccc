use super::{mend::Fix, rule, stages};
use crate::{
    finding::{Edit, Severity},
    model::DockerfileBuild,
    rule::Cx,
};

rule! {
    /// An array in brackets that is no JSON. The builder does not complain: it takes the line as it stands for the shell,
    /// brackets and all. Mostly a single backslash is the reason, which JSON reads as the start of an escape; single
    /// quotes and a missing comma do it too.
    ///
    /// At run time the shell is handed `["C:\ServiceMonitor.exe"]`: `'["C:\ServiceMonitor.exe"]' is not recognized as an
    /// internal or external command`, and the container stops. COPY and ADD look for files of such names; for SHELL the
    /// build ends with `SHELL requires the arguments to be in JSON form`.
    ///
    /// The instructions of Windows stages are looked at, but not RUN, in whose text `[Net.ServicePointManager]::…` is
    /// PowerShell. The `# escape=` directive changes nothing in JSON.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// CMD ["C:\ServiceMonitor.exe", "w3svc"]
    /// #   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// CMD ["C:\\ServiceMonitor.exe", "w3svc"]
    /// ```
    ///
    /// ## How to fix it
    /// Double every backslash, or write `/` instead; use double quotes. In COPY, ADD and VOLUME the builder unescapes what
    /// JSON left once more: four backslashes, unless `# escape=` chooses the backtick.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/dockerfile/#exec-form>
    /// - <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/line_parsers.go>
    id: "exec-form-not-json",
    summary: "an exec form that is no JSON, which the builder takes as shell form",
    severity: Warning,
    check: Build(check),
}

fn check(build: &DockerfileBuild, cx: &mut Cx) {
    for windows in stages::windows(build, cx) {
        for it in &windows.stage.not_json {
            let taken = match it.instruction {
                "SHELL" => "the builder refuses it".to_owned(),
                "COPY" | "ADD" | "VOLUME" => "the builder takes it as words between blanks".to_owned(),
                _ => "the builder takes it as shell form, brackets included".to_owned(),
            };
            let instead = if it.has_backslash {
                "double the backslashes"
            } else {
                "put each word in double quotes, with commas between them"
            };
            let message = format!("{} is meant as an array but is no JSON: {taken}; {instead}", it.instruction);
            let finding = cx.report(it.span, message);
            if !windows.is_proven {
                finding.severity(Severity::Info);
            }
            if !it.edits.is_empty() {
                let edits = it.edits.iter().map(|(span, text)| Edit { span: *span, text: text.clone() }).collect();
                let mend = Fix { edits, ..Fix::new("write it as JSON") };
                mend.unless_doubtful(it.doubt.map(str::to_owned)).give(finding);
            }
        }
    }
}
