//! Outputs to machines. Its content shows what an output is.

mod docker;
mod documents;
mod kubernetes;
mod text;

use std::collections::BTreeMap;

use hostfit_core::fleet::Orchestrator;

use super::machine::Machine;

/// What one or several outputs hold.
#[derive(Debug, Default)]
pub(crate) struct Outputs {
    /// What each states about machines, in order.
    pub(crate) machines: Vec<Machine>,
    /// Which kinds there were, in order, each once.
    pub(crate) kinds: Vec<Kind>,
    /// Of which orchestrators there was a list, and so all machines.
    pub(crate) lists: Vec<Orchestrator>,
    /// What was passed over, and what to do about it.
    pub(crate) notes: Vec<String>,
}

/// The kinds of output, called as the command is that prints them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Node objects, in JSON or YAML, or the table.
    Nodes,
    /// The text for people.
    Describe,
    /// `docker node inspect`.
    SwarmNodes,
    /// `docker info --format json`.
    Info,
    /// `docker version --format json`.
    Version,
}

impl Kind {
    /// The command.
    pub(crate) fn command(self) -> &'static str {
        match self {
            Self::Nodes => "kubectl get nodes",
            Self::Describe => "kubectl describe node",
            Self::SwarmNodes => "docker node inspect",
            Self::Info => "docker info",
            Self::Version => "docker version",
        }
    }
}

/// What can be taken, for those who gave something else.
pub(crate) const EXPECTED: &str = "expected the output of one of `kubectl get nodes -o json` (or `-o yaml`, `--show-labels`), \
                        `kubectl describe node`, `docker node inspect $(docker node ls -q)`, \
                        `docker info --format json`, `docker version --format json`";

/// Reads one output.
///
/// # Errors
/// Why it cannot be taken, to follow its name.
pub(crate) fn read(output: &str) -> Result<Outputs, String> {
    let output = output.trim_start_matches('\u{feff}');
    let mut outputs = Outputs::default();
    if output.trim().is_empty() {
        return Err(format!("is empty; {EXPECTED}"));
    }
    if documents::is_toml(output) {
        return Err(
            "is TOML, not node or engine data; `--fleet` of `hostfit check` takes a file with [[host]] entries, and \
                    `hostfit fleet import --merge` updates one"
                .to_owned(),
        );
    }
    if let Some(documents) = documents::json(output) {
        outputs.documents(&documents?)?;
    } else if !text::read(output, &mut outputs) {
        if !documents::is_yaml(output) {
            let nothing = || format!("is not node or engine data; {EXPECTED}");
            return Err(text::advice(output).map_or_else(nothing, str::to_owned));
        }
        outputs.documents(&documents::yaml(output)?)?;
    }
    outputs.find_lists();
    Ok(outputs)
}

impl Outputs {
    /// Adds those of another output.
    pub(crate) fn add(&mut self, other: Self) {
        other.kinds.into_iter().for_each(|kind| self.is_of(kind));
        self.lists.extend(other.lists);
        self.machines.extend(other.machines);
        self.notes.extend(other.notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>());
    }

    /// A single node may have been asked for by name; nobody asks for two. Engines tell of themselves only.
    fn find_lists(&mut self) {
        for orchestrator in [Orchestrator::Kubernetes, Orchestrator::Swarm] {
            let of_one = [Kind::Info, Kind::Version].iter().any(|kind| self.kinds.contains(kind));
            if !of_one && self.machines.iter().filter(|it| it.orchestrator == orchestrator).count() > 1 {
                self.lists.push(orchestrator);
            }
        }
    }

    fn is_of(&mut self, kind: Kind) {
        if !self.kinds.contains(&kind) {
            self.kinds.push(kind);
        }
    }

    fn machine(&mut self, kind: Kind, machine: Machine) {
        self.is_of(kind);
        self.machines.push(machine);
    }

    /// Takes JSON and YAML documents: Kubernetes objects and what docker prints, also mixed.
    fn documents(&mut self, documents: &[serde_json::Value]) -> Result<(), String> {
        let mut others: BTreeMap<String, usize> = BTreeMap::new();
        let mut known = false;
        for document in documents {
            // `docker node inspect` and a list of kubectl's hold many.
            for (object, kind) in items(document) {
                let own = object.get("kind").and_then(serde_json::Value::as_str);
                match own.or(kind) {
                    Some("Node") => {
                        known = true;
                        self.is_of(Kind::Nodes);
                        self.machines.extend(kubernetes::node(object));
                    }
                    Some("RuntimeClass") => {
                        known = true;
                        let note = "`check` reads RuntimeClasses from the manifests: save the output of \
                                    `kubectl get runtimeclasses -o yaml` in the tree that it checks";
                        self.add(Self { notes: vec![note.to_owned()], ..Self::default() });
                    }
                    Some(kind) => *others.entry(kind.to_owned()).or_default() += 1,
                    None => known |= docker::read(object, self)?,
                }
            }
            if kubernetes::is_list_of_nodes(document) {
                known = true;
                self.lists.push(Orchestrator::Kubernetes);
            }
        }
        // Somebody else's kinds may be many, and long.
        let brief = |kind: &str| kind.chars().take(40).collect::<String>();
        let listed = others.iter().take(3).map(|(kind, count)| format!("{count} {}", brief(kind)));
        let more = (others.len() > 3).then(|| "others".to_owned());
        let listed: Vec<_> = listed.chain(more).collect();
        match (known, listed.is_empty()) {
            (true, true) => Ok(()),
            (true, false) => {
                self.notes.push(format!("skipped {}: only nodes are hosts", listed.join(", ")));
                Ok(())
            }
            (false, false) => Err(format!("holds {} and no node; {EXPECTED}", listed.join(", "))),
            (false, true) => Err(format!("is not node or engine data; {EXPECTED}")),
        }
    }
}

/// The objects of a document, and of what kind they are if they do not say so themselves: raw lists leave it out.
fn items(document: &serde_json::Value) -> Vec<(&serde_json::Value, Option<&str>)> {
    if let Some(array) = document.as_array() {
        return array.iter().map(|it| (it, None)).collect();
    }
    let kind = document.get("kind").and_then(serde_json::Value::as_str);
    match kind.and_then(|kind| kind.strip_suffix("List")) {
        Some(of) => {
            let items = document.get("items").and_then(serde_json::Value::as_array);
            items.into_iter().flatten().map(|it| (it, Some(of).filter(|of| !of.is_empty()))).collect()
        }
        None => vec![(document, None)],
    }
}
