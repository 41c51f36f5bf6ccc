//! Patterns of the `[images]` table.

use rustc_hash::FxHashMap;

use super::declared::ImageRule;

/// The lines of `[images]`, so that an image is compared with few of them.
#[derive(Debug, Default)]
pub struct ImageRules<'r> {
    all: &'r [ImageRule],
    /// The places of those with a star.
    open: Vec<usize>,
    /// The places of the others, by what they match; of several the first.
    exact: FxHashMap<&'r str, usize>,
}

impl<'r> ImageRules<'r> {
    /// The lines in the order of the file.
    pub fn new(all: &'r [ImageRule]) -> Self {
        let mut rules = Self { all, ..Self::default() };
        for (place, rule) in all.iter().enumerate() {
            if rule.pattern.contains('*') {
                rules.open.push(place);
            } else {
                rules.exact.entry(&rule.pattern).or_insert(place);
            }
        }
        rules
    }

    /// The first rule that matches, if no rule before it might match once the unknown bytes (NUL) of `value` are known.
    /// `other` is another way to write the same image.
    pub(super) fn first_match(&self, value: &str, other: Option<&str>) -> Option<&'r ImageRule> {
        let either =
            |holds: fn(&str, &str) -> bool, it: &str| holds(it, value) || other.is_some_and(|other| holds(it, other));
        let might = |rule: &&ImageRule| either(might_match, &rule.pattern);
        if value.contains('\0') {
            return self.all.iter().find(might).filter(|rule| either(matches, &rule.pattern));
        }
        let exact = [Some(value), other].into_iter().flatten().filter_map(|it| self.exact.get(it).copied()).min();
        let open = self.open.iter().copied().take_while(|place| exact.is_none_or(|exact| *place < exact));
        let open = open.filter_map(|place| self.all.get(place)).find(might);
        open.or_else(|| self.all.get(exact?))
    }
}

/// Whether all of `value` matches `pattern`, in which `*` stands for any characters and every other character for
/// itself. An unknown byte (NUL) is matched by `*` alone: whatever it is, the pattern holds.
fn matches(pattern: &str, value: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = value.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
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

/// Whether `value` may come to match: exact where all of it is known; else what is known at both ends decides.
fn might_match(pattern: &str, value: &str) -> bool {
    let (Some((start, _)), Some((_, end))) = (value.split_once('\0'), value.rsplit_once('\0')) else {
        return matches(pattern, value);
    };
    let first = pattern.split('*').next().unwrap_or_default();
    let last = pattern.rsplit('*').next().unwrap_or_default();
    let starts = first.starts_with(start) || start.starts_with(first);
    let ends = last.ends_with(end) || end.ends_with(last);
    starts && ends
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
            ("*web", "a\0web", true),
            ("web:*", "web:\0\0", true),
            ("web:1*", "web:\0\0", false),
        ] {
            assert_eq!(matches(pattern, value), expected, "{pattern} {value:?}");
        }
    }

    #[test]
    fn a_rule_that_an_unknown_variable_may_bring_into_play_hides_those_after_it() {
        let rule = |pattern: &str| ImageRule {
            pattern: pattern.to_owned(),
            declared: crate::windows::image::Declared::Linux,
            span: crate::source::Span::at(crate::source::SourceId(0), 0),
        };
        let rules = [rule("web:1*"), rule("api:*"), rule("web:*")];
        let indexed = ImageRules::new(&rules);
        let first = |value| indexed.first_match(value, None).map(|rule| rule.pattern.as_str());
        assert_eq!(first("web:10"), Some("web:1*"));
        assert_eq!(first("web:2"), Some("web:*"));
        assert_eq!(first("web:\0"), None);
        assert_eq!(first("web:2\0"), Some("web:*"));
        assert_eq!(first("api:\0"), Some("api:*"));
    }
}
