//! Comments that are meant for hostfit and are not in the form that it reads.

use crate::rules;

/// Words that other linters use for the same.
const WORDS: [&str; 6] = ["ignore", "disable", "suppress", "noqa", "nolint", "skip"];

/// Returns the right form of a comment that names hostfit, a word for ignoring and a rule, as `# hostfit:ignore [rule]` does.
pub(super) fn right_form(comment: &str) -> Option<String> {
    let text = comment.trim_start_matches('#').trim_start();
    let rest =
        text.get("hostfit".len()..).filter(|_| text.get(..7).is_some_and(|it| it.eq_ignore_ascii_case("hostfit")))?;
    let rest = rest.trim_start_matches([':', '-', ' ', '\t']);
    let end = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
    let (word, rest) = rest.split_at_checked(end)?;
    if !WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)) {
        return None;
    }
    let (whole_file, rest) = match rest.trim_start_matches(['-', '_', ' ']) {
        file if file.get(..4).is_some_and(|it| it.eq_ignore_ascii_case("file")) => (true, file.get(4..)?),
        _ => (false, rest),
    };
    let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '-' | '_');
    let mut ids = Vec::new();
    for name in rest.split(|it: char| !is_part(it)) {
        match rules::find(&name.to_ascii_lowercase().replace('_', "-")) {
            Some(rule) => ids.push(rule.id),
            // The rules come first, then a reason.
            None if ids.is_empty() => {}
            None if name.is_empty() => {}
            None => break,
        }
    }
    let scope = if whole_file { "ignore-file" } else { "ignore" };
    (!ids.is_empty()).then(|| format!("# hostfit: {scope}[{}]", ids.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_misses_have_a_right_form() {
        let cases = [
            ("# hostfit:ignore [unknown-tag]", "# hostfit: ignore[unknown-tag]"),
            ("# hostfit ignore[unknown-tag]", "# hostfit: ignore[unknown-tag]"),
            ("# hostfit-ignore: unknown-tag, retired-tag our mirror", "# hostfit: ignore[unknown-tag, retired-tag]"),
            ("# HostFit: Ignore(unknown_tag)", "# hostfit: ignore[unknown-tag]"),
            ("#hostfit:disable=unknown-tag", "# hostfit: ignore[unknown-tag]"),
            ("# hostfit: ignore_file[unknown-tag]", "# hostfit: ignore-file[unknown-tag]"),
        ];
        for (comment, expected) in cases {
            assert_eq!(right_form(comment).as_deref(), Some(expected), "{comment}");
        }
    }

    #[test]
    fn prose_is_left_alone() {
        for comment in [
            "# hostfit: ignored, since nobody builds this",
            "# hostfit ignores unknown-tag here",
            "# hostfit: ignore the old image",
            "# see hostfit: ignore[unknown-tag]",
            "# hostfitness: ignore[unknown-tag]",
            "#",
        ] {
            assert_eq!(right_form(comment), None, "{comment}");
        }
    }
}
