//! Which of several runs over the same files reports on which file.
//!
//! Each of them looks at all files, since what is wrong with one may be known from another only; each file's findings are
//! reported by one of them.

use std::{fmt, str::FromStr};

use twox_hash::XxHash3_128;

/// One of `count` runs that share the files. A file belongs to the run that its path alone decides, so that no file that
/// comes or goes moves another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// Nobody has more machines.
    pub const MOST: u32 = 10_000;

    /// The run of that number, from 1; none where there is no such run.
    pub fn new(index: u32, count: u32) -> Option<Self> {
        ((1..=Self::MOST).contains(&count) && (1..=count).contains(&index)).then_some(Self { index, count })
    }

    /// Its number, from 1.
    pub fn index(self) -> u32 {
        self.index
    }

    /// How many runs share the files.
    pub fn count(self) -> u32 {
        self.count
    }

    /// Whether it reports on the file, named as findings name it: relative to the working folder, with `/` on every system.
    /// The XXH3 hash of the path, of 128 bits and without a seed, is divided by the count, and the rest is the run's number
    /// less one.
    pub fn holds(self, path: &str) -> bool {
        XxHash3_128::oneshot(path.as_bytes()) % u128::from(self.count) == u128::from(self.index - 1)
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.bytes().all(|it| it.is_ascii_digit()).then(|| text.parse().ok()).flatten();
        let both = text.split_once('/').and_then(|(index, count)| Some((number(index)?, number(count)?)));
        let Some((index, count)) = both else { return Err("write I/N, such as 2/7".to_owned()) };
        Self::new(index, count).ok_or_else(|| match count {
            0 => "there is no work for 0 runs".to_owned(),
            1..=Self::MOST => format!("I counts from 1 to N, here {count}"),
            _ => format!("N is {} at most", Self::MOST),
        })
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// A digest of all that a run looks at, in hexadecimal digits: the same for the same texts in the same order. It
/// protects against mistakes, not against malice.
pub fn digest<'t>(texts: impl IntoIterator<Item = &'t str>) -> String {
    let hashes: Vec<u8> =
        texts.into_iter().flat_map(|text| XxHash3_128::oneshot(text.as_bytes()).to_le_bytes()).collect();
    format!("{:032x}", XxHash3_128::oneshot(&hashes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_in_exactly_one_shard_and_stays_there() {
        // `printf %s web/Dockerfile | xxhsum -H2`, by 2, 7 and 100.
        let expected = [
            ("", [2, 6, 40]),
            ("web/Dockerfile", [2, 3, 56]),
            ("deploy/web.yaml", [1, 1, 7]),
            ("../é", [1, 3, 93]),
            ("C:/x", [1, 7, 45]),
            ("<stdin>", [2, 7, 8]),
        ];
        for (path, homes) in expected {
            for (count, home) in [2, 7, 100].into_iter().zip(homes) {
                let holds = |index: &u32| Shard::new(*index, count).is_some_and(|it| it.holds(path));
                assert_eq!((1..=count).filter(holds).collect::<Vec<_>>(), [home], "{path} of {count}");
            }
        }
    }

    #[test]
    fn only_numbers_of_runs_are_shards() {
        assert_eq!("2/7".parse(), Ok(Shard { index: 2, count: 7 }));
        assert_eq!("1/1".parse(), Ok(Shard { index: 1, count: 1 }));
        assert_eq!("7/7".parse::<Shard>().map(|it| it.to_string()), Ok("7/7".to_owned()));
        for text in ["", "/", "2", "2/", "/7", "0/7", "8/7", "+1/7", "1/0", "1/10001", "1/2/3", " 1/2", "1/99999999999"]
        {
            assert!(text.parse::<Shard>().is_err(), "{text}");
        }
    }

    #[test]
    fn texts_do_not_run_into_each_other() {
        assert_eq!(digest(["a", "b"]), digest(["a", "b"]));
        assert_ne!(digest(["ab", ""]), digest(["a", "b"]));
        assert_ne!(digest(["a", "b"]), digest(["b", "a"]));
    }
}
