//! Bringing the hosts of a file up to date, byte by byte: what the import does not know to be different stays as somebody
//! wrote it, and so do comments, order and line ends.

mod matching;
mod place;

use std::collections::{BTreeMap, BTreeSet};

use hostfit_core::{
    config::write::quoted,
    finding::Edit,
    fleet::{self, Engine as FileEngine, Host, Orchestrator, Taint},
    source::{Source, Span},
    windows::{Isolation, OsVersion},
};

use super::{
    machine::{Engine, Runtime},
    pool::{HostOs, Names, Pool},
    write::{self, Value},
};
use place::{Document, HostPlace};

/// What becomes of a file.
#[derive(Debug, Default)]
pub(crate) struct Merge {
    /// What changes in it, in the order of the file.
    pub(crate) edits: Vec<Edit>,
    /// How many hosts are new.
    pub(crate) added: usize,
    /// How many hosts were changed.
    pub(crate) changed: usize,
    /// What somebody should look at.
    pub(crate) notes: Vec<String>,
}

/// Works out what changes. `hosts` are those of the file, in its order. `lists` are the orchestrators of which there was a
/// list: of the others there may be more machines than the outputs tell of.
///
/// # Errors
/// When the file is not TOML.
pub(crate) fn merge(source: &Source, hosts: &[Host], pools: &[Pool], lists: &[Orchestrator]) -> Result<Merge, String> {
    let document = Document::parse(source)?;
    let mut merge = Merge::default();
    let partners = matching::partners(hosts, pools);
    for ((host, place), partner) in hosts.iter().zip(&document.hosts).zip(&partners.of_hosts) {
        if let Some(pool) = partner.and_then(|pool| pools.get(pool)) {
            let mut update = Update {
                source,
                host,
                pool,
                place,
                is_listed: lists.contains(&pool.orchestrator),
                edits: Vec::new(),
                lines: BTreeMap::new(),
                notes: Vec::new(),
            };
            update.all();
            merge.notes.append(&mut update.notes);
            let edits = update.finish();
            merge.changed += usize::from(!edits.is_empty());
            merge.edits.extend(edits);
        } else if host.orchestrator.is_some_and(|own| lists.contains(&own)) {
            merge.notes.push(format!("kept `{}`: no imported node matches it", host.name));
        }
    }
    let mut taken: Names = hosts.iter().map(|host| host.name.clone()).collect();
    let mut new = Vec::new();
    for pool in partners.new.iter().filter_map(|&pool| pools.get(pool)) {
        if pool.os.is_none() {
            continue;
        }
        new.push(Pool { name: taken.take(&pool.name), ..pool.clone() });
    }
    merge.added = new.len();
    merge.edits.extend(document.append(source, &new));
    // At one place what belongs to a host comes before the hosts that follow.
    merge.edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    Ok(merge)
}

/// One host that is brought up to date.
struct Update<'a> {
    source: &'a Source,
    host: &'a Host,
    pool: &'a Pool,
    place: &'a HostPlace,
    /// Whether the pool has no more machines than are mentioned.
    is_listed: bool,
    edits: Vec<Edit>,
    /// New keys, by their place in the order of keys.
    lines: BTreeMap<usize, (&'static str, Value)>,
    notes: Vec<String>,
}

