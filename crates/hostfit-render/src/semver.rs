//! Versions and constraints as Masterminds' `semver` has them, which Helm and Sprig use.

use std::{cmp::Ordering, fmt};

/// A version; what is missing of it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Version {
    pub(crate) major: u64,
    pub(crate) minor: u64,
    pub(crate) patch: u64,
    pub(crate) pre: String,
    pub(crate) metadata: String,
    pub(crate) original: String,
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)?;
        if !self.pre.is_empty() {
            write!(f, "-{}", self.pre)?;
        }
        if !self.metadata.is_empty() {
            write!(f, "+{}", self.metadata)?;
        }
        Ok(())
    }
}

impl Version {
    /// Reads a version with one to three numbers, with or without `v`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let parts = Parts::of(text)?;
        let number = |text: Option<&str>| match text {
            None => Some(0),
            Some(text) if text.bytes().all(|it| it.is_ascii_digit()) => text.parse().ok(),
            Some(_) => None,
        };
        Some(Self {
            major: number(Some(parts.major))?,
            minor: number(parts.minor)?,
            patch: number(parts.patch)?,
            pre: parts.pre.to_owned(),
            metadata: parts.metadata.to_owned(),
            original: text.to_owned(),
        })
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        (self.major, self.minor, self.patch)
            .cmp(&(other.major, other.minor, other.patch))
            .then_with(|| compare_pre(&self.pre, &other.pre))
    }
}

fn compare_pre(a: &str, b: &str) -> Ordering {
    match (a.is_empty(), b.is_empty()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        let (x, y) = match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(x), Some(y)) => (x, y),
        };
        let order = match (x.parse::<u64>(), y.parse::<u64>()) {
            (Ok(x), Ok(y)) => x.cmp(&y),
            (Ok(_), Err(_)) => Ordering::Less,
            (Err(_), Ok(_)) => Ordering::Greater,
            (Err(_), Err(_)) => x.cmp(y),
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// The parts of a version as written; numbers may be `x` in constraints.
struct Parts<'t> {
    major: &'t str,
    minor: Option<&'t str>,
    patch: Option<&'t str>,
    pre: &'t str,
    metadata: &'t str,
}

impl<'t> Parts<'t> {
    fn of(text: &'t str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, metadata) = text.split_once('+').map_or((text, None), |(text, it)| (text, Some(it)));
        let (numbers, pre) = text.split_once('-').map_or((text, None), |(text, it)| (text, Some(it)));
        let is_word = |it: &str| {
            it.split('.').all(|it| !it.is_empty() && it.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-'))
        };
        let is_number = |it: &str| !it.is_empty() && it.bytes().all(|it| it.is_ascii_digit() || b"xX*".contains(&it));
        let mut numbers = numbers.split('.');
        let (major, minor, patch) = (numbers.next()?, numbers.next(), numbers.next());
        let fits = numbers.next().is_none()
            && is_number(major)
            && minor.is_none_or(is_number)
            && patch.is_none_or(is_number)
            && pre.is_none_or(is_word)
            && metadata.is_none_or(is_word);
        let (pre, metadata) = (pre.unwrap_or_default(), metadata.unwrap_or_default());
        fits.then_some(Self { major, minor, patch, pre, metadata })
    }
}

/// Whether `version` meets `constraint`; none when one of them is not well-formed.
pub(crate) fn check(constraint: &str, version: &Version) -> Option<bool> {
    let mut holds = false;
    for group in constraint.split("||") {
        let parts = group_of(group)?;
        holds |= !parts.is_empty() && parts.iter().all(|part| part.holds(version));
    }
    Some(holds)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    Equal,
    NotEqual,
    Greater,
    Less,
    GreaterOrEqual,
    LessOrEqual,
    Tilde,
    Caret,
}

struct Constraint {
    operator: Operator,
    version: Version,
    dirty: bool,
    minor_dirty: bool,
    patch_dirty: bool,
}

const OPERATORS: [(&str, Operator); 11] = [
    ("!=", Operator::NotEqual),
    (">=", Operator::GreaterOrEqual),
    ("=>", Operator::GreaterOrEqual),
    ("<=", Operator::LessOrEqual),
    ("=<", Operator::LessOrEqual),
    ("~>", Operator::Tilde),
    ("=", Operator::Equal),
    (">", Operator::Greater),
    ("<", Operator::Less),
    ("~", Operator::Tilde),
    ("^", Operator::Caret),
];

fn group_of(group: &str) -> Option<Vec<Constraint>> {
    let group = with_ranges(group);
    let mut rest = group.trim();
    if rest.is_empty() {
        return None;
    }
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (operator, behind) = OPERATORS
            .iter()
            .find_map(|(text, operator)| Some((*operator, rest.strip_prefix(text)?)))
            .unwrap_or((Operator::Equal, rest));
        let behind = behind.trim_start();
        let end = behind.find([' ', ',', '\t']).unwrap_or(behind.len());
        parts.push(Constraint::new(operator, behind.get(..end)?)?);
        rest = behind.get(end..)?.trim_start();
        rest = rest.strip_prefix(',').unwrap_or(rest).trim_start();
    }
    Some(parts)
}

