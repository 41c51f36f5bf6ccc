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
    label,
    machine::{Engine, Runtime},
    pool::{HostOs, Names, Pool, REVISIONS},
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
    /// How many hosts stay as they are.
    pub(crate) kept: usize,
    /// Hosts whose pools are no longer in their cluster; with `prune` they are removed.
    pub(crate) gone: Vec<String>,
    /// What somebody should look at.
    pub(crate) notes: Vec<String>,
}

/// What is known of the pools that the outputs list.
pub(crate) struct Listed<'a> {
    /// The pools.
    pub(crate) pools: &'a [Pool],
    /// The orchestrators of which there was a list: of the others there may be more machines than the outputs list.
    pub(crate) lists: &'a [Orchestrator],
    /// Whether hosts whose pools are gone are removed.
    pub(crate) prune: bool,
}

/// Works out what changes. `hosts` are those of the file, in its order.
///
/// # Errors
/// When the file is not TOML.
pub(crate) fn merge(source: &Source, hosts: &[Host], listed: &Listed<'_>) -> Result<Merge, String> {
    let document = Document::parse(source)?;
    let mut merge = Merge::default();
    let &Listed { pools, lists, prune } = listed;
    let names: Vec<_> = pools.iter().filter_map(Pool::pool_name).collect();
    let partners = matching::partners(hosts, pools);
    let mut removed = Vec::new();
    for (place, ((host, own), partner)) in hosts.iter().zip(&document.hosts).zip(&partners.of_hosts).enumerate() {
        let is_listed = host.orchestrator.is_some_and(|own| lists.contains(&own));
        if let Some(pool) = partner.and_then(|pool| pools.get(pool)) {
            let mut update = Update {
                source,
                host,
                pool,
                place: own,
                is_listed: lists.contains(&pool.orchestrator),
                edits: Vec::new(),
                lines: BTreeMap::new(),
                notes: Vec::new(),
            };
            update.all();
            merge.notes.append(&mut update.notes);
            let edits = update.finish();
            if edits.is_empty() {
                merge.kept += 1;
            } else {
                merge.changed += 1;
            }
            merge.edits.extend(edits);
        } else if is_listed && matching::pool_name(host).is_some_and(|own| names.iter().any(|it| it.is_beside(&own))) {
            merge.gone.push(host.name.clone());
            removed.push(place);
        } else {
            merge.kept += 1;
            if is_listed {
                merge.notes.push(format!("kept `{}`: no imported node matches it", host.name));
            }
        }
    }
    if prune {
        merge.edits.extend(document.remove(source, &removed));
    }
    let mut taken: Names = hosts.iter().map(|host| host.name.clone()).collect();
    let mut new = Vec::new();
    let text = source.text.as_str();
    for pool in partners.new.iter().filter_map(|&pool| pools.get(pool)) {
        let comment = write::commented_name(&pool.name);
        if pool.os.is_none() && (!pool.is_declared() || text.lines().any(|line| line.trim() == comment)) {
            continue;
        }
        new.push(Pool { name: taken.take(&pool.name), ..pool.clone() });
    }
    merge.added = new.iter().filter(|pool| pool.os.is_some()).count();
    merge.edits.extend(document.append(source, &new, if prune { &removed } else { &[] }));
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
        if let Some(platform) = self.pool.platform.filter(|it| Some(*it) != self.host.platform) {
            self.set("platform", Value::Text(platform.id().to_owned()));
        }
        if let Some(count) = self.pool.count.filter(|count| *count > 0) {
            let own = self.host.count as usize;
            if own < count || own > count && self.is_listed {
                self.set("count", Value::Number(count));
            }
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
        let has_revision = matches!(own, HostOs::Windows(OsVersion { revision: Some(_), .. }));
        let comment = self.pool.revisions().filter(|_| has_revision || !is_same);
        let beside = self.place.value("os").and_then(|value| place::comment(self.source, value, REVISIONS));
        match (beside, &comment) {
            (Some(span), Some(comment)) if self.source.slice(span).ends_with(comment.as_str()) => {}
            (Some(span), None) => self.edits.push(Edit { span, text: String::new() }),
            (Some(span), Some(comment)) => self.edits.push(Edit { span, text: format!("   # {comment}") }),
            (None, Some(comment)) => {
                let end = self.place.value("os").and_then(|value| place::end_of_line(self.source, value));
                self.edits.extend(end.map(|span| Edit { span, text: format!("   # {comment}") }));
            }
            (None, None) => {}
        }
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
        // A former import wrote which image a node had then, and that changes with each upgrade.
        let stale = |name: &str| own.iter().any(|(own, _)| own == name) && !imported.contains_key(name);
        let stale = label::OF_IMAGES.into_iter().filter(|name| stale(name)).filter_map(|name| {
            let span = self.place.removed_pair(self.source, key, name)?;
            Some(Edit { span, text: String::new() })
        });
        let stale: Vec<_> = stale.collect();
        // The last of a table is where new ones go.
        if new.is_empty() || own.len() > stale.len() {
            self.edits.extend(stale);
        }
        let is_gone = |name: &String, value: &String| {
            !imported.contains_key(name) && !is_anywhere(name, value) && !label::OF_IMAGES.contains(&name.as_str())
        };
        // A declaration does not list what its platform sets.
        let own = if self.pool.is_declared() { &[][..] } else { own.as_slice() };
        let gone = own.iter().filter(|(name, value)| is_gone(name, value));
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
