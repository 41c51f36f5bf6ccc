//! Heredocs: `<<NAME`, `<<-NAME`, `<<"NAME"`.
//!
//! As `heredocsFromLine` and `heredocFromMatch` of BuildKit's `parser/parser.go` find them.

use super::expand::{Quotes, heredoc_words};
use crate::source::Span;

/// One heredoc.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heredoc {
    /// The word that ends it; the name of the file for COPY and ADD.
    pub name: String,
    /// `<<-`: tabs at the start of lines do not belong to its content.
    pub strip_tabs: bool,
    /// Whether variables in it are expanded: no part of the word is quoted.
    pub expand: bool,
    /// The lines between, with their line ends.
    pub body: Span,
}

/// A heredoc whose body is still to come.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Announced {
    pub(super) name: String,
    pub(super) strip_tabs: bool,
    pub(super) expand: bool,
}

/// The heredocs that a line announces; or what is wrong with the word of one.
pub(super) fn announced(line: &str) -> Result<Vec<Announced>, String> {
    let words = heredoc_words(line, Quotes::KeptWithEscapes).unwrap_or_default();
    words.iter().filter_map(|word| heredoc(word).transpose()).collect()
}

/// The heredoc that a word is, if it is one.
pub(super) fn heredoc(word: &str) -> Result<Option<Announced>, String> {
    let Some(rest) = word.trim_start_matches(|it: char| it.is_ascii_digit()).strip_prefix("<<") else {
        return Ok(None);
    };
    let (strip_tabs, rest) = match rest.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, rest),
    };
    let rest = rest.trim_start_matches(['\t', '\n', '\x0c', '\r', ' ']);
    if rest.is_empty() || rest.contains('<') {
        return Ok(None);
    }
    let words = heredoc_words(rest, Quotes::Removed)?;
    let [name] = words.as_slice() else { return Ok(None) };
    let raw = heredoc_words(rest, Quotes::Kept)?;
    let quotes = |it: &str| it.matches(['\'', '"']).count();
    let expand = raw.first().is_some_and(|raw| quotes(raw) == quotes(name));
    Ok(Some(Announced { name: name.clone(), strip_tabs, expand }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(line: &str) -> Vec<String> {
        announced(line).expect("no fault").into_iter().map(|it| it.name).collect()
    }

    /// The facts of `TestHeredocsFromLine` and `TestParseHeredocHelpers` of BuildKit.
    #[test]
    fn a_line_announces_the_heredocs_that_buildkit_sees() {
        for line in ["RUN <<EOF", "RUN <<-EOF", "RUN <<'EOF'", "RUN 3<<EOF", "RUN <<EO\"F\"", "RUN << EOF"] {
            assert_eq!(names(line), ["EOF"], "{line}");
        }
        assert_eq!(names("RUN << -EOF"), ["-EOF"]);
        assert_eq!(names("COPY <<A <<-'B c' /x"), ["A", "B c"]);
        assert_eq!(names("RUN <<$EOF"), ["$EOF"]);
        assert_eq!(names(r"RUN <<eo\'f"), ["eo'f"]);
        for line in [
            "RUN \"<<EOF\"",
            "RUN <EOF",
            "RUN <<<EOF",
            "RUN <<",
            "RUN <<-",
            "RUN <<- EOF",
            "RUN a<<EOF",
            "RUN 'x <<EOF",
        ] {
            assert_eq!(names(line), [""; 0], "{line}");
        }
    }

    #[test]
    fn a_quoted_part_of_the_name_stops_expansion() {
        let expands = |word| heredoc(word).expect("no fault").expect("one").expand;
        assert!(expands("<<EOF") && expands(r"<<eo\'f"));
        assert!(!expands("<<eo'f'") && !expands("<<'EOF'") && !expands(r"<<'e'o\'f"));
        assert!(heredoc("<<'EOF").is_err());
    }
}
