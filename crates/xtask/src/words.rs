//! Keeps the words: what people read has none that another word says better.

use std::{
    fs,
    io::{self, Error},
    path::Path,
    process::Command,
};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use crate::tools;

/// A word that is not written, and what is written instead.
struct Word {
    not: &'static str,
    write: &'static str,
    /// Whether a doc comment may have it.
    is_fine_in_comments: bool,
}

const fn word(not: &'static str, write: &'static str) -> Word {
    Word { not, write, is_fine_in_comments: false }
}

const fn contraction(not: &'static str, write: &'static str) -> Word {
    Word { not, write, is_fine_in_comments: true }
}

/// Letters before and after make another word of it, but for the endings in [`ENDINGS`].
const WORDS: &[Word] = &[
    word("mend", "fix"),
    word("put up with", "accept"),
    word("puts up with", "accepts"),
    word("whence", "where … comes from, source, provenance"),
    word("is no", "is not a"),
    word("are no", "are not"),
    word("is none", "is not"),
    word("are none", "are not"),
    word("tells", "says, reports, shows"),
    word("is told", "is reported"),
    word("are told", "are reported"),
    word("speaks", "reports"),
    word("is silent", "is disabled, reports nothing"),
    word("truth value", "Boolean"),
    word("array of texts", "list of strings"),
    word("small letters", "lowercase"),
    word("is published since", "has been published since"),
    word("is out of support since", "has been out of support since"),
    word("take away", "suppress, remove"),
    word("takes away", "suppresses, removes"),
    word("took away", "suppressed, removed"),
    contraction("can't", "cannot"),
    contraction("doesn't", "does not"),
    contraction("isn't", "is not"),
    contraction("won't", "will not"),
    contraction("don't", "do not"),
    contraction("aren't", "are not"),
];

const ENDINGS: [&str; 4] = ["ed", "ing", "s", ""];

/// What begins with one of the words and is fine.
const FINE: [&str; 3] = ["is no longer", "are no longer", "is no-op"];

/// What may stand before "is no" and its like: "there is no lock file" is plain English.
const THERE: &str = "there ";

/// Files that hold the errors of Docker and Kubernetes word by word.
const QUOTES_OTHERS: [&str; 2] =
    ["crates/hostfit-core/src/diagnose/find.rs", "crates/hostfit-core/src/syntax/dockerfile/refuse.rs"];

/// Refuses the words in Markdown files, in doc comments and in string literals.
///
/// # Errors
/// When one is found; all of them are listed with their places.
pub(crate) fn check() -> io::Result<()> {
    println!("$ the words of docs, help, messages and doc comments");
    let root = tools::root()?;
    let listed = Command::new("git").args(["ls-files", "--", "*.md", "*.rs"]).current_dir(&root).output()?;
    let mut found = Vec::new();
    for path in String::from_utf8_lossy(&listed.stdout).lines().filter(|path| is_read(path)) {
        let text = fs::read_to_string(root.join(path))?;
        let is_rust = Path::new(path).extension().is_some_and(|extension| extension == "rs");
        let faults = if is_rust { in_rust(&text)? } else { in_markdown(&text) };
        found.extend(faults.into_iter().map(|(line, fault)| format!("{path}:{line}: {fault}")));
    }
    if found.is_empty() {
        return Ok(());
    }
    let count = found.len();
    Err(Error::other(format!("not ready: {count} words that are said better\n{}", found.join("\n"))))
}

/// Whether people read it: not what tests are made of.
fn is_read(path: &str) -> bool {
    let is_test = |part: &str| matches!(part, "tests" | "fixtures" | "tests.rs" | "benches" | "tests.md");
    let name = Path::new(path).file_name().and_then(|name| name.to_str()).unwrap_or_default();
    !path.split('/').any(is_test) && name != "words.rs" && !QUOTES_OTHERS.contains(&path)
}

type Faults = Vec<(usize, String)>;

/// Outside of code.
fn in_markdown(text: &str) -> Faults {
    let (mut found, mut in_fence) = (Vec::new(), false);
    for (number, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_fence = !in_fence;
        } else if !in_fence {
            found.extend(faults(line, true).map(|fault| (number + 1, fault)));
        }
    }
    found
}

