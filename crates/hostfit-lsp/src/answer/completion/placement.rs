//! Labels and values of the fleet where a placement is typed, and isolation modes.

use std::borrow::Cow;

use hostfit_core::{
    fleet::{Host, HostOs, Orchestrator},
    phrase,
    placement::kubernetes::{self, HOSTNAME, WINDOWS_BUILD},
    source::Span,
};

use super::{
    super::{View, yaml::Cursor},
    Item, ItemKind, Typing, isolation_modes,
};

/// None where nothing of a placement is typed.
pub(super) fn complete(view: &View<'_>, typing: &Typing<'_>, cursor: &Cursor<'_>) -> Option<Vec<Item>> {
    let field = Field { view, typing, cursor };
    match (cursor.path.as_slice(), cursor.is_value) {
        ([.., "nodeSelector"], false) => Some(field.label_keys(": ")),
        ([.., "nodeSelector", key], true) if !cursor.is_item => Some(field.label_values(key)),
        ([.., "matchExpressions", "key"], true) => Some(field.label_keys("")),
        ([.., "matchExpressions", "operator"], true) => Some(field.operators()),
        ([.., "matchExpressions", "values"], true) if cursor.is_item => {
            let (_, key) = cursor.siblings.iter().find(|(key, _)| *key == "key")?;
            Some(field.label_values(key.trim_matches(['"', '\''])))
        }
        ([.., "constraints"], true) if cursor.is_item => field.constraint(),
        ([.., "isolation"], true) if !cursor.is_item => Some(isolation_modes("", field.word())),
        _ => None,
    }
}

struct Field<'f> {
    view: &'f View<'f>,
    typing: &'f Typing<'f>,
    cursor: &'f Cursor<'f>,
}

/// A word with the hosts that have it.
struct Had<'f> {
    word: Cow<'f, str>,
    hosts: Vec<&'f str>,
}

fn add<'f>(found: &mut Vec<Had<'f>>, word: Cow<'f, str>, host: &'f Host) {
    match found.iter_mut().find(|had| had.word == word) {
        Some(had) => had.hosts.push(&host.name),
        None => found.push(Had { word, hosts: vec![&host.name] }),
    }
}

impl Had<'_> {
    fn item(&self, kind: ItemKind, text: String, span: Span) -> Item {
        let hosts: Vec<_> = self.hosts.iter().map(|&host| host.to_owned()).collect();
        let detail = match hosts.len() {
            0 => String::new(),
            1..=4 => format!("on {}", phrase::and(&hosts)),
            count => format!("on {count} hosts"),
        };
        let documentation = String::new();
        Item { label: self.word.to_string(), kind, detail, documentation, span, text, is_deprecated: false }
    }
}

/// Labels that every node has; the others are what the fleet declares.
const OF_EVERY_NODE: [&str; 2] = ["kubernetes.io/os", HOSTNAME];

impl<'f> Field<'f> {
    fn word(&self) -> Span {
        self.word_from(self.cursor.start)
    }

    fn word_from(&self, start: usize) -> Span {
        self.typing.word(start, |char| char.is_ascii_alphanumeric() || matches!(char, '.' | '-' | '_' | '/'))
    }

    fn hosts(&self, orchestrator: Orchestrator) -> impl Iterator<Item = &'f Host> + use<'f> {
        self.view.hosts_of(self.typing.source.id, orchestrator).into_iter()
    }

