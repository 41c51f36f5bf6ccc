//! Loads a chart from a tree.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{
    archive,
    chart::{Chart, Template},
    ignore::Rules,
    metadata::{Dependency, Metadata},
};
use crate::{
    node::{Data, Node},
    problem::{Problem, ProblemKind},
    semver::{self, Version},
    text::{FileId, Place, Text},
    tree::{self, FileTable, Tree, joined},
    yaml,
};

/// How deep charts may hold each other.
const MAX_CHARTS_DEEP: usize = 16;
/// How many charts may take part.
const MAX_CHARTS: usize = 500;
/// Loads the chart that lies in `folder`, with its subcharts. Every file that takes part gets its number from `table`.
///
/// # Errors
/// When Helm would not load it: without a name, or with a `Chart.yaml` or `values.yaml` that cannot be read.
pub fn load(tree: &dyn Tree, folder: &str, table: &mut FileTable) -> Result<Chart, Problem> {
    let mut loader = Loader { tree, table, charts: 0, bytes: 0, asks_files: false };
    let entries = loader.entries(folder);
    loader.chart(entries, folder, &mut vec![folder.to_owned()])
}

/// A file of a chart.
struct Entry {
    /// Its path in the chart.
    name: String,
    /// Its path in the tree; for a member of an archive, how it is shown.
    path: String,
    /// The bytes of a member of an archive.
    member: Option<Vec<u8>>,
}

struct Loader<'t> {
    tree: &'t dyn Tree,
    table: &'t mut FileTable,
    charts: usize,
    bytes: usize,
    /// Whether a template was seen that asks for `.Files`.
    asks_files: bool,
}

