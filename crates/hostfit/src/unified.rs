//! Unified diffs that `git apply` takes, byte for byte.

use std::io::{self, Write};

use hostfit_core::printable;
use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

/// Lines around a change.
const CONTEXT: usize = 3;

/// Who reads a diff.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reader {
    /// A terminal, which must obey nothing in it.
    Terminal,
    /// A program, or the log of a CI server: bytes stay as they are, but for lines that give a command to such a server.
    Program,
}

/// Writes what changes `old` into `new`, and returns whether that is what `git apply` takes. Without a `diff --git` line, names are relative to the folder that `git apply`
/// runs in, which is how findings call files.
pub(crate) fn write_diff(path: &str, old: &[u8], new: &[u8], reader: Reader, out: &mut dyn Write) -> io::Result<bool> {
    let mut is_exact = true;
    let (old, new): (Vec<_>, Vec<_>) = (lines(old), lines(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    writeln!(out, "--- {}\n+++ {}", name("a", path), name("b", path))?;
    for hunk in group_diff_ops(ops, CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let old_range = header(first.old_range().start, last.old_range().end);
        let new_range = header(first.new_range().start, last.new_range().end);
        writeln!(out, "@@ -{old_range} +{new_range} @@")?;
        for op in &hunk {
            for (mark, line) in marked(op, &old, &new) {
                is_exact &= write_line(mark, line, reader, out)?;
            }
        }
    }
    Ok(is_exact)
}

/// The lines of a part, each with what says what becomes of it.
fn marked<'a>(op: &DiffOp, old: &[&'a [u8]], new: &[&'a [u8]]) -> Vec<(char, &'a [u8])> {
    let gone = old.get(op.old_range()).unwrap_or_default();
    let here = new.get(op.new_range()).unwrap_or_default();
    let mark = |mark| move |line: &&'a [u8]| (mark, *line);
    if op.tag() == DiffTag::Equal {
        return gone.iter().map(mark(' ')).collect();
    }
    gone.iter().map(mark('-')).chain(here.iter().map(mark('+'))).collect()
}

/// Writes a line, and returns whether it is as it was.
fn write_line(mark: char, line: &[u8], reader: Reader, out: &mut dyn Write) -> io::Result<bool> {
    let text = format!("{mark}{}", String::from_utf8_lossy(line));
    let is_exact = reader == Reader::Program && !printable::is_obeyed(&text);
    if is_exact {
        write!(out, "{mark}")?;
        out.write_all(line)?;
    } else {
        out.write_all(printable::lines(&text).as_bytes())?;
    }
    if !line.ends_with(b"\n") {
        out.write_all(b"\n\\ No newline at end of file\n")?;
    }
    Ok(is_exact)
}

fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    bytes.split_inclusive(|&byte| byte == b'\n').collect()
}

/// `first,count`; of no lines the line before them.
fn header(start: usize, end: usize) -> String {
    match end - start {
        0 => format!("{start},0"),
        1 => format!("{}", start + 1),
        count => format!("{},{count}", start + 1),
    }
}

/// The name as git reads it: in quotes if it holds what would end or change it, or what a terminal or a log obeys; a tab ends
/// one with spaces.
fn name(side: &str, path: &str) -> String {
    if !path.contains(['"', '\\']) && printable::line(path) == path {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}/{path}{end}");
    }
    let mut quoted = format!("\"{side}/");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'~' if byte != b'#' => quoted.push(char::from(byte)),
            _ => quoted.extend(format!("\\{byte:03o}").chars()),
        }
    }
    quoted + "\""
}