    /// What is typed so far.
    fn typed(&self) -> &'f str {
        self.typing.source.text.get(self.cursor.start..self.typing.offset as usize).unwrap_or_default()
    }

    /// The labels of the fleet's nodes; those that Kubernetes sets by itself first.
    fn label_keys(&self, behind: &str) -> Vec<Item> {
        let mut found = Vec::new();
        for host in self.hosts(Orchestrator::Kubernetes) {
            for key in OF_EVERY_NODE {
                add(&mut found, Cow::Borrowed(key), host);
            }
            if host.windows().is_some() {
                add(&mut found, Cow::Borrowed(WINDOWS_BUILD), host);
            }
        }
        for host in self.hosts(Orchestrator::Kubernetes) {
            for (key, _) in &host.labels {
                let is_known = found.iter().any(|had| had.word == *key && had.hosts.contains(&host.name.as_str()));
                if !is_known {
                    add(&mut found, Cow::Borrowed(key), host);
                }
            }
        }
        found.retain(|had| self.cursor.siblings.iter().all(|(key, _)| *key != had.word));
        let rank = |word: &str| match word {
            "kubernetes.io/os" => 0,
            WINDOWS_BUILD => 1,
            HOSTNAME => 3,
            _ => 2,
        };
        found.sort_by_key(|had| rank(&had.word));
        let span = self.word();
        let has_colon =
            self.typing.source.text.get(span.end as usize..).is_some_and(|rest| rest.starts_with([':', '"', '\'']));
        let behind = if has_colon || self.cursor.quote.is_some() { "" } else { behind };
        found.iter().map(|had| had.item(ItemKind::Key, format!("{}{behind}", had.word), span)).collect()
    }

    /// The values that the fleet's nodes have under a label.
    fn label_values(&self, key: &str) -> Vec<Item> {
        let mut found = Vec::new();
        for host in self.hosts(Orchestrator::Kubernetes) {
            if let Some(value) = kubernetes::declared(host, key) {
                add(&mut found, value, host);
            }
        }
        let span = self.word();
        found.iter().map(|had| had.item(ItemKind::Value, self.as_text(&had.word), span)).collect()
    }

    /// In quotes, where the API server would not take the plain word for text.
    fn as_text(&self, word: &str) -> String {
        const WORDS: [&str; 9] = ["", "true", "false", "yes", "no", "on", "off", "null", "~"];
        let is_number = word.starts_with(|first: char| first.is_ascii_digit() || matches!(first, '.' | '-' | '+'))
            && (word.parse::<f64>().is_ok() || word.starts_with("0x") || word.starts_with("0o"));
        let is_word = WORDS.iter().any(|it| it.eq_ignore_ascii_case(word)) || matches!(word, "y" | "Y" | "n" | "N");
        match self.cursor.quote {
            None if is_number || is_word => format!("\"{word}\""),
            _ => word.to_owned(),
        }
    }

    fn operators(&self) -> Vec<Item> {
        const OPERATORS: [(&str, &str); 6] = [
            ("In", "the label is one of the values"),
            ("NotIn", "it is not one of them, or not there"),
            ("Exists", "it is there"),
            ("DoesNotExist", "it is not there"),
            ("Gt", "it is an integer above the value"),
            ("Lt", "it is an integer below the value"),
        ];
        let span = self.word();
        let item = |(name, about): &(&str, &str)| Item {
            label: (*name).to_owned(),
            kind: ItemKind::Value,
            detail: (*about).to_owned(),
            documentation: String::new(),
            span,
            text: (*name).to_owned(),
            is_deprecated: false,
        };
        OPERATORS.iter().map(item).collect()
    }

    /// The key of a Swarm constraint, or the value behind its operator.
    fn constraint(&self) -> Option<Vec<Item>> {
        let typed = self.typed();
        let Some((at, operator)) = ["==", "!="].into_iter().find_map(|it| Some((typed.find(it)?, it))) else {
            return (!typed.contains(['=', '!', ' '])).then(|| self.constraint_keys());
        };
        let key = typed.get(..at)?.trim();
        let value = typed.get(at + operator.len()..)?.trim_start();
        let span = self.word_from(self.typing.offset as usize - value.len());
        let found = self.constraint_values(key);
        Some(found.iter().map(|had| had.item(ItemKind::Value, had.word.to_string(), span)).collect())
    }

    fn constraint_keys(&self) -> Vec<Item> {
        let mut found = Vec::new();
        for host in self.hosts(Orchestrator::Swarm) {
            add(&mut found, Cow::Borrowed("node.platform.os"), host);
            for (prefix, labels) in [("node", &host.labels), ("engine", &host.engine_labels)] {
                for (key, _) in labels {
                    add(&mut found, Cow::Owned(format!("{prefix}.labels.{key}")), host);
                }
            }
        }
        let of_swarm = ["node.platform.os", "node.platform.arch", "node.role", "node.hostname", "node.id"];
        let missing: Vec<_> = of_swarm.into_iter().filter(|key| found.iter().all(|had| had.word != *key)).collect();
        found.extend(missing.into_iter().map(|key| Had { word: Cow::Borrowed(key), hosts: Vec::new() }));
        let span = self.word();
        let rest = self.typing.source.text.get(span.end as usize..).unwrap_or_default();
        let behind = if rest.trim_start_matches(' ').starts_with(['=', '!']) { "" } else { " == " };
        found.iter().map(|had| had.item(ItemKind::Key, format!("{}{behind}", had.word), span)).collect()
    }

    fn constraint_values(&self, key: &str) -> Vec<Had<'f>> {
        let words = |words: &[&'static str]| -> Vec<Had<'f>> {
            words.iter().map(|word| Had { word: Cow::Borrowed(*word), hosts: Vec::new() }).collect()
        };
        let mut found = match key.to_ascii_lowercase().as_str() {
            "node.platform.os" => words(&["windows", "linux"]),
            "node.platform.arch" => words(&["x86_64", "aarch64"]),
            "node.role" => words(&["manager", "worker"]),
            _ => Vec::new(),
        };
        for host in self.hosts(Orchestrator::Swarm) {
            let value = match key.to_ascii_lowercase().as_str() {
                "node.platform.os" => Some(match host.os {
                    HostOs::Windows(_) => "windows",
                    HostOs::Linux => "linux",
                }),
                _ => label(host, key),
            };
            if let Some(value) = value {
                add(&mut found, Cow::Borrowed(value), host);
            }
        }
        found
    }
}

/// The value of `node.labels.NAME` or `engine.labels.NAME` on a host.
fn label<'h>(host: &'h Host, key: &str) -> Option<&'h str> {
    let in_labels = |labels: &'h [(String, String)], prefix: &str| {
        let (head, name) = key.split_at_checked(prefix.len())?;
        let label = labels.iter().find(|(own, _)| own == name).filter(|_| head.eq_ignore_ascii_case(prefix))?;
        Some(label.1.as_str())
    };
    in_labels(&host.labels, "node.labels.").or_else(|| in_labels(&host.engine_labels, "engine.labels."))
}
