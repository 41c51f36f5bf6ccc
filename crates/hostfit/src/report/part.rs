//! What a report that is one of several says of itself, so that `hostfit merge` can tell which belong together.

use std::borrow::Cow;

use hostfit_core::{finding::Severity, shard::Shard};
use serde::{Deserialize, Serialize};

/// One of the reports of a run that was split by `--shard`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part<'a> {
    /// Its number, from 1.
    pub(crate) index: u32,
    /// How many there are.
    pub(crate) count: u32,
    /// The same in all of them: what was looked at, and how.
    pub(crate) run: Cow<'a, str>,
    /// The least severity that makes the run fail; `never` where nothing does.
    pub(crate) threshold: Cow<'a, str>,
}

const NEVER: &str = "never";

impl Part<'_> {
    pub(crate) fn new(shard: Shard, run: String, fail_on: Option<Severity>) -> Self {
        let threshold = fail_on.map_or(NEVER, super::word).into();
        Self { index: shard.index(), count: shard.count(), run: run.into(), threshold }
    }

    /// Which it is; none where there is no such part.
    pub(crate) fn shard(&self) -> Option<Shard> {
        Shard::new(self.index, self.count)
    }

    /// The least severity that makes the run fail, if anything does; an error where that is not a severity.
    pub(crate) fn fail_on(&self) -> Result<Option<Severity>, String> {
        if self.threshold == NEVER {
            return Ok(None);
        }
        super::severity(&self.threshold).map(Some)
    }
}

/// A report on one part, read.
pub(crate) struct Named<T> {
    /// The file that holds it, as the command line calls it.
    pub(crate) name: String,
    pub(crate) shard: Shard,
    pub(crate) part: Part<'static>,
    pub(crate) report: T,
}

impl<T> Named<T> {
    /// # Errors
    /// When it is not one of several.
    pub(crate) fn new(name: &str, part: Option<Part<'static>>, report: T) -> Result<Self, String> {
        let Some(part) = part else {
            return Err(format!(
                "{name} is the result of a whole run; `hostfit merge` joins those of `hostfit check --shard I/N`"
            ));
        };
        let Some(shard) = part.shard() else {
            return Err(format!("{name} claims to be shard {}/{}, which cannot exist", part.index, part.count));
        };
        part.fail_on().map_err(|why| format!("{name} cannot be taken: {why}"))?;
        Ok(Self { name: name.to_owned(), shard, part, report })
    }

    /// # Errors
    /// When the shard does not report on that file.
    pub(crate) fn owns(&self, path: &str) -> Result<(), String> {
        if self.shard.holds(path) {
            return Ok(());
        }
        let (name, shard) = (&self.name, self.shard);
        Err(format!("{name} was changed since it was written: `{path}` is not one of the files of shard {shard}"))
    }
}

/// The parts in their order, if they are all those of one run, each once.
///
/// # Errors
/// What is wrong with them.
pub(crate) fn of_one_run<T>(mut parts: Vec<Named<T>>) -> Result<Vec<Named<T>>, String> {
    parts.sort_by_key(|it| it.part.index);
    let Some(first) = parts.first() else { return Err("there is nothing to join".to_owned()) };
    let count = first.part.count;
    for other in &parts {
        let (one, two) = (&first.name, &other.name);
        if other.part.count != count {
            let (a, b) = (first.shard, other.shard);
            return Err(format!("{one} is shard {a} and {two} is shard {b}: these are of different runs"));
        }
        if other.part.run != first.part.run {
            return Err(format!(
                "{one} and {two} are of different runs: the files, the configuration, the options or the day differ; \
                 check one commit everywhere, with the same options, `--as-of` among them"
            ));
        }
    }
    if let Some([one, two]) = parts.array_windows().find(|[one, two]| one.part.index == two.part.index) {
        return Err(format!("{} and {} are both shard {}", one.name, two.name, one.shard));
    }
    let missing: Vec<_> = (1..=count)
        .filter(|index| parts.binary_search_by_key(index, |it| it.part.index).is_err())
        .map(|index| index.to_string())
        .collect();
    match missing.as_slice() {
        [] => Ok(parts),
        [one] => Err(format!("shard {one}/{count} is missing")),
        few if few.len() <= 10 => Err(format!("the shards {} of {count} are missing", few.join(", "))),
        many => Err(format!("{} of {count} shards are missing", many.len())),
    }
}