impl Loader<'_> {
    /// The files of a chart that lies in a folder of the tree, but those that `.helmignore` leaves out.
    fn entries(&self, folder: &str) -> Vec<Entry> {
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let ignored = self.tree.read(&format!("{prefix}.helmignore"));
        let rules =
            Rules::parse(&ignored.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default());
        let paths: BTreeSet<String> = self.tree.list(folder).into_iter().collect();
        let inside = paths.into_iter().filter_map(|path| {
            let name = path.strip_prefix(&prefix)?;
            let is_clean = name.split('/').all(|part| !part.is_empty() && part != ".." && part != ".");
            (is_clean && !rules.ignores(name)).then(|| Entry {
                name: name.to_owned(),
                path: path.clone(),
                member: None,
            })
        });
        inside.collect()
    }

    fn read<'e>(&'e self, entry: &'e Entry) -> Option<Cow<'e, [u8]>> {
        let bytes = match &entry.member {
            Some(bytes) => Some(Cow::Borrowed(&**bytes)),
            None => self.tree.read(&entry.path),
        };
        bytes.filter(|bytes| bytes.len() <= tree::MAX_FILE)
    }

    /// The text of a file, with its places.
    fn text(&mut self, entry: &Entry) -> Option<(FileId, Text)> {
        let text = tree::decoded(self.read(entry)?);
        let id = self.table.id(&entry.path);
        if entry.member.is_some() {
            self.table.keep_archived(id, &text);
        }
        Some((id, Text::file(id, text)))
    }

    /// The first document of a file.
    fn document(&mut self, entry: &Entry) -> Result<Node, Problem> {
        let Some((id, text)) = self.text(entry) else {
            return Err(Problem::unreadable(format!("{} cannot be read", entry.path)));
        };
        self.bytes += text.len();
        let documents = yaml::read(&text);
        match documents.error {
            Some(error) => {
                let place = Place::new(id, error.at..error.at);
                Err(Problem::new(ProblemKind::Unreadable, error.message, Some(place)))
            }
            None => Ok(merged(documents.roots)),
        }
    }

    fn chart(&mut self, entries: Vec<Entry>, shown: &str, open: &mut Vec<String>) -> Result<Chart, Problem> {
        self.charts += 1;
        if self.charts > MAX_CHARTS || open.len() > MAX_CHARTS_DEEP {
            return Err(Problem::limit("too many charts that hold each other"));
        }
        let find = |name: &str| entries.iter().find(|entry| entry.name == name);
        let Some(own) = find("Chart.yaml") else {
            return Err(Problem::unreadable(format!("{shown} has no Chart.yaml")));
        };
        let requirements = find("requirements.yaml").map(|entry| self.document(entry)).transpose()?;
        let metadata = Metadata::new(self.document(own)?, requirements.as_ref());
        let name = metadata.name.as_str();
        if name.is_empty() || name.contains('/') || name == "." || name == ".." {
            return Err(Problem::unreadable(format!("{}: chart.metadata.name is required", own.path)));
        }
        let values = match find("values.yaml") {
            Some(entry) => self.document(entry)?,
            None => Node::new(Data::Map(Vec::new())),
        };
        let mut chart = Chart {
            metadata,
            values,
            templates: Vec::new(),
            files: Arc::default(),
            kinds: Vec::new(),
            subcharts: Vec::new(),
            bytes: 0,
            problems: Vec::new(),
        };
        let mut charts: BTreeMap<String, Vec<Entry>> = BTreeMap::new();
        let mut others = Vec::new();
        for entry in entries {
            if entry.name.starts_with("templates/") {
                let Some((file, text)) = self.text(&entry) else {
                    chart.problems.push(Problem::unreadable(format!("{} cannot be read", entry.path)));
                    continue;
                };
                self.bytes += text.len();
                chart.templates.push(Template::new(entry.name, file, text));
            } else if let Some(inner) = entry.name.strip_prefix("charts/") {
                let folder = inner.split('/').next().unwrap_or_default().to_owned();
                charts.entry(folder).or_default().push(entry);
            } else if !matches!(&*entry.name, "Chart.yaml" | "values.yaml" | "values.schema.json" | "Chart.lock") {
                others.push(entry);
            }
            if self.bytes > tree::MAX_BYTES {
                return Err(Problem::limit("the chart has over 64 MiB of templates and values"));
            }
        }
        self.kinds(&mut chart, &others);
        self.files(&mut chart, others);
        self.subcharts(&mut chart, charts, open);
        self.declared(&mut chart, open);
        chart.bytes = self.bytes;
        Ok(chart)
    }

    /// The files for `.Files`, if a template asks for them.
    fn files(&mut self, chart: &mut Chart, others: Vec<Entry>) {
        // Values are templates too, where `tpl` is given them, and may be meant for subcharts.
        self.asks_files |= chart.templates.iter().any(|template| template.text.as_str().contains("Files"))
            || chart.values.texts().any(|text| text.as_str().contains("Files"));
        if !self.asks_files {
            return;
        }
        let mut files = BTreeMap::new();
        for entry in others {
            let is_binary = self.read(&entry).is_some_and(|bytes| memchr::memchr(0, &bytes).is_some());
            if !is_binary && let Some((_, text)) = self.text(&entry) {
                self.bytes += text.len();
                files.insert(entry.name, text);
            }
        }
        chart.files = Arc::new(files);
    }

    /// The versions and kinds that `crds` defines, if a template asks which the cluster has.
    fn kinds(&mut self, chart: &mut Chart, others: &[Entry]) {
        if !chart.templates.iter().any(|template| template.text.as_str().contains("APIVersions")) {
            return;
        }
        let crds = others.iter().filter(|entry| entry.name.starts_with("crds/"));
        for entry in crds.filter(|entry| [".yaml", ".yml", ".json"].iter().any(|end| entry.name.ends_with(end))) {
            let Some(bytes) = self.read(entry) else { continue };
            let text = Text::given(String::from_utf8_lossy(&bytes));
            for root in yaml::read(&text).roots {
                chart.kinds.extend(kinds_of(&root));
            }
        }
    }

    /// The charts of `charts`: folders and archives.
    fn subcharts(&mut self, chart: &mut Chart, charts: BTreeMap<String, Vec<Entry>>, open: &mut Vec<String>) {
        for (folder, mut entries) in charts {
            if folder.starts_with(['_', '.']) || has_end(&folder, "prov") {
                continue;
            }
            let shown = entries.first().map_or_else(String::new, |entry| entry.path.clone());
            if has_end(&folder, "tgz") {
                entries = match self.unpacked(&entries) {
                    Ok(entries) => entries,
                    Err(reason) => {
                        chart.problems.push(Problem::unreadable(format!("{shown}: {reason}")));
                        continue;
                    }
                };
            } else {
                let inner = format!("charts/{folder}/");
                entries.retain_mut(|entry| {
                    let name = entry.name.strip_prefix(&inner).map(str::to_owned);
                    name.map(|name| entry.name = name).is_some()
                });
            }
            if entries.is_empty() {
                continue;
            }
            open.push(shown.clone());
            match self.chart(entries, &shown, open) {
                Ok(subchart) => chart.subcharts.push(subchart),
                Err(problem) => chart.problems.push(problem),
            }
            open.pop();
        }
    }

    fn unpacked(&self, entries: &[Entry]) -> Result<Vec<Entry>, &'static str> {
        let [archive] = entries else { return Err("a folder where an archive is expected") };
        let bytes = self.read(archive).ok_or("the archive cannot be read")?;
        let members = archive::unpack(&bytes)?;
        let entry = |(name, bytes)| Entry { path: format!("{}!/{name}", archive.path), name, member: Some(bytes) };
        Ok(members.into_iter().map(entry).collect())
    }

    /// Dependencies that are not in `charts`: those of `file://` are loaded from where they lie.
    fn declared(&mut self, chart: &mut Chart, open: &mut Vec<String>) {
        let mut absent = Vec::new();
        for dependency in chart.metadata.dependencies.clone() {
            if chart.subcharts.iter().any(|subchart| is_meant(&dependency, subchart)) {
                continue;
            }
            let missing = |message: String| Problem::new(ProblemKind::Missing, message, None);
            let parent = open.last().cloned().unwrap_or_default();
            let local = dependency.repository.strip_prefix("file://").filter(|_| !parent.contains(".tgz"));
            let Some(path) = local.and_then(|path| joined(&parent, path)) else {
                absent.push(format!("\"{}\"", dependency.name));
                continue;
            };
            if open.contains(&path) {
                chart.problems.push(missing(format!("the dependency \"{}\" depends on itself", dependency.name)));
                continue;
            }
            let entries = self.entries(&path);
            open.push(path.clone());
            match self.chart(entries, &path, open) {
                Ok(subchart) => chart.subcharts.push(subchart),
                Err(problem) => chart.problems.push(problem),
            }
            open.pop();
        }
        absent.dedup();
        let message = match absent.as_slice() {
            [] => return,
            [one] => format!("the dependency {one} is not in the tree"),
            [others @ .., last] => format!("the dependencies {} and {last} are not in the tree", others.join(", ")),
        };
        chart.problems.push(Problem::new(ProblemKind::Missing, message, None));
    }
}

