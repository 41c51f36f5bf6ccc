//! `hostfit fix`.

use std::{
    cell::RefCell,
    collections::BTreeMap,
    fs,
    io::{BufWriter, IsTerminal, Read, Write, stderr, stdout},
};

use hostfit_core::{
    check::Report,
    finding::{Finding, Fix},
    fix::{self, Fixed, Which},
    front::Unit,
    printable::line,
    source::{MAX_BYTES, Source, SourceId, Sources},
};

use super::check;
use crate::{
    Exit, args, clock,
    error::Error,
    files::Folder,
    read::Files,
    report::human::number,
    tree,
    unified::{Reader, write_diff},
    write::replace,
};

pub(crate) fn run(args: &args::Fix) -> Result<Exit, Error> {
    check::known(&args.judging)?;
    let folder = Folder::current()?;
    let (mut settings, mut files) = super::load(&args.inputs)?;
    check::apply(&args.judging, &folder, &mut settings.config)?;
    check::tell_skipped(&args.inputs, &files.skipped);
    if files.stdin.as_ref().is_some_and(|(_, bytes)| bytes.len() > MAX_BYTES) {
        return Err(Error::message("stdin is longer than 8 MiB"));
    }
    let (sources, units) = (super::sources(&mut files, &folder), std::mem::take(&mut files.units));
    let today = args.judging.as_of.unwrap_or_else(clock::today);
    let which = if args.with_unsafe { Which::All } else { Which::Safe };
    let refused = RefCell::new(Vec::new());
    let original = |source: &Source| match bytes_of(source, &files) {
        Ok(bytes) => bytes,
        Err(why) => {
            refused.borrow_mut().push(format!("{} {why}", source.path));
            None
        }
    };
    let asked = super::asked(&files, args.judging.changed, &settings.config);
    let narrow = |report: &mut Report, sources: &Sources, units: &[Unit]| {
        if let Some(asked) = asked {
            report.ask(asked, sources, units, &settings.config);
        }
    };
    let fixed = fix::until_stable(sources, units, &settings.config, today, which, narrow, original);
    let refused = refused.into_inner();
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
        let refused = refused.into_iter().chain(inexact);
        for why in refused {
            let _ = writeln!(stderr().lock(), "warning: {}", line(&why));
        }
    } else {
        write(args, &files, &fixed, refused)?;
    }
    super::tell_age(today, args.inputs.quiet);
    tell(args, &files, &fixed);
    match check::exit(&fixed.report.findings, check::fail_on(&args.judging, &settings.config)) {
        // Nothing was written: what has a fix is still there.
        Exit::Clean if args.diff && !fixed.changed.is_empty() => Ok(Exit::Findings),
        exit => Ok(exit),
    }
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
        .map_err(|refused| format!("can't be read: {refused}"))?;
    let now = Source::decode(source.id, source.path.clone(), bytes.clone()).ok();
    if now.is_none_or(|now| now.text != source.text) {
        return Err("was changed by somebody else meanwhile".to_owned());
    }
    Ok(Some(bytes))
}

fn path_of(fixed: &Fixed, id: SourceId) -> &str {
    fixed.sources.get(id).map_or("", |source| &source.path)
}

/// Writes every changed file; one that can't be written stops none of the others.
fn write(args: &args::Fix, files: &Files, fixed: &Fixed, mut failed: Vec<String>) -> Result<(), Error> {
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
                if files.stdin.is_none() && !args.inputs.quiet {
                    writeln!(out, "fixed {}", line(shown))?;
                }
                if let Some(lost) = lost {
                    // That nobody may read it is no failure of the run.
                    let _ = writeln!(stderr().lock(), "warning: {} {}", line(shown), line(&lost));
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
            let mut err = stderr().lock();
            for one in others {
                // That nobody may read it is no failure of the run.
                let _ = writeln!(err, "error: {}", line(one));
            }
            Err(Error::message(last.clone()))
        }
    }
}

fn tell(args: &args::Fix, files: &Files, fixed: &Fixed) {
    if args.inputs.quiet {
        return;
    }
    let verb = if args.diff { "would mend" } else { "mended" };
    let left = &fixed.report.findings;
    let may_change = |id| files.meant.contains_key(&id) || files.stdin.as_ref().is_some_and(|it| it.0 == Some(id));
    let is_left_out = |fix: &Fix| !fix.is_safe() && fix.edits.iter().all(|it| may_change(it.span.source));
    let left_out = left.iter().filter(|finding| finding.fixes.iter().any(is_left_out)).count();
    let hint = if left_out > 0 && !args.with_unsafe {
        format!(", of which `--unsafe` would mend {left_out}")
    } else {
        String::new()
    };
    let mut err = stderr().lock();
    for (path, count) in out_of_reach(left, fixed, may_change) {
        let (what, is) = (number(count, "fix"), if count == 1 { "is" } else { "are" });
        let path = line(&path).into_owned();
        let _ = writeln!(err, "{what} in {path} {is} not applied: the file is not among the given paths");
    }
    // That nobody may read it is no failure of the run.
    let _ = writeln!(
        err,
        "{verb} {} in {}; {} left{hint}",
        number(fixed.applied, "finding"),
        number(fixed.changed.len(), "file"),
        number(left.len(), "finding")
    );
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
