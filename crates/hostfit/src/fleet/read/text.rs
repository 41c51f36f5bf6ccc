//! `kubectl describe node`, and tables of nodes.

use std::collections::BTreeMap;

use hostfit_core::fleet::Taint;

use super::{
    Kind, Outputs,
    kubernetes::{Facts, instance},
};

/// Takes what describes nodes, and tables of them, in one text or several; whether there was any.
pub(super) fn read(text: &str, outputs: &mut Outputs) -> bool {
    let before = outputs.machines.len();
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        if let Some(columns) = Columns::of(line) {
            while let Some(row) = lines.next_if(|row| !row.trim().is_empty() && Columns::of(row).is_none()) {
                if let Some(machine) = columns.node(row).and_then(Facts::machine) {
                    outputs.machine(Kind::Nodes, machine);
                }
            }
        } else if let Some(indent) = begins(line) {
            let mut node = Described::default();
            node.line(line, indent);
            while let Some(line) = lines.next_if(|line| begins(line).is_none() && Columns::of(line).is_none()) {
                node.line(line, indent);
            }
            if let Some(machine) = node.facts().and_then(Facts::machine) {
                outputs.machine(Kind::Describe, machine);
            }
        }
    }
    outputs.machines.len() > before
}

/// What to do about other texts of the same commands.
pub(super) fn advice(text: &str) -> Option<&'static str> {
    let has = |start: &str| text.lines().any(|line| line.trim_start().starts_with(start));
    let header = |words: &[&str]| {
        text.lines().any(|line| words.iter().all(|word| line.split_whitespace().any(|it| it == *word)))
    };
    if has("Server Version:") && has("OSType:") {
        Some("is `docker info` for people; take `docker info --format json`")
    } else if has("API version:") && has("OS/Arch:") {
        Some(
            "is `docker version` for people; take `docker version --format json`, or better `docker info --format json`",
        )
    } else if has("Engine Version:") && has("Hostname:") {
        Some("is `docker node inspect --pretty`; take it without `--pretty`")
    } else if header(&["HOSTNAME", "AVAILABILITY"]) {
        Some("is `docker node ls`, which does not tell what nodes run; take `docker node inspect $(docker node ls -q)`")
    } else if header(&["NAME", "STATUS", "VERSION"]) {
        Some("has the names of nodes only; take `kubectl get nodes -o json`")
    } else if header(&["OsType", "ProvisioningState"]) {
        Some("is a table without the OS SKU; take `az aks nodepool list -o json`")
    } else if header(&["NAME", "MACHINE_TYPE", "NODE_VERSION"]) {
        Some("is a table without the operating system; take `gcloud container node-pools list --format json`")
    } else if has("Namespace:") && has("Containers:") {
        Some("describes a pod, not a node; take `kubectl describe node`, or `kubectl get nodes -o json`")
    } else {
        None
    }
}

/// The indent of a line with which a description begins.
fn begins(line: &str) -> Option<usize> {
    let inner = line.trim_start();
    let name = inner.strip_prefix("Name:")?;
    (!name.trim().is_empty()).then(|| line.len() - inner.len())
}

/// What `kubectl describe` says of one object, line by line.
#[derive(Default)]
struct Described {
    facts: Facts,
    section: String,
    is_pod: bool,
    is_node: bool,
}

impl Described {
    fn line(&mut self, line: &str, indent: usize) {
        let inner = line.trim();
        let is_outer = line.len() - line.trim_start().len() <= indent;
        let (key, value) = match inner.split_once(':') {
            Some((key, value)) if value.is_empty() || value.starts_with(' ') => (key.trim(), value.trim()),
            _ => ("", inner),
        };
        if is_outer && !inner.is_empty() {
            // Whatever follows a line that is none of kubectl's is not of this section.
            key.clone_into(&mut self.section);
            match key {
                "Name" => value.clone_into(&mut self.facts.name),
                "Namespace" | "Containers" => self.is_pod = true,
                "Labels" => self.label(value),
                "Taints" => self.taint(value),
                "System Info" => self.is_node = true,
                "ProviderID" => self.facts.ids.extend(instance(value)),
                _ => {}
            }
            return;
        }
        match self.section.as_str() {
            "Labels" => self.label(inner),
            "Taints" => self.taint(inner),
            "Annotations" => self.annotation(inner),
            "Addresses" if !value.is_empty() => self.facts.ids.push(value.to_owned()),
            "System Info" => self.system_info(key, value),
            _ => {}
        }
    }

