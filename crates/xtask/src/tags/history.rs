//! Which tags there were, from when until when.

use std::collections::{BTreeMap, BTreeSet};

/// What a tag holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Platforms {
    /// Builds.
    pub(super) windows: BTreeSet<u16>,
    pub(super) linux: bool,
}

#[derive(Debug)]
pub(super) struct Life {
    /// As of the last day.
    pub(super) platforms: Platforms,
    /// Days since 1970-01-01.
    pub(super) from: u32,
    /// The day on which it was removed, if it was.
    pub(super) until: Option<u32>,
}

/// The tags of one source on one day, by repository and tag.
pub(super) type Snapshot = BTreeMap<(String, String), Platforms>;

#[derive(Default)]
pub(super) struct History {
    pub(super) tags: BTreeMap<(String, String), Life>,
    /// What each source published last.
    last: BTreeMap<String, BTreeSet<(String, String)>>,
}

impl History {
    /// Takes what `source` publishes from `day` on.
    pub(super) fn publish(&mut self, source: &str, day: u32, snapshot: Snapshot) {
        let before = self.last.remove(source).unwrap_or_default();
        for gone in before.iter().filter(|tag| !snapshot.contains_key(*tag)) {
            if let Some(life) = self.tags.get_mut(gone) {
                life.until = Some(day);
            }
        }
        self.last.insert(source.to_owned(), snapshot.keys().cloned().collect());
        for (tag, platforms) in snapshot {
            let life =
                self.tags.entry(tag).or_insert_with(|| Life { platforms: platforms.clone(), from: day, until: None });
            life.platforms = platforms;
            life.until = None;
        }
    }

    /// A tag that somebody pulled on that day.
    pub(super) fn saw(&mut self, repository: &str, tag: &str, build: u16, day: u32) {
        let windows = Platforms { windows: [build].into(), linux: false };
        let life = self.tags.entry((repository.to_owned(), tag.to_owned())).or_insert_with(|| Life {
            platforms: windows,
            from: day,
            until: None,
        });
        life.from = life.from.min(day);
    }

    pub(super) fn summary(&self) -> String {
        let repositories: BTreeSet<_> = self.tags.keys().map(|(repository, _)| repository).collect();
        format!("{} tags of {} repositories", self.tags.len(), repositories.len())
    }
}
