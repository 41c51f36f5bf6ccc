use super::{rule, stages};
use crate::{
    finding::{Edit, Fix, Severity},
    model::{DockerfileBuild, LostBackslashes, Stage},
    rule::Cx,
    source::Span,
};

rule! {
    /// The builder reads a backslash as an escape and takes it away: `COPY . C:\site` copies to `C:site`, which is
    /// relative to the working folder, and `C:\app\bin` becomes `C:appbin`. The build succeeds; at run time the files are
    /// not where they are looked for: `The system cannot find the path specified`.
    ///
    /// The backslash is the escape character of a Dockerfile, unless a `# escape=` directive makes it the backtick. It is
    /// taken away in the words of ADD, COPY, VOLUME (in their JSON form too, once JSON has taken its own), WORKDIR, USER,
    /// STOPSIGNAL and EXPOSE, and in the values of ENV, LABEL and ARG. It stays in single quotes, in double quotes before
    /// anything but `\`, `"` and `$`, and in the text of RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK.
    ///
    /// Silent where nothing comes of it: a backslash before or after a relative source of a COPY, escaped quotes, blanks
    /// and variables. A lost backslash within a path with a drive is an error, unless the base image is for Linux; any other
    /// in a Windows stage is a warning.
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// COPY site C:\site
    /// #         ^^^^^^^
    /// ```
    ///
    /// ```dockerfile good
    /// # escape=`
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// COPY site C:\site
    /// ```
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// COPY site C:/site
    /// WORKDIR C:\\site
    /// ENV SITE="C:\site"
    /// RUN dir C:\site
    /// ```
    ///
    /// ## How to fix it
    /// Put `` # escape=` `` on the first line if no line of the file ends in a backslash, or double the backslashes, or
    /// write `/`. `hostfit fix` writes the directive where the builder then reads every other instruction as before, else
    /// it doubles the backslashes.
    ///
    /// ## Sources
    /// - <https://docs.docker.com/reference/dockerfile/#escape>
    /// - <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go>
    /// - <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/commands.go>
    id: "eaten-backslash",
    summary: "a backslash of a Windows path that the builder takes for an escape and removes",
    severity: Error,
    check: Build(check),
}

/// Of a word with more backslashes than anybody writes no fix is listed, edit by edit.
const MOST_DOUBLED: usize = 1000;

/// How much of what the builder reads is shown.
const SHOWN: usize = 80;

fn check(build: &DockerfileBuild, cx: &mut Cx) {
    let lost: Vec<_> = stages::not_linux(build, cx)
        .into_iter()
        .flat_map(|(stage, windows)| stage.lost_backslashes.iter().map(move |lost| (lost, windows)))
        // A drive is of Windows, whatever the base image.
        .filter(|(lost, windows)| lost.is_drive_path || windows.is_some())
        .collect();
    let count = |stage: &Stage| stage.lost_backslashes.len();
    let all = build.stages.iter().map(count).sum::<usize>();
    // The directive is for the other stages too.
    let directive = build.escape_directive.as_ref().filter(|_| lost.len() == all);
    for (lost, windows) in lost {
        let finding = cx.report(lost.span, message(lost));
        if !lost.is_drive_path {
            let is_proven = windows.is_some_and(|it| it.is_proven);
            finding.severity(if is_proven { Severity::Warning } else { Severity::Info });
        }
        if let Some((span, text)) = directive {
            let edit = Edit { span: *span, text: text.clone() };
            Fix { edits: vec![edit], ..Fix::new("choose the backtick with `# escape=`") }.give(finding);
        }
        // Bytes led to another file may stand for several.
        if (1..=MOST_DOUBLED).contains(&lost.at.len()) && lost.at.iter().all(|at| at.len() == 1) {
            let doubled = |at: &Span| Edit { span: at.part(0..0), text: "\\".to_owned() };
            Fix { edits: lost.at.iter().map(doubled).collect(), ..Fix::new("double the backslashes") }.give(finding);
        }
    }
}

fn message(lost: &LostBackslashes) -> String {
    let mut read: String = lost.read.chars().take(SHOWN).collect();
    if read.len() < lost.read.len() {
        read.push('…');
    }
    let advice = if lost.at.is_empty() {
        "it is an escape to JSON and to the builder: write `/`, or four backslashes"
    } else {
        "the backslash is the escape character here: double it, write `/`, or choose the backtick with an `# escape=` directive"
    };
    format!("{} reads this as `{read}`: {advice}", lost.instruction)
}
