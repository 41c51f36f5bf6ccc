//! `[[host]]`: the fleet.

use rustc_hash::FxHashSet;
use serde_json::{Value, json};

use super::{
    key::{self, Key},
    reader::{Entry, Pairs, Reader, shown},
};
use crate::{
    fleet::{EFFECTS, Host, HostOs, HostPlaces, Runtime, Taint},
    model::Orchestrator,
    source::Span,
    windows::{HostKind, Isolation, platform::Platform, release::Releases, version},
};

pub(super) const KEYS: &[Key] = &[
    Key { name: "name", about: "Its name in findings.", value: key::name },
    Key {
        name: "os",
        about: "A release (`ltsc2022`), a build (`20348`), a version (`10.0.20348.2700`), what `ver` or `kubectl describe \
                node` prints, or `linux`.",
        value: key::os,
    },
    Key {
        name: "kind",
        about: "Windows Server, or Windows 10 and 11. Default: what `os` says, or else what usually has its build.",
        value: || key::words(HostKind::NAMED),
    },
    Key {
        name: "orchestrator",
        about: "What places containers on it. Without it, the host stands for all of them.",
        value: || key::words(Orchestrator::NAMED),
    },
    Key {
        name: "runtime",
        about: "Engine and version. `docker 29.6.2` has Docker's own image store, `docker 29.6.2 (containerd)` \
                containerd's.",
        value: runtime_schema,
    },
    Key {
        name: "isolation",
        about: "The engine's default isolation, as `exec-opts` of `daemon.json` sets it.",
        value: || key::words(ISOLATIONS),
    },
    Key { name: "hyperv", about: "Whether the Hyper-V role is there.", value: key::boolean },
    Key {
        name: "labels",
        about: "Node labels. Those that Kubernetes sets by itself need not be written down.",
        value: key::pairs,
    },
    Key { name: "engine-labels", about: "Labels of the Docker engine, for Swarm constraints.", value: key::pairs },
    Key { name: "taints", about: "Taints, as `key=value:effect`.", value: taints_schema },
    Key {
        name: "platform",
        about: "Who runs its cluster: the support dates of that platform apply beside Microsoft's.",
        value: || key::words(PLATFORMS),
    },
    Key { name: "count", about: "How many equal machines it stands for.", value: count_schema },
];

const ISOLATIONS: &[(&str, Isolation)] =
    &[("process", Isolation::Process), ("hyperv", Isolation::Hyperv), ("default", Isolation::Default)];

const PLATFORMS: &[(&str, Platform)] = &[
    (Platform::Aks.id(), Platform::Aks),
    (Platform::Eks.id(), Platform::Eks),
    (Platform::Gke.id(), Platform::Gke),
    (Platform::Ecs.id(), Platform::Ecs),
    (Platform::OpenShift.id(), Platform::OpenShift),
];

pub(super) fn hosts(reader: &mut Reader, section: &Entry, releases: &Releases) -> Vec<Host> {
    let (mut hosts, mut names) = (Vec::new(), FxHashSet::default());
    for (table, span) in reader.tables(section) {
        let mut fields = Fields::default();
        for entry in reader.entries(table) {
            fields.take(reader, &entry, releases);
        }
        if !fields.name_given {
            reader.error(span, "a host without `name`", Some("add `name = \"win2022\"`: findings show it".to_owned()));
        }
        if !fields.os_given {
            let help = "add `os = \"ltsc2022\"`, the release that it runs, or `os = \"linux\"`".to_owned();
            reader.error(span, "a host without `os`", Some(help));
        }
        fields.check_kind(reader);
        let (Some((name, name_span)), Some((os, os_span))) = (fields.name.take(), fields.os.take()) else { continue };
        if !names.insert(name.clone()) {
            reader.error(name_span, format!("a second host is called `{}`", shown(&name)), None);
            continue;
        }
        hosts.push(fields.host((name, name_span), (os, os_span), releases));
    }
    hosts
}

/// What one `[[host]]` says.
#[derive(Default)]
struct Fields {
    name: Option<(String, Span)>,
    name_given: bool,
    os: Option<(HostOs, Span)>,
    os_given: bool,
    kind: Option<(HostKind, Span)>,
    /// The kind that `os` says.
    os_kind: Option<HostKind>,
    orchestrator: Option<Orchestrator>,
    runtime: Option<Runtime>,
    isolation: Option<Isolation>,
    hyperv: Option<bool>,
    labels: Pairs,
    engine_labels: Pairs,
    taints: Vec<Taint>,
    platform: Option<(Platform, Span)>,
    count: Option<u32>,
}

