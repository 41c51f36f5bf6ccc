//! Unified diffs that `git apply` takes, byte for byte.

use std::io::{self, Write};

use similar::{Algorithm, DiffOp, DiffTag, capture_diff_slices, group_diff_ops};

/// Lines around a change.
const CONTEXT: usize = 3;

/// Writes what changes `old` into `new`. Without a `diff --git` line, names are relative to the folder that `git apply`
/// runs in, which is how findings call files.
pub(crate) fn write_diff(path: &str, old: &[u8], new: &[u8], out: &mut dyn Write) -> io::Result<()> {
    let (old, new): (Vec<_>, Vec<_>) = (lines(old), lines(new));
    let ops = capture_diff_slices(Algorithm::Myers, &old, &new);
    writeln!(out, "--- {}\n+++ {}", name("a", path), name("b", path))?;
    for hunk in group_diff_ops(ops, CONTEXT) {
        let (Some(first), Some(last)) = (hunk.first(), hunk.last()) else { continue };
        let old_range = header(first.old_range().start, last.old_range().end);
        let new_range = header(first.new_range().start, last.new_range().end);
        writeln!(out, "@@ -{old_range} +{new_range} @@")?;
        for op in &hunk {
            write_op(op, &old, &new, out)?;
        }
    }
    Ok(())
}

fn write_op(op: &DiffOp, old: &[&[u8]], new: &[&[u8]], out: &mut dyn Write) -> io::Result<()> {
    let gone = old.get(op.old_range()).unwrap_or_default();
    let here = new.get(op.new_range()).unwrap_or_default();
    if op.tag() == DiffTag::Equal {
        return gone.iter().try_for_each(|line| write_line(b' ', line, out));
    }
    gone.iter().try_for_each(|line| write_line(b'-', line, out))?;
    here.iter().try_for_each(|line| write_line(b'+', line, out))
}

fn write_line(mark: u8, line: &[u8], out: &mut dyn Write) -> io::Result<()> {
    out.write_all(&[mark])?;
    out.write_all(line)?;
    if line.ends_with(b"\n") { Ok(()) } else { out.write_all(b"\n\\ No newline at end of file\n") }
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

/// The name as git reads it: in quotes if it holds what would end or change it; a tab ends one with spaces.
fn name(side: &str, path: &str) -> String {
    let is_plain = |it: char| !it.is_control() && it != '"' && it != '\\';
    if path.chars().all(is_plain) {
        let end = if path.contains(' ') { "\t" } else { "" };
        return format!("{side}/{path}{end}");
    }
    let mut quoted = format!("\"{side}/");
    for byte in path.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            0x20..=0x7e => quoted.push(char::from(byte)),
            _ => quoted.extend(format!("\\{byte:03o}").chars()),
        }
    }
    quoted + "\""
}
