//! Which programs a command starts, as far as its words say so plainly. What stands in quotes after the first word, or
//! is an argument, is not a program.

use std::ops::Range;

use crate::windows::nano_server::{self, Missing};

/// The programs that a text for `cmd` starts and Nano Server may lack, with their bytes. `semicolons` part commands too
/// where the shell is PowerShell.
pub(super) fn in_text(text: &str, semicolons: bool) -> Vec<(Range<usize>, Missing)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = start_of_command(text, at, semicolons) {
        found.extend(program(text, start));
        at = end_of_command(text.as_bytes(), start, semicolons);
    }
    found
}

/// Where the next command starts, from `at` on, where none runs.
fn start_of_command(text: &str, at: usize, semicolons: bool) -> Option<usize> {
    let is_before =
        |char: char| char.is_whitespace() || matches!(char, '@' | '(' | '|' | '&') || char == ';' && semicolons;
    let rest = text.get(at..)?;
    rest.find(|char| !is_before(char)).map(|length| at + length)
}

/// Where the command that starts at `start` ends: at `&&`, `|` and the like; not at the one of `2>&1`.
fn end_of_command(text: &[u8], start: usize, semicolons: bool) -> usize {
    let (mut quote, mut last) = (None, b' ');
    let ends = |&(_, &byte): &(usize, &u8)| {
        let before = std::mem::replace(&mut last, byte);
        match quote {
            Some(open) if byte == open => quote = None,
            None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
            None => {
                return matches!(byte, b'|' | b'\n') || byte == b'&' && before != b'>' || byte == b';' && semicolons;
            }
            Some(_) => {}
        }
        false
    };
    text.iter().enumerate().skip(start).find(ends).map_or(text.len(), |(at, _)| at)
}

/// The program that an array of words starts, and the bytes that say so, with the number of the word that these are of:
/// the first one, or the first of a text that is handed to `cmd /c`.
pub(super) fn in_words(words: &[&str]) -> Option<(usize, Range<usize>, Missing)> {
    let first = words.first()?;
    if let Some(missing) = nano_server::missing(first) {
        return Some((0, 0..first.len(), missing));
    }
    if !is_cmd(first) {
        return None;
    }
    let is_flag = |word: &&&str| word.starts_with('/');
    let flags = words.iter().skip(1).take_while(is_flag).count();
    let command = words.get(1 + flags)?;
    let (range, missing) = program(command, command.len() - command.trim_start().len())?;
    Some((1 + flags, range, missing))
}

/// How many words may stand before a program that start it: `start /wait cmd /c`.
const MAX_STARTERS: usize = 8;

/// The program of the command that starts at `at`.
fn program(text: &str, mut at: usize) -> Option<(Range<usize>, Missing)> {
    let mut flags: Option<char> = None;
    for _ in 0..MAX_STARTERS {
        let range = word(text, at)?;
        let word = text.get(range.clone())?;
        if let Some(missing) = nano_server::missing(word) {
            return Some((range, missing));
        }
        let is = |name: &str| word.eq_ignore_ascii_case(name);
        flags = match flags.filter(|&flag| word.is_empty() || word.starts_with(flag)) {
            Some(flag) => Some(flag),
            None if is("call") || is("start") || is_cmd(word) => Some('/'),
            None if is("start-process") => Some('-'),
            None => return None,
        };
        at = range.end + usize::from(text.get(range.end..).is_some_and(|rest| rest.starts_with(['"', '\''])));
        let rest = text.get(at..)?;
        at += rest.len() - rest.trim_start_matches([' ', '\t']).len();
    }
    None
}

fn is_cmd(word: &str) -> bool {
    ["cmd", "cmd.exe"].iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// The word at `at`, without a quote before it.
fn word(text: &str, at: usize) -> Option<Range<usize>> {
    let rest = text.get(at..)?;
    let start = at + usize::from(rest.starts_with(['"', '\'']));
    let rest = text.get(start..)?;
    let ends = |it: char| it.is_whitespace() || matches!(it, '"' | '\'' | '&' | '|' | ';' | ')');
    let end = rest.find(ends).unwrap_or(rest.len());
    Some(start..start + end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn programs(text: &str) -> Vec<&'static str> {
        in_text(text, false).into_iter().map(|(_, it)| it.program).collect()
    }

    #[test]
    fn the_first_word_of_each_command_counts() {
        assert_eq!(programs("powershell -Command dir && msiexec /i a.msi"), ["powershell", "msiexec"]);
        assert_eq!(programs("dir 2>&1 | powershell -"), ["powershell"]);
        assert_eq!(programs("start /wait msiexec /i a.msi"), ["msiexec"]);
        assert_eq!(programs(r#"start "" /wait cmd /c "powershell x""#), ["powershell"]);
        assert_eq!(programs(r#"(@"C:\Windows\System32\msiexec.exe" /i)"#), ["msiexec"]);
    }

    #[test]
    fn words_that_start_nothing_do_not_count() {
        for text in [
            "echo powershell",
            "echo \"a && powershell\"",
            "mkdir powershell & copy powershell.exe C:/x",
            "set PATH=%PATH%;powershell",
            "C:/tools/powershell.exe -v",
            "pwsh -Command powershell",
            "powershell-tool run",
            "del a & rem it's & powershell",
        ] {
            assert_eq!(programs(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn an_array_is_its_first_word_or_what_cmd_is_given() {
        let program = |words: &[&str]| in_words(words).map(|(at, range, it)| (at, range, it.program));
        assert_eq!(program(&["powershell.exe", "-File"]), Some((0, 0..14, "powershell")));
        assert_eq!(program(&["cmd", "/S", "/C", "powershell -File a.ps1"]), Some((3, 0..10, "powershell")));
        assert_eq!(program(&["cmd", "/C", "app.exe", "powershell"]), None);
        assert_eq!(program(&["app.exe", "powershell"]), None);
    }
}
