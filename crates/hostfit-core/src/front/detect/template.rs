//! Whether a file is a template, from which one of ours is yet to be made: what it says is not what will run.

use memchr::memmem;

use super::{content, names};
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
/// `docker inspect --format '{{.State}}'` in a command is none, nor is a comment. `%%VERSION%%` counts only under the
/// name of a template.
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

/// Whether the file is a template of Helm's: it speaks of a chart's values, or lies where templates lie and is made of
/// nothing but Go's actions.
pub(in crate::front) fn is_helm_template(path: &str, text: &str) -> bool {
    let holds = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let speaks_of_charts =
        || [".Values", ".Release.", ".Chart.", "include \"", "template \""].iter().any(|it| holds(it));
    let lies_in_chart = || names::is_in_chart(path) && !holds("{%") && !holds("<%");
    holds("{{") && (lies_in_chart() && (speaks_of_charts() || content::reads_like_ours(text)) || holds("{{ .Values"))
}

/// Whether text that is no YAML is none because it is a template.
pub(in crate::front) fn is_text_template(text: &str, error_line: &str) -> bool {
    let acts = |line: &str| {
        let line = line.trim_start().trim_start_matches(['-', ' ']);
        let value = line.split_once(": ").map_or("", |(_, value)| value.trim_start());
        MARKERS.iter().any(|marker| line.starts_with(marker) || value.starts_with(marker))
    };
    is_marked(error_line) || text.lines().any(acts)
}

/// Whether a file that *is* YAML is a template nevertheless: a key, or a value that decides, is to be filled in.
/// Values that others read (Prometheus rules in a block, `--format` of a health check) make no template.
pub(in crate::front) fn is_tree_template(tree: &Tree) -> bool {
    tree.documents().any(is_filled_in)
}

/// Bounded by the tree's limits on depth and on what aliases expand to.
fn is_filled_in(node: Node<'_>) -> bool {
    let of_entry = |(key, value): (Node<'_>, Node<'_>)| {
        let Some(name) = key.text() else { return key.is_mapping() };
        let decides = DECISIVE.contains(&name) && value.text().is_some_and(is_marked);
        let is_named = name == "metadata" && value.get("name").and_then(Node::text).is_some_and(is_marked);
        decides || is_named || is_marked(name) || is_filled_in(value)
    };
    node.entries().any(of_entry) || node.items().any(is_filled_in)
}