    fn label(&mut self, text: &str) {
        let labels = self.facts.labels.get_or_insert_default();
        if let Some((key, value)) = text.split_once('=') {
            labels.insert(key.to_owned(), value.to_owned());
        }
    }

    fn taint(&mut self, text: &str) {
        self.is_node = true;
        self.facts.taints.get_or_insert_default().extend(Taint::parse(text));
    }

    fn annotation(&mut self, text: &str) {
        let of_machine = text.strip_prefix("machine.openshift.io/machine").and_then(|it| it.strip_prefix([':', '=']));
        if let Some(machine) = of_machine {
            self.facts.machine = Some(machine.trim().to_owned());
        }
    }

    fn system_info(&mut self, key: &str, value: &str) {
        if value.is_empty() {
            return;
        }
        let value = value.to_owned();
        match key {
            "Kernel Version" => self.facts.kernel_version = Some(value),
            "OS Image" => self.facts.os_image = Some(value),
            "Operating System" => self.facts.operating_system = Some(value),
            "Container Runtime Version" => self.facts.runtime = Some(value),
            "Machine ID" | "System UUID" => self.facts.ids.push(value),
            _ => {}
        }
    }

    fn facts(self) -> Option<Facts> {
        (self.is_node && !self.is_pod).then_some(self.facts)
    }
}

/// The columns of a table: their names, and in which character each begins.
struct Columns(Vec<(String, usize)>);

impl Columns {
    /// Those of a header that has more than names.
    fn of(line: &str) -> Option<Self> {
        if !line.trim_start().starts_with("NAME ") {
            return None;
        }
        let mut columns: Vec<(String, usize)> = Vec::new();
        let mut blank = 2;
        for (place, letter) in line.chars().enumerate() {
            match columns.last_mut() {
                _ if letter == ' ' => {
                    blank += 1;
                    continue;
                }
                Some((name, _)) if blank < 2 => {
                    name.extend(std::iter::repeat_n(' ', blank));
                    name.push(letter);
                }
                _ => columns.push((letter.to_string(), place)),
            }
            blank = 0;
        }
        let has = |wanted: &str| columns.iter().any(|(name, _)| name == wanted);
        (has("STATUS") && (has("LABELS") || has("KERNEL-VERSION"))).then_some(Self(columns))
    }

    /// What a row states; none where it does not fit the header.
    fn node(&self, row: &str) -> Option<Facts> {
        let cells = self.by_place(row).or_else(|| self.by_gap(row))?;
        let cell = |name: &str| {
            let place = self.0.iter().position(|(own, _)| own == name)?;
            let cell = cells.get(place)?.trim();
            (!cell.is_empty() && cell != "<none>").then(|| cell.to_owned())
        };
        let (name, _) = (cell("NAME")?, cell("STATUS")?);
        let labels =
            self.0.iter().any(|(name, _)| name == "LABELS").then(|| labels(&cell("LABELS").unwrap_or_default()));
        Some(Facts {
            name: name.strip_prefix("node/").unwrap_or(&name).to_owned(),
            labels,
            kernel_version: cell("KERNEL-VERSION"),
            os_image: cell("OS-IMAGE"),
            runtime: cell("CONTAINER-RUNTIME"),
            ids: cell("INTERNAL-IP").into_iter().chain(cell("EXTERNAL-IP")).collect(),
            ..Facts::default()
        })
    }

    /// Cells that begin where their header does.
    fn by_place(&self, row: &str) -> Option<Vec<String>> {
        let row: Vec<char> = row.chars().collect();
        let starts: Vec<_> = self.0.iter().map(|(_, start)| *start).collect();
        let mut cells = Vec::new();
        for (place, &start) in starts.iter().enumerate() {
            if start > 0 && row.get(start - 1).is_some_and(|it| *it != ' ') {
                return None;
            }
            let end = starts.get(place + 1).copied().unwrap_or(row.len()).min(row.len());
            cells.push(row.get(start.min(end)..end)?.iter().collect());
        }
        Some(cells)
    }

    /// Cells with gaps between them, where a paste has moved the lines.
    fn by_gap(&self, row: &str) -> Option<Vec<String>> {
        let cells: Vec<_> = row.split("  ").map(str::trim).filter(|it| !it.is_empty()).map(str::to_owned).collect();
        (cells.len() == self.0.len()).then_some(cells)
    }
}

/// `key=value,key=value`.
fn labels(cell: &str) -> BTreeMap<String, String> {
    let pairs = cell.split(',').filter_map(|pair| pair.trim().split_once('='));
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}
