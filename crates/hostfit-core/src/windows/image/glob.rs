//! Patterns of the `[images]` table.

use std::{borrow::Cow, cmp::Ordering};

use rustc_hash::FxHashMap;

use super::{
    declared::ImageRule,
    reference::{HUB, Parts},
};

/// The lines of `[images]`, so that an image is compared with few of them.
#[derive(Debug, Default)]
pub struct ImageRules<'r> {
    all: &'r [ImageRule],
    /// Their patterns, with one name for Docker Hub.
    patterns: Vec<Cow<'r, str>>,
    /// The places of those with a star.
    open: Vec<usize>,
    exact: Exact<'r>,
}

impl<'r> ImageRules<'r> {
    /// The lines in the order of the file.
    pub fn new(all: &'r [ImageRule]) -> Self {
        let patterns: Vec<_> = all.iter().map(|rule| of_one_hub(&rule.pattern)).collect();
        let places = |is_open| {
            let of = patterns.iter().enumerate().filter(move |(_, pattern)| pattern.contains('*') == is_open);
            of.map(|(place, pattern)| (pattern.clone(), place))
        };
        let open = places(true).map(|(_, place)| place).collect();
        let exact = Exact::new(places(false).collect());
        Self { all, patterns, open, exact }
    }

    /// The first rule that matches, if no rule before it might match once the unknown bytes (NUL) of the reference are known.
    pub(super) fn first_match(&self, parts: &Parts<'_>) -> Option<&'r ImageRule> {
        if self.all.is_empty() {
            return None;
        }
        let names = names_of(parts);
        let any = |holds: fn(&str, &str) -> bool, place: usize| {
            self.patterns.get(place).is_some_and(|pattern| names.iter().any(|name| holds(pattern, name)))
        };
        let exact = names.iter().filter_map(|name| self.exact.first(name)).min();
        let mut before = self.open.iter().copied().take_while(|place| exact.is_none_or(|exact| *place < exact));
        let first = before.find(|place| any(might_match, *place)).or(exact)?;
        self.all.get(first).filter(|_| any(matches, first))
    }
}

/// A pattern with `docker.io` in place of the other names of Docker Hub.
fn of_one_hub(pattern: &str) -> Cow<'_, str> {
    let on_hub = HUB.iter().find_map(|hub| {
        let (start, rest) = pattern.split_at_checked(hub.len())?;
        (start.eq_ignore_ascii_case(hub) && rest.starts_with('/')).then_some(rest)
    });
    on_hub.map_or(Cow::Borrowed(pattern), |rest| Cow::Owned(format!("{}{rest}", HUB[0])))
}

/// All ways to write a reference: with and without Docker Hub's registry, with and without `library/` of its official images,
/// and what is written without a tag with the one that is pulled.
fn names_of<'p>(parts: &Parts<'p>) -> Vec<Cow<'p, str>> {
    let value = parts.value;
    let mut names = vec![Cow::Borrowed(value)];
    // A variable there may hold another registry.
    let is_known = !parts.part(&parts.reference.name()).split('/').next().unwrap_or_default().contains('\0');
    let repository = &parts.reference.repository;
    if is_known && let Some(path) = parts.on_docker_hub().filter(|_| !parts.is_on_amazon()) {
        let after = value.get(repository.end..).unwrap_or_default();
        names.push(Cow::Owned(format!("{path}{after}")));
        names.push(Cow::Owned(format!("{}/{path}{after}", HUB[0])));
        if !path.contains('/') {
            names.push(Cow::Owned(format!("library/{path}{after}")));
            names.push(Cow::Owned(format!("{}/library/{path}{after}", HUB[0])));
        }
    }
    if parts.reference.tag.is_none() && parts.reference.digest.is_none() && !value.contains('\0') {
        let tagged: Vec<_> = names.iter().map(|name| Cow::Owned(format!("{name}:latest"))).collect();
        names.extend(tagged);
    }
    names
}

