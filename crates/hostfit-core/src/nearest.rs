//! The known word that somebody probably meant.

/// The candidate nearest to `word`, if one is near enough to be a slip of the keyboard. Letter case, and `_` for `-`,
/// count for nothing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    candidates
        .into_iter()
        .filter(|candidate| word.len().abs_diff(candidate.len()) <= allowance(candidate))
        .map(|candidate| (strsim::levenshtein(&word, &plain(candidate)), candidate))
        .filter(|(distance, candidate)| *distance <= allowance(candidate))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// One slip in a very short word, more in a longer one; two letters in each other's place are two.
fn allowance(candidate: &str) -> usize {
    candidate.len().div_ceil(3).min(6)
}

/// No known word is longer than this, so the rest of a hostile one need not be looked at.
const LONGEST: usize = 80;

fn plain(word: &str) -> String {
    word.chars().take(LONGEST).map(|it| if it == '_' { '-' } else { it.to_ascii_lowercase() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_finds_the_word_and_nonsense_finds_none() {
        let known = ["select", "ignore", "fail-on", "build-mismatch"];
        let cases = [
            ("fail_on", Some("fail-on")),
            ("Ignroe", Some("ignore")),
            ("build-missmatch", Some("build-mismatch")),
            ("selects", Some("select")),
            ("zzzzzzz", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
    }
}
