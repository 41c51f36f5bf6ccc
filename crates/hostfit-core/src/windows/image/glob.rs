//! Patterns of the `[images]` table.

/// Whether all of `value` matches `pattern`, in which `*` stands for any characters and every other character for
/// itself. NUL, an unknown byte, matches nothing.
pub(super) fn matches(pattern: &str, value: &str) -> bool {
    if value.contains('\0') {
        // `*` would match what the variable might hold; but the part after it might then belong to another image.
        return false;
    }
    let mut pieces = pattern.split('*');
    let first = pieces.next().unwrap_or_default();
    let Some(mut rest) = value.strip_prefix(first) else { return false };
    let mut pieces = pieces.peekable();
    if pieces.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return rest.ends_with(piece);
        }
        // The leftmost match leaves the most for the pieces after it.
        let Some((_, after)) = rest.split_once(piece) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_is_any_characters() {
        for (pattern, value, expected) in [
            ("registry.contoso.com/web:*", "registry.contoso.com/web:1.2", true),
            ("registry.contoso.com/web:*", "registry.contoso.com/web", false),
            ("registry.contoso.com/legacy/*", "registry.contoso.com/legacy/a/b:1", true),
            ("*", "anything", true),
            ("*/web*", "a/b/web", true),
            ("web", "web", true),
            ("web", "web:1", false),
            ("a*b*c", "a1b2b3c", true),
            ("a*bc*bc", "abc", false),
            ("ab*ba", "aba", false),
            ("w.b", "web", false),
            ("*web", "a\0web", false),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern} {value:?}");
        }
    }
}