/// `1.2 - 1.4` as `>=1.2 <=1.4`.
fn with_ranges(group: &str) -> String {
    match group.split_once(" - ") {
        Some((from, to)) => format!(">={} <={}", from.trim(), to.trim()),
        None => group.to_owned(),
    }
}

impl Constraint {
    fn new(operator: Operator, text: &str) -> Option<Self> {
        let parts = Parts::of(text)?;
        let is_any = |it: &str| matches!(it, "x" | "X" | "*");
        let number = |it: Option<&str>| it.unwrap_or("0").parse::<u64>().ok();
        let (mut minor_dirty, mut patch_dirty, mut dirty) = (false, false, true);
        let (major, minor, patch) = if is_any(parts.major) {
            (0, 0, 0)
        } else if parts.minor.is_none_or(is_any) {
            minor_dirty = true;
            (number(Some(parts.major))?, 0, 0)
        } else if parts.patch.is_none_or(is_any) {
            patch_dirty = true;
            (number(Some(parts.major))?, number(parts.minor)?, 0)
        } else {
            dirty = false;
            (number(Some(parts.major))?, number(parts.minor)?, number(parts.patch)?)
        };
        let version = Version {
            major,
            minor,
            patch,
            pre: parts.pre.to_owned(),
            metadata: parts.metadata.to_owned(),
            original: text.to_owned(),
        };
        Some(Self { operator, version, dirty, minor_dirty, patch_dirty })
    }

    fn holds(&self, v: &Version) -> bool {
        let con = &self.version;
        if !v.pre.is_empty() && con.pre.is_empty() {
            return false;
        }
        match self.operator {
            Operator::Equal if self.dirty => self.tilde(v),
            Operator::Equal => v.compare(con) == Ordering::Equal,
            Operator::NotEqual if self.dirty => {
                v.major != con.major
                    || (!self.minor_dirty && v.minor != con.minor)
                    || (!self.minor_dirty && !self.patch_dirty && v.patch != con.patch)
            }
            Operator::NotEqual => v.compare(con) != Ordering::Equal,
            Operator::Greater if self.dirty => {
                v.major > con.major || (v.major == con.major && self.patch_dirty && v.minor > con.minor)
            }
            Operator::Greater => v.compare(con) == Ordering::Greater,
            Operator::Less => v.compare(con) == Ordering::Less,
            Operator::GreaterOrEqual => v.compare(con) != Ordering::Less,
            Operator::LessOrEqual if self.dirty => {
                !(v.major > con.major || (v.major == con.major && v.minor > con.minor && !self.minor_dirty))
            }
            Operator::LessOrEqual => v.compare(con) != Ordering::Greater,
            Operator::Tilde => self.tilde(v),
            Operator::Caret => self.caret(v),
        }
    }

    fn tilde(&self, v: &Version) -> bool {
        let con = &self.version;
        if v.compare(con) == Ordering::Less {
            return false;
        }
        let is_zero = (con.major, con.minor, con.patch) == (0, 0, 0) && !self.minor_dirty && !self.patch_dirty;
        is_zero || (v.major == con.major && (v.minor == con.minor || self.minor_dirty))
    }

    fn caret(&self, v: &Version) -> bool {
        let con = &self.version;
        if v.compare(con) == Ordering::Less {
            return false;
        }
        if con.major > 0 || self.minor_dirty {
            return v.major == con.major;
        }
        if v.major > 0 {
            return false;
        }
        if con.minor > 0 || self.patch_dirty {
            return v.minor == con.minor;
        }
        v.minor == 0 && v.patch == con.patch
    }
}
