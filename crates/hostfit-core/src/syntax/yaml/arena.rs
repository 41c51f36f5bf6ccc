//! The nodes of a tree, flat.

use rustc_hash::FxHashMap;

/// All nodes of a file.
#[derive(Debug, Default)]
pub(super) struct Arena {
    pub(super) nodes: Vec<Raw>,
    /// Children of collections, those of one together: items, or keys and values in turn.
    pub(super) children: Vec<u32>,
    /// Values of scalars that do not stand in the file as they are.
    pub(super) owned: String,
    /// Tags as written, where there are any.
    pub(super) tags: FxHashMap<u32, (u32, u32)>,
}

/// One node.
#[derive(Clone, Copy, Debug)]
pub(super) struct Raw {
    /// Its bytes, quotes left out.
    pub(super) start: u32,
    pub(super) end: u32,
    /// Scalars: the range of the value, in the text or in [`Arena::owned`]. Collections: the first child and how
    /// many. Aliases: the node.
    pub(super) a: u32,
    pub(super) b: u32,
    pub(super) kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Literal,
    Folded,
    /// As the five above, with the value in [`Arena::owned`].
    OwnedPlain,
    OwnedSingleQuoted,
    OwnedDoubleQuoted,
    OwnedLiteral,
    OwnedFolded,
    Sequence,
    FlowSequence,
    Mapping,
    FlowMapping,
    /// A mapping with merge keys or with a key twice.
    ResolvedMapping,
    ResolvedFlowMapping,
    Alias,
    /// An alias that can't be followed: reads as null.
    Broken,
}

impl Kind {
    pub(super) fn owned(self) -> Self {
        match self {
            Self::Plain => Self::OwnedPlain,
            Self::SingleQuoted => Self::OwnedSingleQuoted,
            Self::DoubleQuoted => Self::OwnedDoubleQuoted,
            Self::Literal => Self::OwnedLiteral,
            Self::Folded => Self::OwnedFolded,
            other => other,
        }
    }

    pub(super) fn resolved(self) -> Self {
        match self {
            Self::Mapping => Self::ResolvedMapping,
            Self::FlowMapping => Self::ResolvedFlowMapping,
            other => other,
        }
    }

    pub(super) fn is_resolved(self) -> bool {
        matches!(self, Self::ResolvedMapping | Self::ResolvedFlowMapping)
    }

    /// The style of a scalar; none for other nodes.
    pub(super) fn style(self) -> Option<Style> {
        match self {
            Self::Plain | Self::OwnedPlain => Some(Style::Plain),
            Self::SingleQuoted | Self::OwnedSingleQuoted => Some(Style::SingleQuoted),
            Self::DoubleQuoted | Self::OwnedDoubleQuoted => Some(Style::DoubleQuoted),
            Self::Literal | Self::OwnedLiteral | Self::Folded | Self::OwnedFolded => Some(Style::Block),
            _ => None,
        }
    }

    pub(super) fn is_owned(self) -> bool {
        matches!(
            self,
            Self::OwnedPlain
                | Self::OwnedSingleQuoted
                | Self::OwnedDoubleQuoted
                | Self::OwnedLiteral
                | Self::OwnedFolded
        )
    }

    pub(super) fn is_mapping(self) -> bool {
        matches!(self, Self::Mapping | Self::FlowMapping | Self::ResolvedMapping | Self::ResolvedFlowMapping)
    }

    pub(super) fn is_sequence(self) -> bool {
        matches!(self, Self::Sequence | Self::FlowSequence)
    }

    pub(super) fn is_flow(self) -> bool {
        matches!(self, Self::FlowSequence | Self::FlowMapping | Self::ResolvedFlowMapping)
    }
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    SingleQuoted,
    DoubleQuoted,
    Block,
}

impl Arena {
    pub(super) fn raw(&self, node: u32) -> Option<Raw> {
        self.nodes.get(node as usize).copied()
    }

