//! Text from files, registries and clusters, made fit for a terminal and for the log of a CI server.
//!
//! Who chooses a name must not be able to clear a screen, to turn the direction of what follows, to begin a line of its own,
//! or to give a command to the server that reads the log: GitHub's runner obeys `::error` at the start of a line, be there
//! blanks before it, and `##[error]` anywhere in one; the agent of Azure Pipelines `##vso[…]` anywhere, `TeamCity`
//! `##teamcity[…]`.
//! <https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs>,
//! <https://github.com/microsoft/azure-pipelines-agent/blob/master/src/Microsoft.VisualStudio.Services.Agent/Command.cs>.

use std::borrow::Cow;

/// Returns a name or a sentence fit to stand in one line, byte for byte as long: line ends and tabs become blanks, what a
/// terminal or a log would obey becomes question marks.
///
/// No word begins with `::` then: the line may be broken before each.
pub fn line(text: &str) -> Cow<'_, str> {
    printable(text, true)
}

/// Returns the lines of a text fit to be shown, byte for byte as long. Line ends and tabs stay.
pub fn lines(text: &str) -> Cow<'_, str> {
    printable(text, false)
}

/// Returns whether a CI server would find a command in the text.
pub fn is_obeyed(text: &str) -> bool {
    let begins = |line: &str| line.trim_start().starts_with("::");
    text.split(['\r', '\n']).any(begins) || text.match_indices('#').any(|(at, _)| is_command(text, at))
}

/// Returns the text in parts: what can stand as it is, and after each such part the character that cannot. For formats that
/// can write every character in another way.
pub fn parts(text: &str) -> impl Iterator<Item = (&str, Option<char>)> {
    let (mut rest, is_plain) = (Some(text), is_plain(text.as_bytes()));
    std::iter::from_fn(move || {
        let text = rest?;
        let is_bad = |&(at, char): &(usize, char)| is_harmful(char) || char == '#' && is_command(text, at);
        let bad = if is_plain { None } else { text.char_indices().find(is_bad) };
        let Some((at, char)) = bad else {
            rest = None;
            return Some((text, None));
        };
        rest = text.get(at + char.len_utf8()..);
        Some((text.get(..at).unwrap_or_default(), Some(char)))
    })
}

fn printable(text: &str, is_one_line: bool) -> Cow<'_, str> {
    if stays(text, is_one_line) {
        return text.into();
    }
    let mut printable = String::with_capacity(text.len());
    // Whether a log would look for a command here.
    let mut is_start = true;
    for (at, char) in text.char_indices() {
        let rest = text.get(at..).unwrap_or_default();
        let is_line_end = char == '\n' || rest.starts_with("\r\n");
        let is_kept = is_line_end || char == '\t';
        let shown = match char {
            '\t' | '\n' | '\r' if is_one_line => ' ',
            _ if is_kept => char,
            ':' if is_start && rest.starts_with("::") => '?',
            '#' if is_command(text, at) => '?',
            _ if is_harmful(char) => '?',
            _ => char,
        };
        is_start = shown.is_whitespace() && (is_start || is_one_line || is_line_end);
        let count = if shown == char { 1 } else { char.len_utf8() };
        printable.extend(std::iter::repeat_n(shown, count));
    }
    printable.into()
}

/// Whether all of it surely stays as it is, as is almost always so: findings are drawn with frames, which are not ASCII.
fn stays(text: &str, is_one_line: bool) -> bool {
    let mut before = '\0';
    text.chars().all(|char| {
        let is_fit =
            matches!(char, ' '..='~') || !is_one_line && matches!(char, '\t' | '\n') || char > '~' && !is_harmful(char);
        let is_pair = char == before && matches!(char, ':' | '#');
        before = char;
        is_fit && !is_pair
    })
}

/// Returns whether nothing in the text can do harm, as is almost always so. Says nothing of `::`, which is harmful at some places.
pub fn is_plain(text: &[u8]) -> bool {
    let is_harmless = |byte: &u8| matches!(byte, b'\t' | b'\n' | b' '..=b'~');
    // Many bytes at a time: reports may be long.
    let mut chunks = text.chunks(64);
    let is_harmless = chunks.all(|chunk| chunk.iter().fold(true, |all, byte| all & is_harmless(byte)));
    // One is looked for faster than two, and most texts have none.
    is_harmless && !(memchr::memchr(b'#', text).is_some() && text.windows(2).any(|two| two == b"##"))
}

/// Whether a command to a CI server begins there, or one of two number signs before it does.
fn is_command(text: &str, at: usize) -> bool {
    let after = text.get(at..).and_then(|rest| rest.strip_prefix("##"));
    after.is_some_and(|it| ["[", "vso[", "teamcity["].iter().any(|start| begins(it, start)))
}

fn begins(text: &str, start: &str) -> bool {
    text.get(..start.len()).is_some_and(|it| it.eq_ignore_ascii_case(start))
}

/// Whether a terminal, a log or an editor obeys the character, or shows nothing where it stands. Tabs and line ends are
/// among them.
fn is_harmful(char: char) -> bool {
    let direction =
        matches!(char, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let line_end = matches!(char, '\u{2028}' | '\u{2029}');
    let invisible = matches!(char, '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}'..='\u{2064}' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}');
    // XML cannot hold them.
    let none = matches!(char, '\u{fffe}' | '\u{ffff}');
    char.is_control() || direction || line_end || invisible || none
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_obeyed_becomes_question_marks_of_the_same_length() {
        let cases = [
            ("plain\tas\r\nit is é 漢", "plain\tas\r\nit is é 漢", "plain as  it is é 漢"),
            ("\u{1b}[31mred", "?[31mred", "?[31mred"),
            ("lone\rreturn", "lone?return", "lone return"),
            ("\u{202e}evil", "???evil", "???evil"),
            ("c1\u{9b}31m\u{85}", "c1??31m??", "c1??31m??"),
            ("a\u{2028}b\u{2029}", "a???b???", "a???b???"),
            ("a\n::error::b", "a\n?:error::b", "a ?:error::b"),
            ("a\n \t::error::b", "a\n \t?:error::b", "a   ?:error::b"),
            ("::x", "?:x", "?:x"),
            ("a ::x [A]::B", "a ::x [A]::B", "a ?:x [A]::B"),
            ("a##[error]b", "a?#[error]b", "a?#[error]b"),
            ("###vso[x]", "#?#vso[x]", "#?#vso[x]"),
            ("##VSO[x] ##teamcity[y]", "?#VSO[x] ?#teamcity[y]", "?#VSO[x] ?#teamcity[y]"),
            ("## heading [x]", "## heading [x]", "## heading [x]"),
            ("a:b::c", "a:b::c", "a:b::c"),
        ];
        for (text, as_lines, as_line) in cases {
            assert_eq!((&*lines(text), &*line(text)), (as_lines, as_line));
            assert_eq!((lines(text).len(), line(text).len()), (text.len(), text.len()));
        }
    }

    #[test]
    fn parts_are_the_whole_text() {
        for text in ["", "plain", "a\u{202e}b\u{85}", "##[x]##vso[y]", "\n"] {
            let joined: String = parts(text).flat_map(|(part, bad)| part.chars().chain(bad)).collect();
            assert_eq!(joined, text);
        }
        assert!(is_obeyed(" ::x") && is_obeyed("a\r::x") && is_obeyed("-###[x]"));
        assert!(!is_obeyed("-::x") && !is_obeyed("a ::x"));
        let harmful: Vec<_> = parts("a\u{202e}##[x]").filter_map(|it| it.1).collect();
        assert_eq!(harmful, ['\u{202e}', '#']);
    }
}
