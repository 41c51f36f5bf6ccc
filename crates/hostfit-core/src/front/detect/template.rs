//! Whether a file is a template, from which one of ours is yet to be made: what it says is not what will run.

use memchr::memmem;

use super::{Kind, content, names};
use crate::syntax::yaml::{Node, Tree};

/// What templates are written with: Go, Jinja and Handlebars, ERB and EJS. Variables of a shell (`${TAG}`) are filled
/// in by Compose itself, or stay unknown: they make no template.
const MARKERS: [&str; 3] = ["{{", "{%", "<%"];

/// Keys whose values decide what is judged: one that is to be filled in leaves nothing to judge.
const DECISIVE: [&str; 10] = [
    "image",
    "kind",
    "apiVersion",
    "isolation",
    "platform",
    "namespace",
    "nodeName",
    "runtimeClassName",
    "serviceAccountName",
    "kubernetes.io/os",
];

/// Whether the text holds anything that a template would.
pub(in crate::front) fn has_markers(text: &str) -> bool {
    MARKERS.iter().any(|marker| memmem::find(text.as_bytes(), marker.as_bytes()).is_some())
}

fn is_marked(text: &str) -> bool {
    MARKERS.iter().any(|marker| text.contains(marker))
}

/// Whether the text of a Dockerfile is a template: a whole line is an action, or what FROM or ARG say is filled in.
/// `docker inspect --format '{{.State}}'` in a command does not make it one, nor does a comment. `%%VERSION%%` counts
/// only under the name of a template.
pub(in crate::front) fn is_dockerfile_template(path: &str, text: &str) -> bool {
    if names::is_template(path) && text.contains("%%") {
        return true;
    }
    if !has_markers(text) {
        return false;
    }
    text.lines().map(str::trim_start).filter(|line| !line.starts_with('#')).any(|line| {
        let instruction = line.split_ascii_whitespace().next().unwrap_or_default();
        let decides = ["from", "arg", "copy", "env"].iter().any(|known| instruction.eq_ignore_ascii_case(known));
        MARKERS.iter().any(|marker| line.starts_with(marker)) || decides && is_marked(line)
    })
}

/// Whether the file is a Helm template: it refers to a chart's values, or lies where templates lie and is made of
/// nothing but Go's actions.
pub(in crate::front) fn is_helm_template(path: &str, text: &str) -> bool {
    let holds = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let refers_to_chart =
        || [".Values", ".Release.", ".Chart.", "include \"", "template \""].iter().any(|it| holds(it));
    let lies_in_chart = || names::is_in_chart(path) && !holds("{%") && !holds("<%");
    holds("{{") && (lies_in_chart() && (refers_to_chart() || content::reads_like_ours(text)) || holds("{{ .Values"))
}

/// Whether the text is a template that may be one of Go: it has no blocks of Jinja, ERB or EJS.
pub(in crate::front) fn is_go_template(text: &str) -> bool {
    let holds = |marker: &str| memmem::find(text.as_bytes(), marker.as_bytes()).is_some();
    holds("{{") && !holds("{%") && !holds("<%")
}

/// Whether text is not YAML because it is a template.
pub(in crate::front) fn is_text_template(text: &str, error_line: &str) -> bool {
    let acts = |line: &str| {
        let line = line.trim_start().trim_start_matches(['-', ' ']);
        let value = line.split_once(": ").map_or("", |(_, value)| value.trim_start());
        MARKERS.iter().any(|marker| line.starts_with(marker) || value.starts_with(marker))
    };
    is_marked(error_line) || text.lines().any(acts)
}

/// Whether a line that its reader refuses holds what is yet to be filled in, in one of the ways that scripts choose for
/// themselves: `image: {registry}/web:{version}`, `"true"OTHER_LABELS`, `@IMAGE@`, `%%LABELS%%`, or such a word alone.
pub(in crate::front) fn is_to_be_filled_in(line: &str) -> bool {
    let line = line.trim().trim_start_matches(['-', ' ']);
    let value = line.split_once(": ").map_or(line, |(_, value)| value.trim_start());
    is_placeholder_alone(line) || starts_with_placeholder(value) || is_quoted_and_more(value)
}

