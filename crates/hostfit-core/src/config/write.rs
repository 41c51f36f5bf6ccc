//! What is written into `hostfit.toml`, fleet files and `hostfit.lock`.

use std::fmt::Write as _;

use crate::printable;

/// The configuration's name.
pub const NAME: &str = "hostfit.toml";

/// Returns a key of TOML, in quotes where it needs them.
pub fn key(key: &str) -> String {
    let is_bare = !key.is_empty() && key.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it));
    if is_bare { key.to_owned() } else { quoted(key) }
}

/// Returns a basic string of TOML, which may hold anything.
pub fn quoted(text: &str) -> String {
    let mut quoted = "\"".to_owned();
    for (part, other) in printable::parts(text) {
        for letter in part.chars() {
            match letter {
                '"' | '\\' => quoted.extend(['\\', letter]),
                '\t' | '\n' => escape(letter, &mut quoted),
                letter => quoted.push(letter),
            }
        }
        if let Some(letter) = other {
            escape(letter, &mut quoted);
        }
    }
    quoted.push('"');
    quoted
}

fn escape(letter: char, quoted: &mut String) {
    let code = u32::from(letter);
    // Writing to a string cannot fail.
    let _ = if code > 0xffff { write!(quoted, "\\U{code:08X}") } else { write!(quoted, "\\u{code:04X}") };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for text in [
            "",
            "web-1_a",
            "kubernetes.io/os",
            "a\"b\\c",
            "tab\there",
            "line\nend\r",
            "\u{7f}\u{0}\u{1b}",
            "ümlaut",
            "\u{202e}\u{e0001}\u{85}##vso[x]",
        ] {
            let line = format!("{} = {}", key(text), quoted(text));
            let table: toml::Table = line.parse().expect(&line);
            assert_eq!(table.get(text).and_then(toml::Value::as_str), Some(text), "{line}");
        }
        assert_eq!(key("web-1_a"), "web-1_a");
    }
}
