//! Parser directives: `# escape=`, `# syntax=`, `# check=` in the first lines.
//!
//! As BuildKit's `parser/directives.go` reads them: each line from the first on must be one; the first line that is
//! none, a blank line too, ends them.

use crate::source::Span;

/// One `# key=value`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Directive {
    /// Which one.
    pub key: DirectiveKey,
    /// Its value, without blanks around it.
    pub value: String,
    /// The bytes of the value.
    pub span: Span,
}

/// The parser directives there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DirectiveKey {
    /// `escape`: the escape and continuation character.
    Escape,
    /// `syntax`: the image of the frontend that reads the file.
    Syntax,
    /// `check`: how BuildKit's own linter is set.
    Check,
}

impl DirectiveKey {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Escape => "escape",
            Self::Syntax => "syntax",
            Self::Check => "check",
        }
    }
}

/// The key and the value, a part of `line`, if this is a parser directive. `line` starts with `#`.
pub(super) fn directive(line: &str) -> Option<(DirectiveKey, &str)> {
    let (key, value) = line.strip_prefix('#')?.trim_start().split_once('=')?;
    let key = key.trim_end_matches(BLANK);
    let key = [DirectiveKey::Escape, DirectiveKey::Syntax, DirectiveKey::Check]
        .into_iter()
        .find(|it| it.name().eq_ignore_ascii_case(key))?;
    let value = value.trim_matches(BLANK);
    (!value.is_empty()).then_some((key, value))
}

/// `\s` of Go's regular expressions.
const BLANK: [char; 5] = ['\t', '\n', '\x0c', '\r', ' '];

/// Whether an image named by `# syntax=` is the Dockerfile frontend itself, of whatever version and mirror. Others
/// read other languages.
pub(super) fn is_dockerfile_frontend(image: &str) -> bool {
    let name = image.split([' ', '@']).next().unwrap_or_default();
    let name = name.rsplit('/').next().unwrap_or_default();
    matches!(name.split(':').next(), Some("dockerfile" | "dockerfile-upstream"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_in_any_case_and_with_or_without_blanks() {
        for line in ["#escape=`", "# Escape = ` ", "#\tESCAPE=`", "#escape\t=\t`"] {
            assert_eq!(directive(line), Some((DirectiveKey::Escape, "`")), "{line}");
        }
        assert_eq!(directive("# syntax = a b // c"), Some((DirectiveKey::Syntax, "a b // c")));
        for line in ["# escape", "# escape=", "# key=x", "# my escape=x", "## escape=x", "# escape`=x"] {
            assert_eq!(directive(line), None, "{line}");
        }
    }

    #[test]
    fn only_the_dockerfile_frontend_reads_dockerfiles() {
        assert!(is_dockerfile_frontend("docker/dockerfile:1.7-labs"));
        assert!(is_dockerfile_frontend("docker.io/docker/dockerfile-upstream:master@sha256:0"));
        assert!(!is_dockerfile_frontend("devthefuture/dockerfile-x"));
        assert!(!is_dockerfile_frontend("r2d4/mockerfile"));
    }
}