/// The lines without a star, with their places.
#[derive(Debug, Default)]
struct Exact<'r> {
    /// The place of the first.
    first: Option<usize>,
    /// By what they match; of several the first.
    whole: FxHashMap<Cow<'r, str>, usize>,
    by_start: Vec<(Cow<'r, str>, usize)>,
    /// By their last bytes.
    by_end: Vec<(Cow<'r, str>, usize)>,
}

/// An image with a variable in its name is compared with no more of them.
const MOST_COMPARED: usize = 1000;

impl<'r> Exact<'r> {
    fn new(lines: Vec<(Cow<'r, str>, usize)>) -> Self {
        let mut whole = FxHashMap::default();
        for (pattern, place) in &lines {
            whole.entry(pattern.clone()).or_insert(*place);
        }
        let first = lines.first().map(|(_, place)| *place);
        let mut by_start = lines.clone();
        by_start.sort_unstable();
        let mut by_end = lines;
        by_end.sort_unstable_by(|(one, _), (other, _)| one.bytes().rev().cmp(other.bytes().rev()));
        Self { first, whole, by_start, by_end }
    }

    /// The place of the first that matches, or might once the unknown bytes are known. Where very many have the start or the
    /// end of `value`, and nobody looks at all of them, the first line stands for them: no line after it is certain then.
    fn first(&self, value: &str) -> Option<usize> {
        let (Some((start, _)), Some((_, end))) = (value.split_once('\0'), value.rsplit_once('\0')) else {
            return self.whole.get(value).copied();
        };
        let starting = range(&self.by_start, |pattern| pattern.bytes().take(start.len()).cmp(start.bytes()));
        let ending = range(&self.by_end, |pattern| pattern.bytes().rev().take(end.len()).cmp(end.bytes().rev()));
        let fewer = if starting.len() <= ending.len() { starting } else { ending };
        if fewer.len() > MOST_COMPARED {
            return self.first;
        }
        let might = |pattern: &str| {
            pattern.len() >= start.len() + end.len() && pattern.starts_with(start) && pattern.ends_with(end)
        };
        fewer.iter().filter(|(pattern, _)| might(pattern)).map(|(_, place)| *place).min()
    }
}

/// Of sorted lines those that are equal in this order.
fn range<'s, 'r>(sorted: &'s [(Cow<'r, str>, usize)], order: impl Fn(&str) -> Ordering) -> &'s [(Cow<'r, str>, usize)] {
    let start = sorted.partition_point(|(pattern, _)| order(pattern).is_lt());
    let length = sorted.get(start..).unwrap_or_default().partition_point(|(pattern, _)| order(pattern).is_eq());
    sorted.get(start..start + length).unwrap_or_default()
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
        let first = |value| {
            let parts = Parts { value, reference: super::super::reference::parse(value) };
            indexed.first_match(&parts).map(|rule| rule.pattern.as_str())
        };
        assert_eq!(first("web:10"), Some("web:1*"));
        assert_eq!(first("web:2"), Some("web:*"));
        assert_eq!(first("web:\0"), None);
        assert_eq!(first("web:2\0"), Some("web:*"));
        assert_eq!(first("api:\0"), Some("api:*"));
    }
    #[test]
    fn docker_hub_has_one_name() {
        let found = |pattern: &str, value: &str| {
            let rule = ImageRule {
                pattern: pattern.to_owned(),
                declared: crate::windows::image::Declared::Linux,
                span: crate::source::Span::NOWHERE,
            };
            let parts = Parts { value, reference: super::super::reference::parse(value) };
            ImageRules::new(&[rule]).first_match(&parts).is_some()
        };
        let names =
            ["daprio/daprd", "docker.io/daprio/daprd", "index.docker.io/daprio/daprd", "Docker.IO/daprio/daprd"];
        for pattern in names {
            for value in names {
                assert!(found(&format!("{pattern}:*"), &format!("{value}:1.2")), "{pattern} {value}");
                assert!(found(&format!("{pattern}:*"), value), "{pattern} {value}");
                assert!(found(&format!("{pattern}:1.2"), &format!("{value}:1.2")), "{pattern} {value}");
                assert!(!found(&format!("{pattern}:1.2"), &format!("{value}:1.3")), "{pattern} {value}");
            }
        }
        let official = ["golang", "library/golang", "docker.io/golang", "registry-1.docker.io/library/golang"];
        for pattern in official {
            for value in official {
                assert!(found(&format!("{pattern}:*"), &format!("{value}:1")), "{pattern} {value}");
                assert!(found(pattern, value), "{pattern} {value}");
            }
        }
        assert!(found("docker.io/*", "golang:1"));
        assert!(found("docker.io/contoso/*", "contoso/\0:1"));
        for (pattern, value) in [
            ("docker.io/golang:*", "quay.io/golang:1"),
            ("docker.io/golang:*", "contoso/golang:1"),
            ("golang:*", "public.ecr.aws/docker/library/golang:1"),
            ("docker.io/*", "\0/golang:1"),
            ("docker.io/*", "\0:1"),
            ("docker.iox/golang:*", "golang:1"),
        ] {
            assert!(!found(pattern, value), "{pattern} {value:?}");
        }
    }

    #[test]
    fn a_line_without_a_star_hides_those_after_it_if_a_variable_may_come_to_it() {
        let rule = |pattern: &str| ImageRule {
            pattern: pattern.to_owned(),
            declared: crate::windows::image::Declared::Linux,
            span: crate::source::Span::at(crate::source::SourceId(0), 0),
        };
        let mut rules = vec![rule("a/web:1"), rule("a/web:1-nano"), rule("b/api:*"), rule("a/web:*"), rule("*")];
        let first = |rules: &[ImageRule], value: &str| {
            let parts = Parts { value, reference: super::super::reference::parse(value) };
            ImageRules::new(rules).first_match(&parts).map(|rule| rule.pattern.clone())
        };
        assert_eq!(first(&rules, "a/web:1").as_deref(), Some("a/web:1"));
        assert_eq!(first(&rules, "a/web:\0"), None);
        assert_eq!(first(&rules, "\0/web:1"), None);
        assert_eq!(first(&rules, "\0"), None);
        assert_eq!(first(&rules, "b/api:\0").as_deref(), Some("b/api:*"));
        // The bytes that are known are too many for the first two lines, or others.
        for value in ["a/web:1\0-nano1", "a/web:2\0", "a/web:\0x", "a/web:1-\0-nano"] {
            assert_eq!(first(&rules, value).as_deref(), Some("a/web:*"), "{value:?}");
        }
        // More than are looked at begin and end so: the answer is the careful one.
        rules.splice(3..3, (0..=MOST_COMPARED).map(|number| rule(&format!("a/web:2{number}x"))));
        assert_eq!(first(&rules, "a/web:2\0x"), None);
        assert_eq!(first(&rules, "a/web:\0y").as_deref(), Some("a/web:*"));
        assert_eq!(first(&rules, "b/api:\0").as_deref(), Some("b/api:*"));
    }
}
