//! Where lines are missing: which collection of the tree they would be part of.

use crate::{
    node::{Data, Node},
    text::{HoleId, Text},
};

/// Marks, for each hole without bytes, the collection or the value that it belongs to.
pub(super) fn place(text: &Text, roots: &mut [Node]) {
    for (at, hole) in text.gaps() {
        let written = text.as_str();
        let line_start = written.get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
        let column = at - line_start;
        let document = roots.iter_mut().rev().find(|root| root.range.start <= at);
        let Some(root) = document.filter(|_| !starts_document(written, at)) else { continue };
        put(root, text, at, column, hole);
    }
}

/// Whether a line `---` stands before the place, and nothing between.
fn starts_document(written: &str, at: usize) -> bool {
    written.get(..at).is_some_and(|before| before.trim_end().ends_with("\n---") || before.trim() == "---")
}

fn put(node: &mut Node, text: &Text, at: usize, column: usize, hole: HoleId) {
    match &mut node.data {
        Data::Map(entries) => {
            let last = entries.iter_mut().rev().find(|entry| entry.key_range.start < at);
            if let Some(entry) = last {
                let key_column = column_of(text, entry.key_range.start);
                let is_list = matches!(entry.value.data, Data::List(_));
                // The items of a list may be as deep as its key.
                let lacks_value = entry.value.data == Data::Null && column == key_column;
                if lacks_value
                    || column > key_column
                    || (is_list && column == key_column && entry.value.range.end >= at)
                {
                    return put(&mut entry.value, text, at, column, hole);
                }
            }
            node.gaps.push(hole);
        }
        Data::List(items) => {
            let last = items.iter_mut().rev().find(|item| item.range.start < at);
            if let Some(item) = last
                && matches!(item.data, Data::Map(_) | Data::List(_))
                && column >= column_of(text, item.range.start)
            {
                return put(item, text, at, column, hole);
            }
            node.gaps.push(hole);
        }
        Data::Null => node.data = Data::Hole(hole),
        _ => node.gaps.push(hole),
    }
}

fn column_of(text: &Text, at: usize) -> usize {
    let line_start = text.as_str().get(..at).and_then(|it| it.rfind('\n')).map_or(0, |it| it + 1);
    at - line_start
}
