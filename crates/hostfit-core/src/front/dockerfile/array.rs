//! Turns an array that is not JSON into JSON.

use std::ops::Range;

use crate::patch::edited;

/// What is changed, and what may be wrong still.
pub(super) struct ArrayFix {
    /// Ranges of the array, in order, and the text that comes there.
    pub(super) edits: Vec<(Range<usize>, String)>,
    /// Why what it then starts may not be what is meant.
    pub(super) doubt: Option<&'static str>,
}

/// Nobody writes an array that wants more of them.
const MOST_EDITS: usize = 1000;

/// The edits after which `array` is JSON, if only one thing can be meant: double quotes around every word, commas
/// between them and none behind the last, and `pair` backslashes for each.
pub(super) fn fix(array: &str, pair: usize) -> Option<ArrayFix> {
    let mut reader = Reader { array, edits: Vec::new(), pair, single: Single::None };
    reader.read()?;
    let Reader { mut edits, single, .. } = reader;
    if single == Single::Escapes {
        return None;
    }
    if edits.len() > MOST_EDITS {
        return None;
    }
    edits.retain(|(range, text)| !range.is_empty() || !text.is_empty());
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    edits.dedup_by(|(range, text), (before, joined)| {
        let is_one = before.end == range.start && (before.start == before.end || range.start == range.end);
        if is_one {
            before.end = range.end;
            joined.push_str(text);
        }
        is_one
    });
    let fixed = edited(array, edits.iter().map(|(range, text)| (range.clone(), text.as_str())))?;
    let elements: Vec<String> = serde_json::from_str(&fixed).ok()?;
    Some(ArrayFix { doubt: doubt(&elements), edits })
}

/// What single backslashes there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Single {
    None,
    /// Each could be an escape of JSON.
    Escapes,
    /// One is in a path, or escapes nothing.
    Paths,
}

struct Reader<'a> {
    array: &'a str,
    edits: Vec<(Range<usize>, String)>,
    pair: usize,
    single: Single,
}

impl Reader<'_> {
    fn read(&mut self) -> Option<()> {
        let mut at = 1;
        // Where the last word ends, and the comma behind it.
        let (mut last, mut comma) = (None::<usize>, None::<usize>);
        loop {
            let rest = self.array.get(at..)?;
            at += rest.len() - rest.trim_start().len();
            let next = self.array.get(at..)?.chars().next()?;
            match (next, last, comma) {
                (']', ..) => {
                    self.edits.extend(comma.map(|comma| (comma..comma + 1, String::new())));
                    return (at + 1 == self.array.len()).then_some(());
                }
                (',', Some(_), None) => {
                    comma = Some(at);
                    at += 1;
                }
                (',', ..) => return None,
                (quote, ..) if closing(quote).is_some() => {
                    self.edits.extend(last.filter(|_| comma.is_none()).map(|end| (end..end, ",".to_owned())));
                    at = self.quoted(at, quote)?;
                    (last, comma) = (Some(at), None);
                }
                (_, Some(_), None) => return None,
                _ => {
                    at = self.bare(at)?;
                    (last, comma) = (Some(at), None);
                }
            }
        }
    }

    /// A word in quotes, of whatever kind; gives where it ends.
    fn quoted(&mut self, at: usize, quote: char) -> Option<usize> {
        let start = at + quote.len_utf8();
        let closings = closing(quote)?;
        let len = self.array.get(start..)?.find(closings)?;
        let word = self.array.get(start..start + len)?;
        let end = start + len;
        let close = self.array.get(end..)?.chars().next()?.len_utf8();
        let after = self.array.get(end + close..)?;
        // A quote that is escaped, or one of two kinds, may end the word or not.
        if word.ends_with('\\') || word.contains('"') || !after.trim_start().starts_with([',', ']', '"', '\'', '“']) {
            return None;
        }
        if quote != '"' {
            self.edits.push((at..start, "\"".to_owned()));
            self.edits.push((end..end + close, "\"".to_owned()));
        }
        self.backslashes(start, word)?;
        Some(end + close)
    }

    /// A word without quotes.
    fn bare(&mut self, at: usize) -> Option<usize> {
        let rest = self.array.get(at..)?;
        let len = rest.find(|char: char| char.is_whitespace() || matches!(char, ',' | ']'))?;
        let word = rest.get(..len)?;
        let is_plain = |char: char| char.is_ascii_alphanumeric() || "._:/=+@%-\\".contains(char);
        if !word.chars().all(is_plain) {
            return None;
        }
        self.edits.push((at..at, "\"".to_owned()));
        self.edits.push((at + len..at + len, "\"".to_owned()));
        self.backslashes(at, word)?;
        Some(at + len)
    }

    fn backslashes(&mut self, start: usize, word: &str) -> Option<()> {
        let mut at = 0;
        while let Some(found) = word.get(at..)?.find('\\') {
            at += found;
            let rest = word.get(at..)?;
            let run = rest.len() - rest.trim_start_matches('\\').len();
            let next = rest.get(run..)?.chars().next();
            match run {
                1 => {
                    let drive = word.get(..at)?.ends_with(':');
                    let is_escape = next.is_some_and(|next| "nrtbfu/".contains(next)) && !drive;
                    self.single = match self.single {
                        Single::None | Single::Escapes if is_escape => Single::Escapes,
                        _ => Single::Paths,
                    };
                }
                // A share, of which nobody can say how often its backslashes are meant.
                2 if at > 0 => {}
                _ => return None,
            }
            self.edits.push((start + at..start + at, "\\".repeat(self.pair.checked_sub(run)?)));
            at += run;
        }
        Some(())
    }
}

