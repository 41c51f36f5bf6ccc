//! Which programs a command starts, as far as its words say so plainly. What stands in quotes after the first word, or
//! is an argument, is not a program.

use std::ops::Range;

use crate::windows::nano_server::{self, Missing};

/// The programs that a text for `cmd` starts and Nano Server may lack, with their bytes. `semicolons` part commands too
/// where the shell is PowerShell.
pub(super) fn in_text(text: &str, semicolons: bool) -> Vec<(Range<usize>, Missing)> {
    let mut found = Vec::new();
    let mut quote = None;
    let mut starts = true;
    let mut last = ' ';
    for (at, char) in text.char_indices() {
        let is_blank = char.is_whitespace() || matches!(char, '@' | '(');
        match quote {
            _ if starts && !is_blank && !is_separator(char, last, semicolons) => {
                starts = false;
                found.extend(program(text, at));
                quote = matches!(char, '"' | '\'').then_some(char);
            }
            Some(open) if char == open => quote = None,
            None if matches!(char, '"' | '\'') => quote = Some(char),
            None if is_separator(char, last, semicolons) => starts = true,
            _ => {}
        }
        last = char;
    }
    found
}

/// The program that an array of words starts, and the number of the word that says so: the first one, or the first of
/// a text that is handed to `cmd /c`.
pub(super) fn in_words(words: &[&str]) -> Option<(usize, Missing)> {
    let first = words.first()?;
    if let Some(missing) = nano_server::missing(first) {
        return Some((0, missing));
    }
    if !is_cmd(first) {
        return None;
    }
    let is_flag = |word: &&&str| word.starts_with('/');
    let flags = words.iter().skip(1).take_while(is_flag).count();
    let command = words.get(1 + flags)?;
    let (_, missing) = program(command, command.len() - command.trim_start().len())?;
    Some((1 + flags, missing))
}

/// `&&`, `|` and the like; not the one of `2>&1`.
fn is_separator(char: char, last: char, semicolons: bool) -> bool {
    matches!(char, '|' | '\n') || char == '&' && last != '>' || char == ';' && semicolons
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
        let name = word.to_ascii_lowercase();
        flags = match name.as_str() {
            _ if flags.is_some_and(|flag| name.starts_with(flag)) || name.is_empty() && flags.is_some() => flags,
            "call" | "start" => Some('/'),
            _ if is_cmd(&name) => Some('/'),
            "start-process" => Some('-'),
            _ => return None,
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
    let end = rest.find(|it: char| it.is_whitespace() || "\"'&|;)".contains(it)).unwrap_or(rest.len());
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
        let program = |words: &[&str]| in_words(words).map(|(at, it)| (at, it.program));
        assert_eq!(program(&["powershell.exe", "-File"]), Some((0, "powershell")));
        assert_eq!(program(&["cmd", "/S", "/C", "powershell -File a.ps1"]), Some((3, "powershell")));
        assert_eq!(program(&["cmd", "/C", "app.exe", "powershell"]), None);
        assert_eq!(program(&["app.exe", "powershell"]), None);
    }
}