impl Fields {
    fn take(&mut self, reader: &mut Reader, entry: &Entry, releases: &Releases) {
        match entry.key {
            "name" => {
                self.name_given = true;
                self.name = name(reader, entry);
            }
            "os" => {
                self.os_given = true;
                self.os = os(reader, entry, releases);
                self.os_kind = entry.as_text().and_then(|text| version::kind(text, releases));
            }
            "kind" => self.kind = reader.word(entry, HostKind::NAMED).map(|kind| (kind, entry.span)),
            "orchestrator" => self.orchestrator = reader.word(entry, Orchestrator::NAMED),
            "runtime" => self.runtime = runtime(reader, entry),
            "isolation" => self.isolation = reader.word(entry, ISOLATIONS),
            "hyperv" => self.hyperv = reader.boolean(entry),
            "labels" => self.labels = reader.pairs(entry),
            "engine-labels" => self.engine_labels = reader.pairs(entry),
            "taints" => self.taints = taints(reader, entry),
            "platform" => {
                let platform = reader.word(entry, PLATFORMS);
                self.platform = platform.and_then(|platform| Some((platform, reader.text(entry)?.1)));
            }
            "count" => self.count = reader.number(entry, 1),
            _ => reader.unknown_key(entry, "[[host]]", KEYS),
        }
    }

    /// Two statements of one fact: nothing says which of them is right, and each gives other verdicts.
    fn check_kind(&self, reader: &mut Reader) {
        let (Some((kind, span)), Some(own)) = (self.kind, self.os_kind) else { return };
        if kind == own {
            return;
        }
        let message = format!("`kind` is `{}`, but `os` is that of a {}", kind.name(), own.name());
        reader.error(span, message, Some("remove `kind`, or write the build alone as `os`".to_owned()));
    }

    fn host(self, (name, name_span): (String, Span), (os, os_span): (HostOs, Span), releases: &Releases) -> Host {
        let (labels, label_places) = self.labels.into_iter().unzip();
        let (engine_labels, engine_label_places) = self.engine_labels.into_iter().unzip();
        let kind = self.kind.map(|(kind, _)| kind).or(self.os_kind).unwrap_or_else(|| match os {
            HostOs::Windows(version) => releases.usual_kind(version.build),
            HostOs::Linux => HostKind::Server,
        });
        Host {
            name,
            os,
            os_span,
            kind,
            orchestrator: self.orchestrator,
            runtime: self.runtime,
            isolation: self.isolation.unwrap_or(Isolation::Default),
            hyperv: self.hyperv,
            labels,
            engine_labels,
            taints: self.taints,
            platform: self.platform.map(|(platform, _)| platform),
            count: self.count.unwrap_or(1),
            places: HostPlaces {
                name: Some(name_span),
                labels: label_places,
                engine_labels: engine_label_places,
                platform: self.platform.map(|(_, span)| span),
            },
        }
    }
}

fn name(reader: &mut Reader, entry: &Entry) -> Option<(String, Span)> {
    let (name, span) = reader.text(entry)?;
    if name.trim().is_empty() {
        reader.error(entry.span, "the name of a host is empty", None);
        return None;
    }
    Some((name.to_owned(), span))
}

fn os(reader: &mut Reader, entry: &Entry, releases: &Releases) -> Option<(HostOs, Span)> {
    let (text, span) = reader.text(entry)?;
    if text.trim().eq_ignore_ascii_case("linux") {
        return Some((HostOs::Linux, span));
    }
    let Some(version) = version::of_host(text, releases) else {
        reader.not_an_os(text, span);
        return None;
    };
    Some((HostOs::Windows(version), span))
}

fn runtime(reader: &mut Reader, entry: &Entry) -> Option<Runtime> {
    let (text, span) = reader.text(entry)?;
    let runtime = Runtime::parse(text, span);
    if runtime.is_none() {
        let help = "write engine and version: `containerd 2.1.6`, `docker 29.6.2`, or `docker 29.6.2 (containerd)` for the \
                    containerd image store";
        reader.error(span, format!("`{}` is not a runtime", shown(text)), Some(help.to_owned()));
    }
    runtime
}

fn taints(reader: &mut Reader, entry: &Entry) -> Vec<Taint> {
    let mut taints = Vec::new();
    for (text, span) in reader.texts(entry) {
        if let Some(taint) = Taint::parse(text) {
            taints.push(taint);
            continue;
        }
        let help = format!("write `KEY=VALUE:EFFECT`, with one of the effects {}", EFFECTS.join(", "));
        reader.error(span, format!("`{}` is not a taint", shown(text)), Some(help));
    }
    taints
}

pub(super) fn schema() -> Value {
    key::tables(KEYS, &["name", "os"])
}

fn runtime_schema() -> Value {
    json!({
        "type": "string",
        // Letter case does not count, for which JSON Schema has no word.
        "pattern": r"^\s*([Dd][Oo][Cc][Kk][Ee][Rr]|[Cc][Oo][Nn][Tt][Aa][Ii][Nn][Ee][Rr][Dd])(\s|:|\(|$)",
        "examples": ["containerd 2.1.6", "docker 29.6.2", "docker 29.6.2 (containerd)"],
    })
}

fn taints_schema() -> Value {
    let pattern = format!(r"^\s*[^=\s]+(=\S*)?:({})\s*$", EFFECTS.join("|"));
    json!({ "type": "array", "items": { "type": "string", "pattern": pattern }, "examples": [["os=windows:NoSchedule"]] })
}

fn count_schema() -> Value {
    json!({ "type": "integer", "minimum": 1, "maximum": u32::MAX, "default": 1 })
}
