//! `hostfit fix`.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{BufWriter, IsTerminal, Read, Write, stdout},
};

use hostfit_core::{
    check::Report,
    finding::{Finding, Fix},
    fix::{self, Fixed, Which},
    front::Unit,
    printable::line,
    source::{MAX_BYTES, Source, SourceId, Sources},
    windows::Date,
};

use super::selection;
use crate::{
    Exit,
    args::{self, Inputs, Selection},
    clock,
    error::Error,
    files::Folder,
    read::Files,
    report::human::number,
    settings::Settings,
    terminal::say,
    tree,
    unified::{Reader, write_diff},
    write::replace,
};

pub(crate) fn run(args: &args::Fix) -> Result<Exit, Error> {
    selection::known(&args.selection)?;
    let folder = Folder::current()?;
    let which = if args.with_unsafe { Which::All } else { Which::Safe };
    let Attempt { settings, files, fixed, refused, nothing, today } =
        attempt(&args.inputs, &args.selection, which, &folder)?;
    let quiet = args.inputs.quiet;
    super::tell_skipped(&args.inputs, &files.skipped);
    if args.diff {
        let mut out = BufWriter::new(stdout().lock());
        let reader = if stdout().is_terminal() { Reader::Terminal } else { Reader::Program };
        let mut inexact = Vec::new();
        for (id, change) in &fixed.changed {
            let path = path_of(&fixed, *id);
            let is_exact = write_diff(path, &change.old, &change.new, reader, &mut out)?;
            if !is_exact && reader == Reader::Program {
                inexact.push(format!(
                    "the diff of {path} cannot be applied: a CI server would obey lines of it, which are shown with question marks"
                ));
            }
        }
        out.flush()?;
        refused.iter().chain(&inexact).for_each(|why| say(&format!("warning: {why}")));
    } else {
        write(&files, &fixed, refused, quiet)?;
    }
    super::tell_age(today, quiet);
    if !quiet {
        match nothing {
            Some(nothing) => say(&nothing),
            None => tell(args, &files, &fixed),
        }
    }
    match selection::exit(&fixed.report.findings, selection::fail_on(&args.selection, &settings.config)) {
        // Nothing was written: what has a fix is still there.
        Exit::Clean if args.diff && !fixed.changed.is_empty() => Ok(Exit::Findings),
        exit => Ok(exit),
    }
}

/// Applies the safe fixes for `hostfit check --fix`, which reads the files again. Returns what was done.
///
/// # Errors
/// When a file cannot be written, or stdin is to be checked, which no file stands for.
pub(super) fn before_check(inputs: &Inputs, selection: &Selection) -> Result<String, Error> {
    if inputs.paths.iter().any(|path| path.as_os_str() == "-") {
        return Err(Error::message("`--fix` writes files; `hostfit fix -` prints stdin with its fixes"));
    }
    // What there is to say of the files is said by the check.
    let inputs = Inputs { quiet: true, verbose: false, ..inputs.clone() };
    let Attempt { files, fixed, refused, .. } = attempt(&inputs, selection, Which::Safe, &Folder::current()?)?;
    write(&files, &fixed, refused, true)?;
    Ok(done("fixed", &fixed))
}

/// What fixes would make of the files.
struct Attempt {
    settings: Settings,
    files: Files,
    fixed: Fixed,
    /// Why files are left as they are.
    refused: Vec<String>,
    /// That no file was read.
    nothing: Option<String>,
    today: Date,
}

fn attempt(inputs: &Inputs, selection: &Selection, which: Which, folder: &Folder) -> Result<Attempt, Error> {
    let (mut settings, mut files) = super::load(inputs)?;
    super::selection::apply(selection, folder, &mut settings, None)?;
    if files.stdin.as_ref().is_some_and(|(_, bytes)| bytes.len() > MAX_BYTES) {
        return Err(Error::message("stdin is longer than 8 MiB"));
    }
    let sources = super::sources(&mut files, folder);
    let nothing = super::nothing_checked(inputs, selection.changed, &files);
    let units = std::mem::take(&mut files.units);
    let mut kept = std::mem::take(&mut files.kept);
    let today = selection.as_of.unwrap_or_else(clock::today);
    let refused = RefCell::new(Vec::new());
    let original = |source: &Source| match bytes_of(source, &files) {
        Ok(bytes) => bytes,
        Err(why) => {
            refused.borrow_mut().push(format!("{} {why}", source.path));
            None
        }
    };
    let asked = super::asked(&files, selection.changed, &settings.config);
    let narrow = |report: &mut Report, sources: &Sources, units: &[Unit]| {
        if let Some(asked) = asked {
            report.ask(asked, sources, units, &settings.config);
        }
    };
    let fixed =
        fix::until_stable(sources, units, &settings.config, today, which, narrow, original, |sources, units| {
            files.charts.renew(&mut kept, sources, units, &settings.config, folder)
        });
    Ok(Attempt { refused: refused.into_inner(), settings, files, fixed, nothing, today })
}

