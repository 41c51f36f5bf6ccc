//! `daemon.json`: validated only.
//!
//! What dockerd makes of it is in moby/moby `daemon/config/config.go` (`getConflictFreeConfiguration`,
//! `parseExecOptions`): a byte order mark is fine, UTF-16 too, an empty file as well; bytes that are not UTF-8 are
//! refused.

use crate::{
    source::{Source, Span},
    syntax::{
        json,
        yaml::{Dialect, Node, Scalar, Tree},
    },
};

/// A `daemon.json`.
#[derive(Debug, Default)]
pub struct File {
    /// What keeps the daemon from starting with it.
    pub faults: Vec<Fault>,
}

/// Something that the daemon refuses.
#[derive(Debug, PartialEq, Eq)]
pub struct Fault {
    /// The bytes.
    pub span: Span,
    /// What is wrong with them.
    pub message: String,
    /// What to write.
    pub help: Option<String>,
    /// The isolation mode that they misspell, if they do; it stands there as it is.
    pub isolation: Option<String>,
}

impl File {
    /// Reads a `daemon.json`. Never fails.
    pub fn read(source: &Source) -> Self {
        let text = source.text.trim_start_matches('\u{feff}');
        if let Some(at) = source.invalid_utf8 {
            return Self::with(Span::new(source.id, at as usize..at as usize + 1), "the file is not UTF-8");
        }
        if text.trim_ascii().is_empty() {
            return Self::default();
        }
        if let Some(error) = json::error(source) {
            return Self::with(error.span, &error.message);
        }
        let tree = Tree::parse(source);
        Self { faults: tree.documents().next().map(faults).unwrap_or_default() }
    }

    fn with(span: Span, message: &str) -> Self {
        Self { faults: vec![Fault { span, message: message.to_owned(), help: None, isolation: None }] }
    }
}

/// What the daemon refuses in a file that is JSON.
fn faults(root: Node<'_>) -> Vec<Fault> {
    let fault = |node: Node<'_>, message: &str, help: &str| Fault {
        span: node.span(),
        message: message.to_owned(),
        help: Some(help.to_owned()),
        isolation: None,
    };
    if root.is_null() {
        return Vec::new();
    }
    if !root.is_mapping() {
        return vec![fault(root, "`daemon.json` has to hold an object", "write `{ … }`")];
    }
    let Some(options) = root.get("exec-opts").filter(|options| !options.is_null()) else { return Vec::new() };
    if !options.is_sequence() {
        return vec![fault(options, "`exec-opts` has to be a list of strings", "write `[\"isolation=hyperv\"]`")];
    }
    let wrong = |item: Node<'_>| match item.scalar(Dialect::Compose) {
        Some(Scalar::Str(option)) => wrong_option(item, option),
        Some(Scalar::Null) => None,
        _ => Some(fault(item, "an entry of `exec-opts` has to be a string", "write `\"isolation=hyperv\"`")),
    };
    options.items().filter_map(wrong).collect()
}

/// What is wrong with `option`, and on which bytes. Options other than `isolation` are for Linux daemons.
fn wrong_option(item: Node<'_>, option: &str) -> Option<Fault> {
    let (name, value) = option.split_once('=').map_or((option, ""), |(name, value)| (name.trim(), value.trim()));
    if name.is_empty() || value.is_empty() {
        let (message, help) = (format!("invalid exec-opt `{option}`"), Some("write `OPTION=VALUE`".to_owned()));
        return Some(Fault { span: item.span(), message, help, isolation: None });
    }
    let known = ["default", "process", "hyperv"].iter().any(|mode| value.eq_ignore_ascii_case(mode));
    if known || !name.eq_ignore_ascii_case("isolation") {
        return None;
    }
    let start = option.find('=').map_or(0, |at| at + 1);
    let start = start + option.get(start..).map_or(0, |rest| rest.len() - rest.trim_start().len());
    let (span, isolation) = match item.pieces().as_slice() {
        [(whole, span)] if whole.len() == span.len() => (span.part(start..start + value.len()), Some(value.to_owned())),
        _ => (item.span(), None),
    };
    let message = format!("`{value}` is not an isolation mode");
    Some(Fault { span, message, help: Some("write `default`, `process` or `hyperv`".to_owned()), isolation })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceId;

    fn faults(text: &str) -> Vec<(String, String)> {
        let source = Source::from_text(SourceId(0), "daemon.json", text);
        let file = File::read(&source);
        file.faults.into_iter().map(|it| (source.slice(it.span).to_owned(), it.message)).collect()
    }

    #[test]
    fn what_the_daemon_takes_has_no_faults() {
        for text in [
            "",
            " \r\n",
            "\u{feff}{}",
            "{}",
            "null",
            r#"{"exec-opts": ["isolation=hyperv"]}"#,
            r#"{"exec-opts": ["Isolation = HyperV", "native.cgroupdriver=systemd"]}"#,
            "{\r\n\t\"exec-opts\": [\r\n\t\t\"isolation=process\"\r\n\t],\r\n\t\"hosts\": [\"npipe:\\/\\/\"]\r\n}",
            r#"{"exec-opts": null}"#,
        ] {
            assert_eq!(faults(text), [], "{text}");
        }
    }

    #[test]
    fn a_wrong_isolation_is_shown_on_its_value() {
        let found = faults("\u{feff}{\"exec-opts\": [\"isolation=hyper-v\"]}");
        assert_eq!(found.len(), 1);
        assert_eq!(found.first().map(|it| it.0.as_str()), Some("hyper-v"));
    }

    #[test]
    fn wrong_types_are_shown_where_they_stand() {
        let shown = |text: &str| faults(text).into_iter().map(|it| it.0).collect::<Vec<_>>();
        assert_eq!(shown(r#"{"exec-opts": "isolation=hyperv"}"#), ["isolation=hyperv"]);
        assert_eq!(shown(r#"{"exec-opts": ["isolation"]}"#), ["isolation"]);
        assert_eq!(shown(r#"{"exec-opts": [1, {"a": 2}]}"#), ["1", r#"{"a": 2}"#]);
        assert_eq!(shown("[]"), ["[]"]);
    }

    #[test]
    fn what_is_no_json_is_shown_at_the_byte() {
        assert_eq!(faults("{\n  \"a\": 1,\n}"), [("}".to_owned(), "not valid JSON: trailing comma".to_owned())]);
        assert_eq!(faults("{\"é\": tru\n}").len(), 1);
        assert_eq!(faults("{\"a\": [1").first().map(|it| it.0.clone()), Some(String::new()));
        assert_eq!(faults("# x\n{}").first().map(|it| it.0.as_str()), Some("#"));
    }
}