fn in_rust(text: &str) -> io::Result<Faults> {
    let tokens: TokenStream = text.parse().map_err(|error| Error::other(format!("{error}")))?;
    let mut found = Vec::new();
    in_tokens(tokens, &mut found);
    Ok(found)
}

/// In doc comments, which are attributes here, and in literals; modules of tests are left out.
fn in_tokens(tokens: TokenStream, found: &mut Faults) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    let is_ident = |at: Option<usize>, name: &str| {
        at.and_then(|at| tokens.get(at)).is_some_and(|token| matches!(token, TokenTree::Ident(it) if it == name))
    };
    for (at, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let is_tests = group.delimiter() == Delimiter::Brace
                    && is_ident(at.checked_sub(1), "tests")
                    && is_ident(at.checked_sub(2), "mod");
                if !is_tests {
                    in_tokens(group.stream(), found);
                }
            }
            TokenTree::Literal(literal) => {
                let text = literal.to_string();
                let is_doc = is_ident(at.checked_sub(2), "doc");
                if text.contains('"') {
                    let line = literal.span().start().line;
                    found.extend(faults(&text, !is_doc).map(|fault| (line, fault)));
                }
            }
            _ => {}
        }
    }
}

/// The words in a text, without the code in it.
fn faults(text: &str, is_message: bool) -> impl Iterator<Item = String> {
    let plain = without_code(text).replace("\\n", " ").to_lowercase();
    let words = WORDS.iter().filter(move |word| is_message || !word.is_fine_in_comments);
    words.filter(move |word| has(&plain, word.not)).map(|word| format!("`{}`: write {}", word.not, word.write))
}

/// The text, with a backtick for each piece of code, which ends at as many backticks as it begins with.
fn without_code(mut text: &str) -> String {
    let mut plain = String::new();
    while let Some((before, rest)) = text.split_once('`') {
        let code = rest.trim_start_matches('`');
        let (fence, _) = text.split_at(text.len() - code.len());
        let fence = fence.trim_start_matches(|char| char != '`');
        plain.push_str(before);
        plain.push('`');
        text = code.split_once(fence).map_or("", |(_, after)| after);
    }
    plain + text
}

fn has(text: &str, word: &str) -> bool {
    text.match_indices(word).any(|(at, _)| {
        let (before, rest) = text.split_at(at);
        let after = rest.strip_prefix(word).unwrap_or_default();
        let end = after.find(|char: char| !char.is_alphanumeric()).unwrap_or(after.len());
        let (ending, _) = after.split_at(end);
        let is_word = !before.ends_with(|char: char| char.is_alphanumeric() || matches!(char, '_' | '-'));
        let is_fine = FINE.iter().any(|fine| rest.starts_with(fine)) || (before.ends_with(THERE) && is_negation(word));
        is_word && ENDINGS.contains(&ending) && !is_fine
    })
}

fn is_negation(word: &str) -> bool {
    matches!(word, "is no" | "are no" | "is none" | "are none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planted_words_are_refused() {
        let lines = |text| in_markdown(text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines("# Mend\nhostfit mends it\n"), [1, 2]);
        assert_eq!(lines("Recommend it: it is no longer `mend`, and amends nothing.\n```\nmend\n```\n"), [0; 0]);
        assert_eq!(lines("It can't be\n"), [1]);
        assert_eq!(lines("There is no tag, so there are none.\nIt is no tag\nThere, it mends\n"), [2, 3]);
        assert_eq!(lines("| ``the `os` label doesn't match`` | `it doesn't` |\n``a `b` `` doesn't\n"), [2]);
        let rust = "//! It can't.\n/// Mends it.\nfn f() { g(\"it can't\"); }\n#[cfg(test)]\nmod tests { fn f() { g(\"mend\"); } }\n";
        let found: Vec<_> = in_rust(rust).unwrap().into_iter().map(|(line, _)| line).collect();
        assert_eq!(found, [2, 3]);
    }
}