/// `{registry}/web`: in YAML a mapping that ends where the value goes on. `@IMAGE@` and `%IMAGE%` start no value there.
fn starts_with_placeholder(value: &str) -> bool {
    let in_braces = enclosed(value, "{", "}").is_some_and(|rest| rest.starts_with(|next: char| !is_end(next)));
    in_braces
        || [("[[", "]]"), ("@", "@"), ("%%", "%%"), ("%", "%")].iter().any(|it| enclosed(value, it.0, it.1).is_some())
}

/// What follows a name between `open` and `close` at the start of the text.
fn enclosed<'t>(text: &'t str, open: &str, close: &str) -> Option<&'t str> {
    let (name, rest) = text.strip_prefix(open)?.split_once(close)?;
    is_name(name.trim()).then_some(rest)
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && text.chars().all(|it| it.is_ascii_alphanumeric() || matches!(it, '_' | '-' | '.'))
}

/// Whether a flow mapping may end before this character.
fn is_end(next: char) -> bool {
    next.is_whitespace() || matches!(next, ',' | '}' | ']' | ':' | '#')
}

/// `"true"OTHER_LABELS`.
fn is_quoted_and_more(value: &str) -> bool {
    let behind = |quote: char| value.strip_prefix(quote).and_then(|rest| rest.split_once(quote)).map(|(_, rest)| rest);
    behind('"').or_else(|| behind('\'')).is_some_and(|rest| is_constant(rest.trim_end()))
}

/// A line of nothing but `OTHER_LABELS`, `__LABELS__`, `$OTHER_LABELS`, `${LABELS}`, `@LABELS@`, `<LABELS>`.
fn is_placeholder_alone(line: &str) -> bool {
    let is_enclosed = [("${", "}"), ("{", "}"), ("<", ">"), ("@", "@"), ("%%", "%%"), ("$(", ")")]
        .iter()
        .any(|it| enclosed(line, it.0, it.1) == Some(""));
    let name = line.strip_prefix('$').unwrap_or(line);
    is_enclosed || name.contains('_') && is_constant(name)
}

/// A name in capitals.
fn is_constant(text: &str) -> bool {
    text.len() > 1
        && text.contains(|it: char| it.is_ascii_uppercase())
        && text.chars().all(|it| it.is_ascii_uppercase() || it.is_ascii_digit() || it == '_')
}

/// Whether a file that *is* YAML is a template nevertheless: a key, or a value that decides, is to be filled in.
/// Values that others read (Prometheus rules in a block, `--format` of a health check) make no template.
pub(in crate::front) fn is_tree_template(tree: &Tree, kind: Kind) -> bool {
    // Compose takes `r.io/a:{{x}}` as it is written; who wants it filled in writes more than a part of a value so.
    let is_marked = if kind == Kind::Compose { starts_marked } else { is_marked };
    tree.documents().any(|document| is_filled_in(document, is_marked))
}

fn starts_marked(text: &str) -> bool {
    MARKERS.iter().any(|marker| text.trim_start().starts_with(marker))
}

/// Bounded by the tree's limits on depth and on what aliases expand to.
fn is_filled_in(node: Node<'_>, is_marked: fn(&str) -> bool) -> bool {
    let of_entry = |(key, value): (Node<'_>, Node<'_>)| {
        let Some(name) = key.text() else { return key.is_mapping() };
        let decides = DECISIVE.contains(&name) && value.text().is_some_and(is_marked);
        let is_named = name == "metadata" && value.get("name").and_then(Node::text).is_some_and(is_marked);
        decides || is_named || is_marked(name) || is_filled_in(value, is_marked)
    };
    node.entries().any(of_entry) || node.items().any(|item| is_filled_in(item, is_marked))
}