/// The bytes of a file that may be changed: one that the command line means. None of others.
fn bytes_of(source: &Source, files: &Files) -> Result<Option<Vec<u8>>, String> {
    if let Some((Some(id), bytes)) = &files.stdin
        && *id == source.id
    {
        return Ok(Some(bytes.clone()));
    }
    let Some(path) = files.meant.get(&source.id) else { return Ok(None) };
    if fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink()) {
        return Err("is a link: fix the file that it leads to".to_owned());
    }
    let mut bytes = Vec::new();
    tree::open_plain(path)
        .and_then(|file| Ok(file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes)?))
        .map_err(|refused| format!("cannot be read: {refused}"))?;
    let now = Source::decode(source.id, source.path.clone(), bytes.clone()).ok();
    if now.is_none_or(|now| *now.text != *source.text) {
        return Err("was changed by somebody else meanwhile".to_owned());
    }
    Ok(Some(bytes))
}

fn path_of(fixed: &Fixed, id: SourceId) -> &str {
    fixed.sources.get(id).map_or("", |source| &source.path)
}

/// Writes every changed file; one that cannot be written stops none of the others.
fn write(files: &Files, fixed: &Fixed, mut failed: Vec<String>, quiet: bool) -> Result<(), Error> {
    let mut out = BufWriter::new(stdout().lock());
    if let Some((id, bytes)) = &files.stdin {
        let change = id.and_then(|id| fixed.changed.get(&id));
        out.write_all(change.map_or(bytes, |change| &change.new))?;
    }
    for (id, change) in &fixed.changed {
        let Some(path) = files.meant.get(id) else { continue };
        let shown = path_of(fixed, *id);
        match replace(path, &change.old, &change.new) {
            Ok(lost) => {
                if files.stdin.is_none() && !quiet {
                    writeln!(out, "fixed {}", line(shown))?;
                }
                if let Some(lost) = lost {
                    say(&format!("warning: {shown} {lost}"));
                }
            }
            Err(why) => failed.push(format!("{shown} {why}")),
        }
    }
    out.flush()?;
    match failed.as_slice() {
        [] => Ok(()),
        [only] => Err(Error::message(only.clone())),
        [others @ .., last] => {
            for one in others {
                say(&format!("error: {one}"));
            }
            Err(Error::message(last.clone()))
        }
    }
}

fn tell(args: &args::Fix, files: &Files, fixed: &Fixed) {
    let verb = if args.diff { "would fix" } else { "fixed" };
    let left = &fixed.report.findings;
    let may_change = |id| files.meant.contains_key(&id) || files.stdin.as_ref().is_some_and(|it| it.0 == Some(id));
    let is_left_out = |fix: &Fix| !fix.is_safe() && fix.edits.iter().all(|it| may_change(it.span.source));
    let left_out = left.iter().filter(|finding| finding.fixes.iter().any(is_left_out)).count();
    let hint = if left_out > 0 && !args.with_unsafe {
        format!(", of which `--unsafe` fixes {left_out}")
    } else {
        String::new()
    };
    for (path, count) in out_of_reach(left, fixed, may_change) {
        let (what, is) = (number(count, "fix"), if count == 1 { "is" } else { "are" });
        say(&format!("{what} in {path} {is} not applied: the file is not among the given paths"));
    }
    say(&format!("{}; {} left{hint}", done(verb, fixed), number(left.len(), "finding")));
}

/// `fixed 3 findings in 2 files`.
fn done(verb: &str, fixed: &Fixed) -> String {
    format!("{verb} {} in {}", number(fixed.applied, "finding"), number(fixed.changed.len(), "file"))
}

/// The files that safe fixes of what is left would change and may not, with how many of these there are.
fn out_of_reach(left: &[Finding], fixed: &Fixed, may_change: impl Fn(SourceId) -> bool) -> BTreeMap<String, usize> {
    let mut files = BTreeMap::new();
    let safe = left.iter().filter_map(|it| it.fixes.iter().find(|fix| fix.is_safe()));
    for fix in safe {
        let outside = fix.edits.iter().map(|edit| edit.span.source).find(|id| !may_change(*id));
        if let Some(id) = outside {
            *files.entry(path_of(fixed, id).to_owned()).or_default() += 1;
        }
    }
    files
}
