//! YAML as a tree whose scalars know where they were written.

use std::ops::Range;

use crate::text::{HoleId, Origin, Text};

/// One node of a document.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    /// What it is.
    pub data: Data,
    /// The bytes of the text that was read: of a scalar without its quotes, of a collection from its first to its last
    /// entry.
    pub range: Range<usize>,
    /// Entries of a collection that are not known.
    pub gaps: Vec<HoleId>,
}

/// What a [`Node`] is.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Data {
    /// `null`, `~`, nothing.
    #[default]
    Null,
    /// A Boolean.
    Bool(bool, Origin),
    /// A number. Go reads every number of values as this.
    Number(f64, Origin),
    /// A string.
    String(Text),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file. No key stands twice; merge keys are resolved.
    Map(Vec<Entry>),
    /// Not known.
    Hole(HoleId),
}

/// One entry of a mapping.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: Text,
    /// The bytes of the key in the text that was read.
    pub key_range: Range<usize>,
    /// The value.
    pub value: Node,
}

impl Node {
    /// A node that stands in no text.
    pub fn new(data: Data) -> Self {
        Self { data, ..Self::default() }
    }

    /// The entries of a mapping; none for other nodes.
    pub fn entries(&self) -> &[Entry] {
        match &self.data {
            Data::Map(entries) => entries,
            _ => &[],
        }
    }

    /// The items of a sequence; none for other nodes.
    pub fn items(&self) -> &[Self] {
        match &self.data {
            Data::List(items) => items,
            _ => &[],
        }
    }

    /// The value under `key` of a mapping.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|entry| entry.key.as_str() == key).map(|entry| &entry.value)
    }

    /// The string that it is.
    pub fn text(&self) -> Option<&Text> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The string that it is, without origins.
    pub fn str(&self) -> Option<&str> {
        self.text().map(Text::as_str)
    }

    /// The strings in it, keys left out.
    pub fn texts(&self) -> Box<dyn Iterator<Item = &Text> + '_> {
        let own = self.text().into_iter();
        let items = self.items().iter().flat_map(Self::texts);
        Box::new(own.chain(items).chain(self.entries().iter().flat_map(|entry| entry.value.texts())))
    }

    /// Whether it is a mapping.
    pub fn is_map(&self) -> bool {
        matches!(self.data, Data::Map(_))
    }

    /// The first hole in it.
    pub fn hole(&self) -> Option<HoleId> {
        let own = match &self.data {
            Data::Hole(hole) => Some(*hole),
            Data::String(text) => text.hole(),
            Data::List(items) => items.iter().find_map(Self::hole),
            Data::Map(entries) => entries.iter().find_map(|entry| entry.key.hole().or_else(|| entry.value.hole())),
            _ => None,
        };
        own.or_else(|| self.gaps.first().copied())
    }

    /// Puts `value` under `key` of a mapping, in the place of what was there.
    pub fn put(&mut self, key: Text, value: Self) {
        if let Data::Map(entries) = &mut self.data {
            match entries.iter_mut().find(|entry| entry.key.as_str() == key.as_str()) {
                Some(entry) => {
                    entry.key = key;
                    entry.value = value;
                }
                None => entries.push(Entry { key, key_range: 0..0, value }),
            }
        }
    }
}