/// Whether a name ends so, as Helm compares it.
fn has_end(name: &str, end: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(_, it)| it == end)
}

/// Whether a chart is the one that a dependency names.
pub(super) fn is_meant(dependency: &Dependency, chart: &Chart) -> bool {
    dependency.name == chart.name() && is_compatible(&dependency.version, chart.metadata.version.as_str())
}

/// Whether a version meets a constraint; not when one of them is not well-formed.
fn is_compatible(constraint: &str, version: &str) -> bool {
    Version::parse(version).and_then(|version| semver::check(constraint, &version)).unwrap_or(false)
}

/// Reads a values file: all of its documents as one mapping.
///
/// # Errors
/// When it is not YAML.
pub fn values(text: &Text) -> Result<Node, yaml::ReadError> {
    let documents = yaml::read(text);
    match documents.error {
        Some(error) => Err(error),
        None => Ok(merged(documents.roots)),
    }
}

/// All documents of a values file as one: later ones over earlier ones.
pub(crate) fn merged(roots: Vec<Node>) -> Node {
    let mut roots = roots.into_iter().filter(Node::is_map);
    let Some(mut all) = roots.next() else { return Node::new(Data::Map(Vec::new())) };
    for root in roots {
        merge_maps(&mut all, root);
    }
    all
}

/// Puts a mapping over another one, as Helm does with several values files.
pub(super) fn merge_maps(under: &mut Node, over: Node) {
    let Data::Map(entries) = over.data else { return };
    for entry in entries {
        let own = match &mut under.data {
            Data::Map(own) => own.iter_mut().find(|it| it.key.as_str() == entry.key.as_str()),
            _ => None,
        };
        match own {
            Some(own) if own.value.is_map() && entry.value.is_map() => merge_maps(&mut own.value, entry.value),
            _ => under.put(entry.key, entry.value),
        }
    }
}

/// `group/version` and `group/version/Kind` of a definition of a custom resource.
fn kinds_of(root: &Node) -> Vec<String> {
    let spec = root.get("spec");
    let group = spec.and_then(|it| it.get("group")).and_then(Node::str);
    let kind = spec.and_then(|it| it.get("names")).and_then(|it| it.get("kind")).and_then(Node::str);
    let versions = spec.and_then(|it| it.get("versions")).map_or(&[][..], Node::items);
    let names = versions.iter().filter_map(|version| version.get("name").and_then(Node::str));
    let (Some(group), Some(kind)) = (group, kind) else { return Vec::new() };
    names.flat_map(|name| [format!("{group}/{name}"), format!("{group}/{name}/{kind}")]).collect()
}
