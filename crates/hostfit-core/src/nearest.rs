//! The known word that somebody probably meant.

/// The candidate nearest to `word`, if one is near enough to be a slip of the keyboard. Letter case, and `_` for `-`,
/// count for nothing.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word = plain(word);
    candidates
        .into_iter()
        .filter(|candidate| word.len().abs_diff(candidate.len()) <= allowance(candidate))
        .map(|candidate| (distance(&word, &plain(candidate)), candidate))
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

fn plain(word: &str) -> Vec<char> {
    word.chars().take(LONGEST).map(|it| if it == '_' { '-' } else { it.to_ascii_lowercase() }).collect()
}

/// Levenshtein's distance, one row at a time.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (count, a) in a.iter().enumerate() {
        let mut left = count + 1;
        let mut next = vec![left];
        for ((&diagonal, &above), b) in row.iter().zip(row.iter().skip(1)).zip(b) {
            left = (diagonal + usize::from(a != b)).min(above + 1).min(left + 1);
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
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