impl Update<'_> {
    fn all(&mut self) {
        self.os();
        self.kind();
        self.runtime();
        self.isolation();
        self.labels("labels");
        self.labels("engine-labels");
        self.taints();
        let (count, own) = (self.pool.count(), self.host.count as usize);
        if own < count || own > count && self.is_listed {
            self.set("count", Value::Number(count));
        }
    }

    /// Puts a value in the place of the key's, or a new key where it belongs.
    fn set(&mut self, key: &'static str, value: Value) {
        if let Some(span) = self.place.value(key) {
            self.edits.push(Edit { span, text: value.inline() });
        } else {
            let order = write::ORDER.iter().position(|it| *it == key).unwrap_or_default();
            self.lines.insert(order, (key, value));
        }
    }

    fn note(&mut self, what: &str) {
        self.notes.push(format!("`{}` {what}", self.host.name));
    }

    /// `ltsc2022` and `10.0.20348.2700` are not different; two revisions are.
    fn os(&mut self) {
        let own = match self.host.os {
            fleet::HostOs::Linux => HostOs::Linux,
            fleet::HostOs::Windows(version) => HostOs::Windows(version),
        };
        let Some(imported) = self.pool.os else { return };
        let is_same = match (own, imported) {
            (HostOs::Windows(own), HostOs::Windows(imported)) => is_same_version(own, imported),
            _ => own == imported,
        };
        if !is_same {
            self.set("os", Value::Text(write::os(imported)));
        }
    }

    fn kind(&mut self) {
        if let (Some(HostOs::Windows(_)), Some(kind)) = (self.pool.os, self.pool.kind)
            && kind != self.host.kind
        {
            self.set("kind", Value::Text(kind.name().to_owned()));
        }
    }

    fn runtime(&mut self) {
        let Some(imported) = &self.pool.runtime else { return };
        let own = self.host.runtime.as_ref();
        if own.is_some_and(|own| is_same_runtime(own, imported)) {
            return;
        }
        // Not every output tells who keeps the images; then it is as it was.
        let store = own.map(|own| own.engine == FileEngine::DockerContainerd);
        let store = imported.containerd_store.or(store.filter(|_| imported.engine == Engine::Docker));
        self.set("runtime", Value::Text(Runtime { containerd_store: store, ..imported.clone() }.to_string()));
    }

    fn isolation(&mut self) {
        let Some(imported) = self.pool.isolation else { return };
        if self.place.value("isolation").is_none() {
            self.set("isolation", Value::Text(write::isolation(imported).to_owned()));
        } else if self.host.isolation != imported && self.host.isolation != Isolation::Default {
            self.note(&format!("stays as it is, but its engine's default isolation is {}", write::isolation(imported)));
        }
    }

    /// Labels that somebody added stay.
    fn labels(&mut self, key: &'static str) {
        let (imported, own) = match key {
            "labels" => (&self.pool.labels, &self.host.labels),
            _ => (&self.pool.engine_labels, &self.host.engine_labels),
        };
        let Some(imported) = imported else { return };
        let mut new = BTreeMap::new();
        for (name, value) in imported {
            match own.iter().find(|(own, _)| own == name) {
                Some((_, own)) if own == value => {}
                Some(_) => {
                    let span = self.place.pair(key, name);
                    self.edits.extend(span.map(|span| Edit { span, text: quoted(value) }));
                }
                None => {
                    new.insert(name.clone(), value.clone());
                }
            }
        }
        let is_anywhere = |name: &String, value: &String| {
            self.pool.machines.iter().any(|it| {
                let all = if key == "labels" { &it.labels } else { &it.engine_labels };
                all.as_ref().is_none_or(|all| all.get(name) == Some(value))
            })
        };
        let gone = own.iter().filter(|(name, value)| !imported.contains_key(name) && !is_anywhere(name, value));
        let gone: Vec<_> = gone.map(|(name, value)| format!("{name}={value}")).collect();
        for label in gone {
            self.note(&format!("keeps the label {label}, which no output mentions"));
        }
        if new.is_empty() {
            return;
        }
        match self.place.add_pairs(self.source, key, &new) {
            Some(edit) => self.edits.push(edit),
            None => self.set(key, Value::Pairs(new)),
        }
    }

    fn taints(&mut self) {
        let Some(imported) = &self.pool.taints else { return };
        let set = |taints: &[Taint]| taints.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
        if set(imported) == set(&self.host.taints) {
            return;
        }
        let has_comment = |span: Span| self.source.slice(span).contains('#');
        if self.place.value("taints").is_some_and(has_comment) {
            let now = write::taints(imported).inline();
            self.note(&format!("has the taints {now} now; among comments they are left to you"));
        } else {
            self.set("taints", write::taints(imported));
        }
    }

    /// All edits; keys that are new at one place are one edit.
    fn finish(mut self) -> Vec<Edit> {
        let mut at: BTreeMap<u32, Edit> = BTreeMap::new();
        for (order, (key, value)) in std::mem::take(&mut self.lines) {
            let edit = self.place.add_key(self.source, order, key, &value);
            at.entry(edit.span.start).and_modify(|known| known.text.push_str(&edit.text)).or_insert(edit);
        }
        self.edits.extend(at.into_values());
        self.edits
    }
}

fn is_same_version(own: OsVersion, imported: OsVersion) -> bool {
    own.build == imported.build
        && (own.revision == imported.revision || own.revision.is_none() || imported.revision.is_none())
}

fn is_same_runtime(own: &fleet::Runtime, imported: &Runtime) -> bool {
    let engine = match (own.engine, imported.engine) {
        (FileEngine::Containerd, Engine::Containerd) => true,
        (FileEngine::Docker, Engine::Docker) => imported.containerd_store != Some(true),
        (FileEngine::DockerContainerd, Engine::Docker) => imported.containerd_store != Some(false),
        _ => false,
    };
    let version = fleet::Runtime::parse(&imported.to_string(), Span::NOWHERE).and_then(|it| it.version);
    engine && (version.is_none() || own.version == version)
}

/// Whether both are placed on by the same; a host of none is one of all.
fn serves(host: &Host, orchestrator: Orchestrator) -> bool {
    host.serves(orchestrator)
}
