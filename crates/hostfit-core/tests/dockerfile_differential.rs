//! The Dockerfile parser beside another one: the `parse-dockerfile` crate, over everything in `fixtures/` and inputs
//! that show one rule each. Both must see the same instructions at the same bytes; where they differ, it is listed.
#![allow(clippy::disallowed_methods, reason = "the fixtures are files")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use hostfit_core::{
    source::SourceId,
    syntax::dockerfile::{Keyword, parse},
};
use parse_dockerfile::{Instruction, parse_iter};

/// Where the two differ, and what BuildKit does.
const DIVERGENCES: [(&str, &str); 1] = [(
    "escaped escape at a line end",
    "BuildKit continues no line that ends with two escape characters (`lineContinuationRegex`); so does ours",
)];

/// Keyword and its place.
type Seen = (&'static str, usize);

fn ours(text: &str) -> Vec<Seen> {
    let file = parse(SourceId(0), text);
    let known = file.instructions.iter().filter_map(|it| Some((it.keyword?.name(), it.keyword_span.range().start)));
    known.collect()
}

/// What the crate sees, up to its first error. It counts bytes from after a byte order mark.
fn theirs(text: &str) -> (Vec<Seen>, Option<String>) {
    let mark = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut seen = Vec::new();
    let instructions = match parse_iter(text) {
        Ok(instructions) => instructions,
        Err(error) => return (seen, Some(error.to_string())),
    };
    for instruction in instructions {
        let instruction = match instruction {
            Ok(instruction) => instruction,
            Err(error) => return (seen, Some(error.to_string())),
        };
        let (keyword, span) = match &instruction {
            Instruction::Add(it) => (Keyword::Add, &it.add.span),
            Instruction::Arg(it) => (Keyword::Arg, &it.arg.span),
            Instruction::Cmd(it) => (Keyword::Cmd, &it.cmd.span),
            Instruction::Copy(it) => (Keyword::Copy, &it.copy.span),
            Instruction::Entrypoint(it) => (Keyword::Entrypoint, &it.entrypoint.span),
            Instruction::Env(it) => (Keyword::Env, &it.env.span),
            Instruction::Expose(it) => (Keyword::Expose, &it.expose.span),
            Instruction::From(it) => (Keyword::From, &it.from.span),
            Instruction::Healthcheck(it) => (Keyword::Healthcheck, &it.healthcheck.span),
            Instruction::Label(it) => (Keyword::Label, &it.label.span),
            Instruction::Maintainer(it) => (Keyword::Maintainer, &it.maintainer.span),
            Instruction::Onbuild(it) => (Keyword::Onbuild, &it.onbuild.span),
            Instruction::Run(it) => (Keyword::Run, &it.run.span),
            Instruction::Shell(it) => (Keyword::Shell, &it.shell.span),
            Instruction::Stopsignal(it) => (Keyword::StopSignal, &it.stopsignal.span),
            Instruction::User(it) => (Keyword::User, &it.user.span),
            Instruction::Volume(it) => (Keyword::Volume, &it.volume.span),
            Instruction::Workdir(it) => (Keyword::Workdir, &it.workdir.span),
            other => return (seen, Some(format!("a new instruction: {other:?}"))),
        };
        seen.push((keyword.name(), mark + span.start));
    }
    (seen, None)
}

/// What differs, if anything does.
fn difference(text: &str) -> Option<String> {
    let ours = ours(text);
    let (theirs, error) = theirs(text);
    match error {
        Some(error) => Some(error),
        None if ours != theirs => Some(format!("{ours:?} beside {theirs:?}")),
        None => None,
    }
}

#[test]
fn both_parsers_see_the_same_in_tricky_inputs() {
    let inputs: [(&str, &str); 24] = [
        ("continuation", "FROM a\nRUN b \\\n  c\nUSER d\n"),
        ("continuation with backtick", "# escape=`\nFROM a\nRUN b `\n  c\nUSER d\n"),
        ("directive in any case", "#EsCaPe = `\nFROM a\nRUN b `\n  c\nUSER d\n"),
        ("directive after a comment", "# x\n# escape=`\nFROM a\nRUN b `\nUSER d\n"),
        ("directive after a blank line", "\n# escape=`\nFROM a\nRUN b `\nUSER d\n"),
        ("comment in a continuation", "FROM a\nRUN b \\\n# x\n  # y\n  c\nUSER d\n"),
        ("blank line in a continuation", "FROM a\nRUN b \\\n\n \t\n  c\nUSER d\n"),
        ("blanks after a continuation", "FROM a\nRUN b \\ \t\n  c\nUSER d\n"),
        ("escaped escape at a line end", "FROM a\nRUN b \\\\\nUSER d\n"),
        ("carriage returns", "FROM a\r\nRUN b \\\r\n  c\r\nUSER d\r\n"),
        ("byte order mark", "\u{feff}FROM a\nRUN b\n"),
        ("keywords in any case", "from a as b\nrUn c\n"),
        ("heredoc", "FROM a\nRUN <<EOF\nUSER x\nEOF\nUSER d\n"),
        ("heredoc without tabs", "FROM a\nRUN <<-EOF\n\tUSER x\n\tEOF\nUSER d\n"),
        ("quoted heredoc", "FROM a\nCOPY <<'E' \"/d\"\n$x\nE\nUSER d\n"),
        ("two heredocs", "FROM a\nCOPY <<A <<B /d\nB\nA\nA\nB\nUSER d\n"),
        ("quoted redirection", "FROM a\nRUN echo \"<<E\"\nUSER d\n"),
        ("JSON", "FROM a\nCMD [\"b\", \"c\"]\nUSER d\n"),
        ("invalid JSON", "FROM a\nCMD [\"C:\\app.exe\"]\nUSER d\n"),
        ("flags", "FROM --platform=linux/amd64 a\nCOPY --from=b --chown=c d e\nUSER f\n"),
        ("trigger", "FROM a\nONBUILD RUN b \\\n  c\nUSER d\n"),
        ("healthcheck", "FROM a\nHEALTHCHECK --interval=5m CMD b\nHEALTHCHECK NONE\n"),
        ("no line end", "FROM a\nRUN b"),
        ("indented", "  FROM a\n\tRUN b\n"),
    ];
    for (name, text) in inputs {
        let listed = DIVERGENCES.iter().find(|(it, _)| *it == name);
        match (difference(text), listed) {
            (Some(difference), None) => panic!("{name}: {difference}"),
            (None, Some(_)) => panic!("{name} no longer differs"),
            (Some(_), Some(_)) | (None, None) => {}
        }
    }
}

#[test]
fn both_parsers_see_the_same_in_all_fixtures() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    let mut files = Vec::new();
    dockerfiles(&fixtures, &mut files);
    for path in files {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let name = path.strip_prefix(&fixtures).unwrap_or(&path).to_string_lossy().replace('\\', "/");
        let listed = DIVERGENCES.iter().any(|(it, _)| *it == name);
        match difference(&text) {
            Some(difference) => assert!(listed, "{name}: {difference}"),
            None => assert!(!listed, "{name} no longer differs"),
        }
    }
}

/// Files named as Dockerfiles usually are, `hostile/` left out: what is broken there is broken on purpose.
fn dockerfiles(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        if path.is_dir() && name != "hostile" {
            dockerfiles(&path, found);
        } else if name.contains("dockerfile") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
}