/// What ends a word that begins with this quote.
fn closing(quote: char) -> Option<&'static [char]> {
    match quote {
        '"' => Some(&['"']),
        '\'' => Some(&['\'']),
        '\u{201c}' | '\u{201d}' => Some(&['\u{201c}', '\u{201d}']),
        '\u{2018}' | '\u{2019}' => Some(&['\u{2018}', '\u{2019}']),
        _ => None,
    }
}

/// Programs that read the rest of the words as a shell does.
const SHELLS: [&str; 5] = ["cmd", "powershell", "pwsh", "bash", "sh"];

fn doubt(elements: &[String]) -> Option<&'static str> {
    let first = elements.first().map_or("", String::as_str).to_ascii_lowercase();
    if first.contains(".exe ") {
        return Some("check that the program and its arguments are separate words");
    }
    needs_shell(elements).then_some("check that nothing needs a shell: `%…%` and `&&` become plain text")
}

fn needs_shell(elements: &[String]) -> bool {
    let program = elements.first().map_or("", |first| first.rsplit(['\\', '/']).next().unwrap_or_default());
    let program = program.to_ascii_lowercase();
    let is_shell = SHELLS.contains(&program.strip_suffix(".exe").unwrap_or(&program));
    let for_shell = |element: &String| {
        let is_variable = element.matches('%').count() > 1 || element.to_ascii_lowercase().contains("$env:");
        is_variable || ["&", "|", ">", "<", ";"].contains(&element.as_str()) || element.contains("&&")
    };
    !is_shell && elements.iter().any(for_shell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(array: &str, pair: usize) -> Option<String> {
        let mut text = array.to_owned();
        for (range, new) in fix(array, pair)?.edits.iter().rev() {
            text.replace_range(range.clone(), new);
        }
        Some(text)
    }

    #[test]
    fn only_what_can_mean_one_thing_is_fixed() {
        for (array, expected) in [
            (r#"["C:\app.exe", "w3svc"]"#, Some(r#"["C:\\app.exe", "w3svc"]"#)),
            (r#"["C:\\app\bin\x.exe"]"#, Some(r#"["C:\\app\\bin\\x.exe"]"#)),
            (r#"["C:\new\table"]"#, Some(r#"["C:\\new\\table"]"#)),
            ("['app.exe', '--urls']", Some(r#"["app.exe", "--urls"]"#)),
            ("[“app.exe”, ”-v“]", Some(r#"["app.exe", "-v"]"#)),
            (r#"["a", "b", ]"#, Some(r#"["a", "b" ]"#)),
            (r#"["a" "b"]"#, Some(r#"["a", "b"]"#)),
            (r#"["a", -v]"#, Some(r#"["a", "-v"]"#)),
            (r"[dotnet, C:\app.dll]", Some(r#"["dotnet", "C:\\app.dll"]"#)),
            // The quote may be escaped or not.
            (r#"["C:\dir\", "x"]"#, None),
            (r#"["echo \"a\"", 'b']"#, None),
            // A line feed, or a folder called `nb`.
            (r"['echo', 'a\nb']", None),
            (r#"["\\server\share\x.exe"]"#, None),
            (r#"["a" b]"#, None),
            (r#"["a",, "b"]"#, None),
            (r#"["C:\a.exe"] && dir"#, None),
            (r#"["C:\a.exe""#, None),
            (r#"['it's', "b"]"#, None),
            ("['a\"b', 'c']", None),
        ] {
            assert_eq!(fixed(array, 2).as_deref(), expected, "{array}");
        }
    }

    #[test]
    fn what_the_builder_unescapes_too_has_four() {
        assert_eq!(
            fixed(r#"["My App", "C:\Program Files\\App"]"#, 4).as_deref(),
            Some(r#"["My App", "C:\\\\Program Files\\\\App"]"#)
        );
    }

    #[test]
    fn what_it_starts_may_be_in_doubt() {
        let needs = |array: &str| fix(array, 2).map(|it| it.doubt.is_some());
        assert_eq!(needs(r#"["C:\a.exe", "%HOME%"]"#), Some(true));
        assert_eq!(needs(r#"["C:\a.exe", "&&", "b"]"#), Some(true));
        assert_eq!(needs(r#"["C:\Windows\cmd.exe", "/c", "echo %HOME%"]"#), Some(false));
        assert_eq!(needs(r#"["C:\a.exe", "100%"]"#), Some(false));
        assert_eq!(needs(r#"["C:\a.exe -v"]"#), Some(true));
        assert_eq!(needs(r#"["C:\My App\a.exe"]"#), Some(false));
    }
}
