//! What makes two findings of different runs the same one: fingerprints and baselines are made of it.
//!
//! No lines, offsets, messages, severities or hosts: a finding stays the same where text above it changes, the fleet
//! grows, or a later hostfit words it better.

use std::fmt::Write as _;

use crate::source::Span;

use twox_hash::XxHash3_128;

/// What distinguishes a finding from all others except exact repetitions, such as two equal `FROM` lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The file, as findings call it.
    pub path: String,
    /// The id of the rule.
    pub rule: String,
    /// The workload, where the file declares it; in values of a chart the [key](key_path). A Dockerfile belongs to all
    /// that use it, and its findings name only the first of them.
    pub workload: Option<String>,
    /// The fleet that it was judged against, where that is a target's: what fails there is another finding than what fails
    /// elsewhere.
    pub fleet: Option<String>,
    /// What was found.
    pub evidence: Evidence,
}

/// What a finding was made of.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// The image reference, variables filled in.
    pub image: Option<String>,
    /// The text of the bytes that decide it, each run of white space as one space; of a long one the beginning.
    pub text: String,
}

/// The name of the way in which fingerprints are made. Whoever changes what [`Identity::fingerprint`] hashes, or what
/// identities hold, changes this too: all findings are new then.
pub const SCHEME: &str = "hostfit/v1";

/// Characters of evidence that are kept; more would not distinguish findings better.
const LONGEST: usize = 200;

impl Identity {
    /// 128 bits in hexadecimal digits: the XXH3 hash of the identity and of which of the equal ones of its file it is,
    /// from 1. It distinguishes findings and protects against nobody, so it does not need to be a cryptographic hash;
    /// XXH3 is specified, the same everywhere, and has no dependencies.
    pub fn fingerprint(&self, ordinal: u32) -> String {
        let Self { path, rule, workload, fleet, evidence: Evidence { image, text } } = self;
        let mut all = String::new();
        let ordinal = ordinal.to_string();
        let fields =
            [Some(SCHEME), Some(path), Some(rule), workload.as_deref(), image.as_deref(), Some(text), Some(&ordinal)];
        // Without targets a fingerprint is what it was before there were any.
        let fleet = fleet.as_deref().map(Some);
        for field in fields.into_iter().chain(fleet) {
            // With its length before it no field runs into the next.
            let _ = match field {
                Some(field) => write!(all, "{}:{field}", field.len()),
                None => write!(all, "-"),
            };
        }
        format!("{:032x}", XxHash3_128::oneshot(all.as_bytes()))
    }
}

/// A text as evidence: without what depends on the system, the editor or the depth of its lines.
pub fn normalized(text: &str) -> String {
    let words: Vec<_> = text.trim_start_matches('\u{feff}').split_whitespace().collect();
    words.join(" ").chars().take(LONGEST).collect()
}

/// So many lines above a value are looked at.
const MOST_LINES: usize = 2000;

/// Returns the keys above a value in a file of values, as `web.image.tag`: several workloads may have equal ones.
pub fn key_path(text: &str, at: Span) -> String {
    let before = text.get(..at.end as usize).unwrap_or_default();
    let mut keys: Vec<&str> = Vec::new();
    let mut outer = usize::MAX;
    for line in before.lines().rev().take(MOST_LINES) {
        let rest = line.trim_start_matches([' ', '-']);
        let indent = line.len() - rest.len();
        if rest.is_empty() || rest.starts_with('#') || indent >= outer {
            continue;
        }
        if let Some((key, _)) = rest.split_once(':') {
            keys.push(key.trim_matches(['"', '\'', ' ']));
            outer = indent;
        }
        if outer == 0 {
            break;
        }
    }
    keys.reverse();
    normalized(&keys.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    #[test]
    fn equal_values_differ_in_their_keys() {
        let text =
            "web:\n  image:\n    repository: a\n    tag: \"1803\"\napi:\n- image:\n\n    # a: comment\n    tag: 1803\n";
        let paths =
            text.match_indices("1803").map(|(at, it)| key_path(text, Span::new(SourceId(0), at..at + it.len())));
        assert_eq!(paths.collect::<Vec<_>>(), ["web.image.tag", "api.image.tag"]);
    }

    fn identity(workload: Option<&str>, image: Option<&str>, text: &str) -> Identity {
        Identity {
            path: "web/Dockerfile".into(),
            rule: "unknown-tag".into(),
            workload: workload.map(Into::into),
            fleet: None,
            evidence: Evidence { image: image.map(Into::into), text: text.into() },
        }
    }

    #[test]
    fn fingerprints_never_change() {
        // `printf %s '10:hostfit/v114:web/Dockerfile11:unknown-tag-3:a:14:20221:1' | xxhsum -H2`
        let identity = identity(None, Some("a:1"), "2022");
        assert_eq!(identity.fingerprint(1), "3afa5c56e3cc955b472b594dbc7f2d70");
    }

    #[test]
    fn every_part_counts() {
        let all = [
            identity(None, None, "2022").fingerprint(1),
            identity(None, None, "2022").fingerprint(2),
            identity(None, None, "2019").fingerprint(1),
            identity(Some("web"), None, "2022").fingerprint(1),
            identity(None, Some("web"), "2022").fingerprint(1),
            identity(Some(""), None, "2022").fingerprint(1),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
    }

    #[test]
    fn white_space_and_what_follows_a_long_text_tell_nothing() {
        assert_eq!(normalized("\u{feff}  a:\r\n    b\t c\n"), "a: b c");
        assert_eq!(normalized(&"é".repeat(1000)), "é".repeat(LONGEST));
    }
}
