//! What is not known: how it is written, and what depends on it.

use gotmpl::parse::{ListNode, Node, SmolStr};

use crate::{
    text::{HoleId, Origin, Text, UNKNOWN},
    value::Value,
};

/// Appends what is not known: behind other text of the line as [`UNKNOWN`], else as missing lines.
pub(super) fn put_hole(hole: HoleId, out: &mut Text) {
    out.push(if is_blank_line(out) { "" } else { UNKNOWN }, Origin::Hole(hole));
}

/// Whether the last line has nothing on it yet.
fn is_blank_line(out: &Text) -> bool {
    out.as_str().rsplit('\n').next().unwrap_or_default().trim().is_empty()
}

/// How deep the first line is indented that a list writes, if it begins one.
pub(super) fn first_indent(list: &ListNode) -> Option<usize> {
    let Some(Node::Text(text)) = list.nodes.first() else { return None };
    let blank = text.text.get(..text.text.len() - text.text.trim_start().len())?;
    blank.rsplit_once('\n').map(|(_, indent)| indent.len())
}

/// What is nothing but a hole is one: how it is written depends on where it is printed.
pub(super) fn unless_only_a_hole(text: Text) -> Value {
    match text.hole() {
        Some(hole) if text.as_str().trim().is_empty() || text.as_str().trim() == UNKNOWN => Value::Hole(hole),
        _ => Value::text(text),
    }
}

/// The text without `<no value>`, which Go prints for what is not there and Helm takes out.
pub(crate) fn without_no_value(text: Text) -> Text {
    const NO_VALUE: &str = "<no value>";
    if !text.as_str().contains(NO_VALUE) {
        return text;
    }
    let mut out = Text::default();
    let mut from = 0;
    for (at, _) in text.as_str().match_indices(NO_VALUE) {
        out.push_part(&text, from..at);
        from = at + NO_VALUE.len();
    }
    out.push_part(&text, from..text.len());
    out
}

/// The variables that are assigned to, not declared, in a list.
pub(super) fn assigned(list: &ListNode, names: &mut Vec<SmolStr>) {
    for node in &list.nodes {
        match node {
            Node::Action(action) if action.pipe.is_assign => names.extend(action.pipe.decl.iter().cloned()),
            Node::If(branch) | Node::With(branch) | Node::Range(branch) => {
                if branch.pipe.is_assign {
                    names.extend(branch.pipe.decl.iter().cloned());
                }
                assigned(&branch.body, names);
                if let Some(otherwise) = &branch.else_body {
                    assigned(otherwise, names);
                }
            }
            Node::List(list) => assigned(list, names),
            _ => {}
        }
    }
}
