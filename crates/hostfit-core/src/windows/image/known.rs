//! What was worked out of references. Many files name the same ones, and a run that follows an edit names nearly all of those
//! of the run before.

use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use super::{Alternative, Family, Identity, ImageRules, alternatives, identify_by, retired_since};
use crate::{
    text::Text,
    windows::{Date, release::Releases},
};

/// What was worked out of references, by their text without what is not known of it. It holds for one configuration.
#[derive(Debug, Default)]
pub struct KnownReferences {
    identities: Known<String, Arc<Identity>>,
    alternatives: Known<(String, Option<Family>), Alternatives>,
    retired: Known<String, Option<Date>>,
}

type Known<K, V> = Mutex<FxHashMap<K, V>>;

type Alternatives = Option<Arc<[Alternative]>>;

/// More references are those that somebody typed letter by letter for days.
const MANY: usize = 100_000;

impl KnownReferences {
    /// The same as [`identify_by`].
    pub fn identity(&self, text: &Text, rules: &ImageRules<'_>, releases: &Releases) -> Arc<Identity> {
        known(&self.identities, text.masked(), || Arc::new(identify_by(text, rules, releases)))
    }

    /// The same as [`alternatives`].
    pub fn alternatives(&self, text: &Text, identity: &Identity, releases: &Releases) -> Option<Arc<[Alternative]>> {
        // What builds an image may say that it is of no family, whatever its name says.
        let family = identity.family.filter(|_| identity.is_base);
        known(&self.alternatives, (text.masked(), family), || alternatives(text, identity, releases).map(Into::into))
    }

    /// The same as [`retired_since`].
    pub fn retired_since(&self, text: &Text, identity: &Identity) -> Option<Date> {
        // What builds an image may say that it is of another version than its name says.
        identity.version.as_ref()?;
        known(&self.retired, text.masked(), || retired_since(text, identity))
    }
}

fn known<K: Eq + std::hash::Hash, V: Clone>(all: &Known<K, V>, key: K, find: impl FnOnce() -> V) -> V {
    let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
    if all.len() > MANY {
        all.clear();
    }
    all.entry(key).or_insert_with(find).clone()
}
