use super::{rule, stages};
use crate::{
    finding::{Edit, Fix, Message, Severity},
    model::{DockerfileBuild, LostBackslashes, Stage},
    rule::Cx,
    source::Span,
};

rule! {
    /// ## What it checks
    /// Backslashes that the builder reads as escape characters and removes. The backslash is the escape character of a Dockerfile,
    /// unless a `# escape=` directive chooses the backtick. It is removed in the words of ADD, COPY, VOLUME (in their JSON form too),
    /// WORKDIR, USER, STOPSIGNAL and EXPOSE, and in the values of ENV, LABEL and ARG. It stays in single quotes, in double quotes
    /// before anything but `\`, `"` and `$`, and in the text of RUN, CMD, ENTRYPOINT, SHELL and HEALTHCHECK.
    ///
    /// ## Why it matters
    /// `COPY . C:\site` copies to `C:site`, which is relative to the working folder. The build succeeds, but the files are in another
    /// place: `The system cannot find the path specified`. A backslash lost in a path with a drive is an error, unless the base image
    /// is for Linux. Any other in a Windows stage is a warning.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// COPY site C:\site
    /// #         ^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Put `` # escape=` `` on the first line if no line of the file ends in a backslash, double the backslashes, or write `/`.
    /// `hostfit fix` writes the directive where the builder reads every other instruction as before, and doubles the backslashes
    /// elsewhere.
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
    /// ## Sources
    /// - <https://docs.docker.com/reference/dockerfile/#escape>
    /// - <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/shell/lex.go>
    /// - <https://github.com/moby/buildkit/blob/master/frontend/dockerfile/instructions/commands.go>
    id: "eaten-backslash",
    summary: "a backslash in a Windows path that the builder reads as an escape character and removes",
    severity: Error,
    check: Build(check),
}

/// The most backslashes in a word that a fix doubles: it lists one edit for each.
const MOST_DOUBLED: usize = 1000;

/// The most characters of a word that a message shows.
const SHOWN: usize = 40;

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
        let written = cx.sources.get(lost.span.source).map_or("", |source| source.slice(lost.span));
        let mut message = message(lost, written);
        // Bytes led to another file may stand for several.
        let can_double = (1..=MOST_DOUBLED).contains(&lost.at.len()) && lost.at.iter().all(|at| at.len() == 1);
        if can_double || directive.is_some() {
            message.help = None;
        }
        let finding = cx.report(lost.span, message);
        if !lost.is_drive_path {
            let is_proven = windows.is_some_and(|it| it.is_proven);
            finding.severity(if is_proven { Severity::Warning } else { Severity::Info });
        }
        if let Some((span, text)) = directive {
            let edit = Edit { span: *span, text: text.clone() };
            Fix { edits: vec![edit], ..Fix::new("make the backtick the escape character with `# escape=`") }
                .give(finding);
        }
        if can_double {
            let doubled = |at: &Span| Edit { span: at.part(0..0), text: "\\".to_owned() };
            Fix { edits: lost.at.iter().map(doubled).collect(), ..Fix::new("double the backslashes") }.give(finding);
        }
    }
}

fn message(lost: &LostBackslashes, written: &str) -> Message {
    let (instruction, read) = (lost.instruction, shown(&lost.read));
    let headline = if written.contains('\n') {
        format!("{instruction} reads this path as `{read}`")
    } else {
        format!("{instruction} reads `{}` as `{read}`", shown(written))
    };
    let (label, help) = if lost.at.is_empty() {
        ("JSON and the builder each remove a backslash", "write `/`, or four backslashes")
    } else {
        ("the backslash is the escape character", "double the backslashes, or write `/`")
    };
    let message = Message::new(headline).label(label).help(help);
    match instruction {
        "COPY" | "ADD" | "WORKDIR" if lost.is_drive_path => message.note(
            "the build succeeds, and what looks for the path fails with `The system cannot find the path specified`",
        ),
        _ => message,
    }
}

/// The start of a word.
fn shown(word: &str) -> String {
    let mut start: String = word.chars().take(SHOWN).collect();
    if start.len() < word.len() {
        start.push('…');
    }
    start
}
