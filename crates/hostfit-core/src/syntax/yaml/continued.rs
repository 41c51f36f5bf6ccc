//! Quoted values whose next line stands no deeper than their key. YAML wants it deeper; the libraries that kubectl,
//! Helm and Compose read with (libyaml's scanner and its ports to Go) do not look.

use super::stop::Stop;

/// The line breaks of the quoted value in which the parser stopped over the indentation of its next line. None where
/// the quote is not closed at the end of a line, so that it is likely missing further up.
pub(super) fn line_breaks(text: &str, stop: &Stop) -> Option<Vec<usize>> {
    let start = opening_quote(text, stop.after, stop.at)?;
    let end = closing_quote(text.get(start..)?)? + start;
    let rest = text.get(end + 1..)?.lines().next().unwrap_or_default();
    let is_comment = rest.trim_start().starts_with('#');
    if !rest.trim().is_empty() && !is_comment {
        return None;
    }
    let value = text.get(start..end)?;
    let is_read = |line: &str| !line.starts_with("---") && !line.starts_with("...");
    let is_break = |(at, byte): (usize, u8)| matches!(byte, b'\n' | b'\r').then_some(start + at);
    value.split('\n').skip(1).all(is_read).then(|| value.bytes().enumerate().filter_map(is_break).collect())
}

/// The quote that opens the value between the end of what was understood before it and the place where the parser
/// stopped: behind a key, a dash, properties and comments.
fn opening_quote(text: &str, after: usize, stop: usize) -> Option<usize> {
    let mut at = after;
    let mut follows_blank = true;
    while at < stop {
        let rest = text.get(at..stop)?;
        let first = rest.chars().next()?;
        let to_line_end = || rest.find('\n').unwrap_or(rest.len());
        let word = || rest.find(char::is_whitespace).unwrap_or(rest.len());
        at += match first {
            '"' | '\'' => {
                let quote = closing_quote(rest);
                // One that is closed before is a key.
                let Some(end) = quote else { return Some(at) };
                end + 1
            }
            '#' if follows_blank => to_line_end(),
            '!' | '&' => word(),
            _ if first.is_whitespace() || matches!(first, ':' | '-' | '?') => first.len_utf8(),
            _ => rest.find(": ").filter(|colon| *colon < to_line_end())?,
        };
        follows_blank = first.is_whitespace();
    }
    None
}

/// Where the quote that opens `text` is closed.
fn closing_quote(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 1;
    if bytes.first() == Some(&b'\'') {
        loop {
            at += memchr::memchr(b'\'', bytes.get(at..)?)?;
            if bytes.get(at + 1) != Some(&b'\'') {
                return Some(at);
            }
            at += 2;
        }
    }
    loop {
        at += memchr::memchr2(b'"', b'\\', bytes.get(at..)?)?;
        if bytes.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}