    /// The node itself, or the one that the alias names. Aliases never name aliases.
    pub(super) fn followed(&self, node: u32) -> u32 {
        match self.raw(node) {
            Some(Raw { kind: Kind::Alias, a, .. }) => a,
            _ => node,
        }
    }

    pub(super) fn children(&self, node: u32) -> &[u32] {
        match self.raw(self.followed(node)) {
            Some(raw) if raw.kind.is_mapping() || raw.kind.is_sequence() => self.items(raw),
            _ => &[],
        }
    }

    /// The children of a collection.
    pub(super) fn items(&self, collection: Raw) -> &[u32] {
        let first = collection.a as usize;
        self.children.get(first..first + collection.b as usize).unwrap_or_default()
    }

    /// The value of a scalar, null or not; none for other nodes.
    pub(super) fn text<'t>(&'t self, source: &'t str, node: u32) -> Option<&'t str> {
        let raw = self.raw(self.followed(node))?;
        raw.kind.style()?;
        let text = if raw.kind.is_owned() { self.owned.as_str() } else { source };
        Some(text.get(raw.a as usize..raw.b as usize).unwrap_or_default())
    }

    /// Whether the value of a scalar is this text.
    pub(super) fn has_text(&self, source: &str, node: u32, text: &str) -> bool {
        // Most differ in length.
        self.raw(self.followed(node)).is_some_and(|raw| raw.b.wrapping_sub(raw.a) as usize == text.len())
            && self.text(source, node) == Some(text)
    }

    /// Whether a key may be null or `<<`; the first byte of most shows that they are not.
    pub(super) fn may_be_no_name(&self, source: &str, key: u32) -> bool {
        self.text(source, key).is_some_and(|text| matches!(text.as_bytes(), [] | [b'~' | b'<' | b'n' | b'N', ..]))
    }

    /// Whether the key is `<<`, which merges mappings.
    pub(super) fn is_merge_key(&self, source: &str, key: u32) -> bool {
        // The length tells it from nearly all others.
        let plain = |raw: Raw| raw.b.wrapping_sub(raw.a) == 2 && raw.kind.style() == Some(Style::Plain);
        self.raw(self.followed(key)).is_some_and(plain) && self.text(source, key) == Some("<<")
    }

    /// Whether other mappings can be merged into one from this value: it is a mapping, or a list of mappings.
    pub(super) fn can_be_merged(&self, value: u32) -> bool {
        let kind = |node: u32| self.raw(self.followed(node)).map(|raw| raw.kind);
        let is_mapping = |node: u32| kind(node).is_some_and(|kind| kind.is_mapping() || kind == Kind::Broken);
        let is_list = kind(value).is_some_and(Kind::is_sequence);
        is_mapping(value) || is_list && self.children(value).iter().all(|&item| is_mapping(item))
    }

    /// Whether the node is a plain scalar that every reader takes for null.
    pub(super) fn is_null(&self, source: &str, node: u32) -> bool {
        let node = self.followed(node);
        // The length tells it from nearly all others.
        let may_be = |raw: Raw| raw.b.wrapping_sub(raw.a) <= 4 && raw.kind.style() == Some(Style::Plain);
        self.raw(node).is_some_and(may_be)
            && matches!(self.text(source, node), Some("" | "~" | "null" | "Null" | "NULL"))
            && !self.tags.contains_key(&node)
    }

    /// Where the node ends, its closing quote included.
    pub(super) fn outer_end(&self, node: u32) -> u32 {
        let Some(raw) = self.raw(node) else { return 0 };
        match raw.kind.style() {
            Some(Style::SingleQuoted | Style::DoubleQuoted) => raw.end + 1,
            _ => raw.end,
        }
    }
}

/// Whether there is nothing at all: a document without a node.
pub(super) fn is_blank_scalar(arena: &Arena, node: u32) -> bool {
    arena.raw(node).is_some_and(|raw| raw.kind == Kind::Plain && raw.start == raw.end)
        && !arena.tags.contains_key(&node)
}
