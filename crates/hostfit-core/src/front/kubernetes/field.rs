//! Single values of a manifest: text with the placeholders that something fills in before the API server sees it.

use std::{cell::Cell, ops::Range};

use crate::{
    source::Span,
    syntax::yaml::{Dialect, Node, Scalar},
    text::{Origin, Text},
};

/// How much of one file is lowered: more than 8 MiB can hold by honest means, so that aliases of aliases end somewhere.
pub(in crate::front) const BUDGET: usize = 1_000_000;

/// Counts what was lowered.
#[derive(Debug)]
pub(super) struct Reader {
    left: Cell<usize>,
}

impl Default for Reader {
    fn default() -> Self {
        Self { left: Cell::new(BUDGET) }
    }
}

impl Reader {
    /// Whether one more thing may be lowered.
    pub(super) fn spend(&self) -> bool {
        self.spend_on(1)
    }

    /// Whether `count` more things may be lowered.
    pub(super) fn spend_on(&self, count: usize) -> bool {
        let left = self.left.get().checked_sub(count);
        self.left.set(left.unwrap_or(0));
        left.is_some()
    }

    /// How many were.
    pub(super) fn spent(&self) -> usize {
        BUDGET - self.left.get()
    }

    /// The items of a sequence.
    pub(super) fn items<'t>(&self, node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
        node.items().take_while(|_| self.spend())
    }

    /// The entries of a mapping.
    pub(super) fn entries<'t>(&self, node: Node<'t>) -> impl Iterator<Item = (Node<'t>, Node<'t>)> {
        node.entries().take_while(|_| self.spend())
    }
}

/// The value under `key`, if it is there and not null. An object that lacks a field and one that has null are alike.
pub(super) fn field<'t>(object: Node<'t>, key: &str) -> Option<Node<'t>> {
    object.get(key).filter(|value| !value.is_null())
}

/// Key and value under `key`, if they are there and the value is not null.
pub(super) fn entry<'t>(object: Node<'t>, key: &str) -> Option<(Node<'t>, Node<'t>)> {
    object.entry(key).filter(|(_, value)| !value.is_null())
}

/// `field` over several keys.
pub(super) fn at<'t>(object: Node<'t>, path: &[&str]) -> Option<Node<'t>> {
    path.iter().try_fold(object, |node, key| field(node, key))
}

/// Where a mapping starts: at its first key; the whole of a node without one.
pub(super) fn first(node: Node<'_>) -> Span {
    node.entries().next().map_or_else(|| node.span(), |(key, _)| key.span())
}

/// Whether the API server takes a scalar for text.
pub(super) fn is_text(node: Node<'_>) -> bool {
    matches!(node.scalar(Dialect::Kubernetes), Some(Scalar::Str(_)))
}

/// The text of a scalar of any type, placeholders as holes; none for collections and null.
pub(super) fn text(node: Node<'_>) -> Option<Text> {
    let whole = node.text()?;
    let holes = holes(whole);
    if holes.is_empty() && node.is_as_written() {
        return Some(Text::literal(whole, node.span()));
    }
    let mut text = Text::empty(node.span());
    let mut holes = holes.into_iter().peekable();
    let mut start = 0;
    for (value, span) in node.pieces() {
        let end = start + value.len();
        let mut at = start;
        while at < end {
            while holes.next_if(|hole| hole.end <= at).is_some() {}
            let (stop, is_hole) = match holes.peek() {
                Some(hole) if hole.start <= at => (hole.end.min(end), true),
                Some(hole) => (hole.start.min(end), false),
                None => (end, false),
            };
            let range = at - start..stop - start;
            let part = value.get(range.clone()).unwrap_or_default();
            let exact = span.len() == value.len();
            let place = if exact { span.part(range) } else { span };
            if is_hole {
                let name = part.trim_matches(|it: char| it.is_whitespace() || "{}<>[]()$#%_‹›".contains(it));
                text.push(part, place, place, Origin::Hole(name.to_owned()));
            } else {
                text.push_literal(part, place);
            }
            at = stop;
        }
        start = end;
    }
    Some(text)
}

/// The text of a scalar of any type without looking for placeholders: names, and what only ever is shown.
pub(super) fn plain(node: Node<'_>) -> Option<(String, Span)> {
    Some((node.text()?.to_owned(), node.span()))
}

/// Longer than any image reference, label or name. Such a value cannot be one of these, so it is not evaluated.
const MAX_HOLED: usize = 4096;

/// The parts of a value that a person or a program replaces before the manifest is applied. None of these characters
/// may stand in an image reference or in a label, so nothing real is taken for one.
fn holes(value: &str) -> Vec<Range<usize>> {
    const BRACKETS: [(&str, &str); 10] = [
        ("{{", "}}"), // Helm, Argo, Jinja
        ("${", "}"),  // envsubst, OpenShift, Flux
        ("$(", ")"),  // kustomize vars, make
        ("#{", "}"),  // Octopus, Azure DevOps' replace-tokens
        ("<", ">"),   // people
        ("{", "}"),
        ("[", "]"),
        ("%", "%"),
        ("__", "__"), // Azure DevOps
        ("‹", "›"),   // what a chart leaves unknown
    ];
    if value.len() > MAX_HOLED {
        return std::iter::once(0..value.len()).collect();
    }
    if !value.bytes().any(|byte| matches!(byte, b'{' | b'$' | b'#' | b'<' | b'[' | b'%' | b'_' | 0xe2)) {
        return Vec::new();
    }
    let mut found = Vec::new();
    // Brackets that are not closed any more: without this, `{{{{{{` would be searched to its end from each place.
    let mut unclosed = [false; BRACKETS.len()];
    let mut at = 0;
    while let Some(rest) = value.get(at..).filter(|rest| !rest.is_empty()) {
        let bracket = BRACKETS.iter().zip(&mut unclosed).find(|((open, _), _)| rest.starts_with(open));
        let length = match bracket {
            Some((_, true)) => None,
            Some(((open, close), unclosed)) => {
                let inner = rest.get(open.len()..).unwrap_or_default();
                let closed = inner.find(close);
                *unclosed = closed.is_none();
                closed.filter(|end| *open != "__" || is_token(inner.get(..*end).unwrap_or_default())).map(|end| {
                    let length = open.len() + end + close.len();
                    length + usize::from(*open == "#{" && rest.get(length..).is_some_and(|next| next.starts_with('#')))
                })
            }
            None => rest.strip_prefix('$').map(|name| 1 + name.bytes().take_while(|it| is_word(*it)).count()),
        };
        match length {
            Some(length) if length > 1 => {
                found.push(at..at + length);
                at += length;
            }
            _ => at += rest.chars().next().map_or(1, char::len_utf8),
        }
    }
    found
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `IMAGE_TAG`: an image's name may hold `__`, but no capitals.
fn is_token(inner: &str) -> bool {
    !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::holes;

    #[test]
    fn placeholders_are_holes() {
        for (value, hole) in [
            ("r/a:${TAG}", "${TAG}"),
            ("r/a:$(TAG)-x", "$(TAG)"),
            ("{{ .Values.image }}:1", "{{ .Values.image }}"),
            ("r/a:#{Build.Id}#", "#{Build.Id}#"),
            ("r/a:#{Octopus.Release}", "#{Octopus.Release}"),
            ("<your-registry>/a:1", "<your-registry>"),
            ("r/a:$TAG", "$TAG"),
            ("r/a:__TAG__", "__TAG__"),
            ("%IMAGE%", "%IMAGE%"),
            ("r/a:{tag}", "{tag}"),
        ] {
            let found = holes(value);
            assert_eq!(found.iter().map(|at| value.get(at.clone())).collect::<Vec<_>>(), [Some(hole)], "{value}");
        }
    }

    #[test]
    fn what_names_and_labels_may_hold_is_no_hole() {
        for value in
            ["mcr.microsoft.com/windows/servercore:ltsc2022", "r/a__b/c__d:1", "14393.*", "a@sha256:00", "", "${", "5%"]
        {
            assert!(holes(value).is_empty(), "{value}");
        }
    }

    #[test]
    fn nothing_is_read_into_an_endless_value() {
        assert_eq!(holes(&"{".repeat(200_000)).first(), Some(&(0..200_000)));
    }
}
