//! Objects of the tree that deploy a chart of the tree: `HelmRelease`s of Flux, Applications of Argo CD.

use std::collections::{BTreeMap, BTreeSet};

use hostfit_render::{Data, FileTable, Node, Text, yaml};
use memchr::memmem;

use super::{Charts, Skipped, text_of};
use crate::{
    config::chart::Setting,
    front::{kubernetes, link::path::join},
    source::{Source, Span},
};

/// An object that deploys a chart.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Deployment {
    /// The file that holds it, in the tree.
    pub(super) path: String,
    /// Which document of the file it is.
    document: usize,
    /// Which of its sources, in an Application with several.
    number: Option<usize>,
    /// Values files, in the tree.
    pub(super) files: Vec<String>,
    /// Whether these take the place of the chart's own.
    pub(super) replaces_own: bool,
    /// Values that `ConfigMaps` hold, later ones over earlier ones.
    from: Vec<Held>,
    /// Single values, over all others.
    pub(super) settings: Vec<Setting>,
    pub(super) release: Option<String>,
    pub(super) namespace: Option<String>,
}

/// Values in a `ConfigMap`.
#[derive(Clone, Debug, PartialEq)]
struct Held {
    /// The file of the `ConfigMap`, in the tree.
    path: String,
    /// Which document of the file it is.
    document: usize,
    key: String,
    /// The value that it is, unless it is a file of values.
    target: Option<String>,
}

impl Held {
    fn value(&self, charts: &Charts<'_>, table: &mut FileTable) -> Option<Node> {
        let text = text_of(charts, &self.path, table)?;
        let roots = yaml::read(&text).roots;
        let value = get(roots.get(self.document)?, &["data", &self.key])?;
        match &self.target {
            Some(target) => {
                let text = value.text()?;
                let value = match text.as_str() {
                    "true" | "false" => Node::new(Data::Bool(text.as_str() == "true", text.origin().clone())),
                    _ => value.clone(),
                };
                Some(super::keys::under(target, value))
            }
            None => hostfit_render::values(value.text()?).ok(),
        }
    }
}

impl Deployment {
    /// The values that it states itself, and those of the `ConfigMaps` that it names under them.
    pub(super) fn values(&self, charts: &Charts<'_>, table: &mut FileTable) -> Vec<Node> {
        let held: Vec<_> = self.from.iter().filter_map(|held| held.value(charts, table)).collect();
        held.into_iter().chain(self.own_values(charts, table)).collect()
    }

    fn own_values(&self, charts: &Charts<'_>, table: &mut FileTable) -> Vec<Node> {
        let Some(text) = text_of(charts, &self.path, table) else { return Vec::new() };
        let roots = yaml::read(&text).roots;
        let Some(spec) = roots.get(self.document).and_then(|root| root.get("spec")) else { return Vec::new() };
        let helm = source_of(spec, self.number).and_then(|it| it.get("helm"));
        let as_text = helm.and_then(|it| it.get("values")).and_then(Node::text);
        let as_text = as_text.and_then(|text| hostfit_render::values(text).ok());
        let objects = [spec.get("values"), helm.and_then(|it| it.get("valuesObject"))];
        as_text.into_iter().chain(objects.into_iter().flatten().filter(|it| it.is_map()).cloned()).collect()
    }
}

/// The source of an Application: the one, or that of a number.
fn source_of(spec: &Node, number: Option<usize>) -> Option<&Node> {
    match number {
        Some(number) => spec.get("sources")?.items().get(number),
        None => spec.get("source"),
    }
}

/// Those in these files, by the folder of their chart, and what of them is not read.
pub(super) fn find<'s>(
    charts: &Charts<'_>,
    files: impl Iterator<Item = &'s Source>,
    folders: &BTreeSet<String>,
) -> (BTreeMap<String, Vec<Deployment>>, Vec<Skipped>) {
    let mut found: BTreeMap<String, Vec<Deployment>> = BTreeMap::new();
    let mut skipped = Vec::new();
    let files: Vec<_> = files.collect();
    for source in &files {
        if !kubernetes::deploys(&source.text) {
            continue;
        }
        let path = (charts.in_tree)(&source.path);
        for (document, root) in
            yaml::read(&Text::file(hostfit_render::FileId(0), &*source.text)).roots.iter().enumerate()
        {
            let base = Deployment {
                path: path.clone(),
                document,
                number: None,
                files: Vec::new(),
                replaces_own: false,
                from: Vec::new(),
                settings: Vec::new(),
                release: text(root, &["metadata", "name"]),
                namespace: text(root, &["metadata", "namespace"]),
            };
            let group = text(root, &["apiVersion"]).unwrap_or_default();
            let read = match text(root, &["kind"]).as_deref() {
                Some("HelmRelease") if group.contains("fluxcd.io/") => flux(root, base, charts, folders, &files),
                Some("Application") if group.starts_with("argoproj.io/") => {
                    argo(root, &base, charts, folders).map_err(str::to_owned)
                }
                _ => continue,
            };
            match read {
                Ok(deployments) => {
                    for (folder, it) in deployments {
                        found.entry(folder).or_default().push(it);
                    }
                }
                Err(reason) => {
                    let line = u32::try_from(root.range.start).ok().map(|at| source.position(at).line);
                    let reason = format!("helm: {reason}");
                    skipped.push(Skipped { path: source.path.clone(), reason, line, lacks_dependencies: false });
                }
            }
        }
    }
    (found, skipped)
}

type Found<E> = Result<Vec<(String, Deployment)>, E>;

fn flux(
    root: &Node,
    base: Deployment,
    charts: &Charts<'_>,
    folders: &BTreeSet<String>,
    manifests: &[&Source],
) -> Found<String> {
    let Some(spec) = root.get("spec") else { return Ok(Vec::new()) };
    let at = ["chart", "spec"];
    let kind = text(spec, &["chart", "spec", "sourceRef", "kind"]);
    let Some(folder) = text(spec, &["chart", "spec", "chart"]).filter(|_| kind.as_deref() == Some("GitRepository"))
    else {
        return Ok(Vec::new());
    };
    let Some(folder) = in_root(charts, &folder).filter(|it| folders.contains(it)) else { return Ok(Vec::new()) };
    let from = spec.get("valuesFrom").map_or(&[][..], Node::items).iter();
    let from = from.map(|it| held(it, base.namespace.as_deref(), charts, manifests)).collect::<Result<_, _>>()?;
    let chart = get(spec, &at);
    let files = chart.and_then(|it| it.get("valuesFiles")).map_or(&[][..], Node::items);
    let may_be_missing = chart.and_then(|it| text(it, &["ignoreMissingValuesFiles"])).as_deref() == Some("true");
    let is_there = |path: &String| !may_be_missing || charts.tree.read(path).is_some();
    let files: Vec<_> = files.iter().filter_map(|it| in_root(charts, it.str()?)).filter(is_there).collect();
    let replaces_own = !files.is_empty();
    let release = text(spec, &["releaseName"]).or_else(|| base.release.clone());
    let namespace = text(spec, &["targetNamespace"]).or_else(|| base.namespace.clone());
    Ok(vec![(folder, Deployment { files, replaces_own, from, release, namespace, ..base })])
}

/// The `ConfigMap` that an entry of `valuesFrom` means.
fn held(entry: &Node, namespace: Option<&str>, charts: &Charts<'_>, manifests: &[&Source]) -> Result<Held, String> {
    let kind = text(entry, &["kind"]).unwrap_or_default();
    let name = text(entry, &["name"]).unwrap_or_default();
    let key = text(entry, &["valuesKey"]).unwrap_or_else(|| "values.yaml".to_owned());
    let is_meant = |root: &Node| {
        text(root, &["kind"]).as_deref() == Some("ConfigMap")
            && text(root, &["metadata", "name"]).is_some_and(|it| it == name)
            && text(root, &["metadata", "namespace"]).as_deref().is_none_or(|it| namespace.is_none_or(|own| own == it))
            && get(root, &["data", &key]).is_some_and(|it| it.text().is_some())
    };
    let may_hold = |source: &&&Source| {
        let holds = |word: &str| memmem::find(source.text.as_bytes(), word.as_bytes()).is_some();
        kind == "ConfigMap" && !name.is_empty() && holds("ConfigMap") && holds(&name)
    };
    let mut found = manifests.iter().filter(may_hold).flat_map(|source| {
        let roots = yaml::read(&Text::file(hostfit_render::FileId(0), &*source.text)).roots;
        let documents = roots.into_iter().enumerate().filter(|(_, root)| is_meant(root));
        documents.map(|(document, _)| ((charts.in_tree)(&source.path), document)).collect::<Vec<_>>()
    });
    match (found.next(), found.next()) {
        (Some((path, document)), None) => Ok(Held { path, document, key, target: text(entry, &["targetPath"]) }),
        (Some(_), Some(_)) => Err(format!("the tree has several ConfigMaps `{name}`")),
        (None, _) => Err(format!("the values of the {kind} `{name}` are not in the tree")),
    }
}

fn argo(root: &Node, base: &Deployment, charts: &Charts<'_>, folders: &BTreeSet<String>) -> Found<&'static str> {
    let Some(spec) = root.get("spec") else { return Ok(Vec::new()) };
    let several = spec.get("sources").map_or(&[][..], Node::items);
    let sources = several.iter().enumerate().map(|(number, source)| (Some(number), source));
    let mut found = Vec::new();
    for (number, source) in spec.get("source").map(|it| (None, it)).into_iter().chain(sources) {
        let folder = text(source, &["path"]).and_then(|path| in_root(charts, &path));
        let Some(folder) = folder.filter(|it| folders.contains(it)) else { continue };
        let helm = source.get("helm");
        let list = |key: &str| helm.and_then(|it| it.get(key)).map_or(&[][..], Node::items);
        if !list("fileParameters").is_empty() {
            return Err("the values of `fileParameters` are not read");
        }
        let own = super::within(&folder, "values.yaml");
        let mut files = Vec::new();
        for file in list("valueFiles").iter().filter_map(Node::str) {
            let path = match file.strip_prefix('$').and_then(|it| it.split_once('/')) {
                // Of another source, which may be this repository again.
                Some((_, below)) => in_root(charts, below),
                None if file.starts_with('/') => in_root(charts, file.trim_start_matches('/')),
                None => join(&folder, file),
            };
            files.extend(path.filter(|path| *path != own));
        }
        let setting = |it: &Node| {
            let value = it.get("value")?.text()?;
            let at = value.origin().places().first().copied();
            let span = at.map_or(Span::NOWHERE, |at| Span::new(crate::source::SourceId(0), at.range()));
            let value = if text(it, &["forceString"]).as_deref() == Some("true") {
                value.as_str().into()
            } else {
                typed(value.as_str())
            };
            Some(Setting { key: it.get("name")?.str()?.to_owned(), value, span })
        };
        found.push((
            folder,
            Deployment {
                number,
                files,
                settings: list("parameters").iter().filter_map(setting).collect(),
                release: helm.and_then(|it| text(it, &["releaseName"])).or_else(|| base.release.clone()),
                namespace: text(spec, &["destination", "namespace"]),
                ..base.clone()
            },
        ));
    }
    Ok(found)
}

/// A value as `helm --set` reads it.
pub fn typed(text: &str) -> serde_json::Value {
    match text {
        "true" => true.into(),
        "false" => false.into(),
        text if text == "0" || !text.starts_with('0') => {
            text.parse::<i64>().map_or_else(|_| text.into(), serde_json::Value::from)
        }
        text => text.into(),
    }
}

/// A path as objects state it, from the root of the repository.
fn in_root(charts: &Charts<'_>, path: &str) -> Option<String> {
    let path = join("", path.trim_start_matches("./"))?;
    (!path.starts_with("..")).then(|| within_root(charts, &path))
}

fn within_root(charts: &Charts<'_>, path: &str) -> String {
    if charts.root.is_empty() { path.to_owned() } else { super::within(charts.root, path) }
}

fn get<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(node, |node, key| node.get(key))
}

fn text(node: &Node, path: &[&str]) -> Option<String> {
    let node = get(node, path)?;
    match &node.data {
        Data::Bool(value, _) => Some(value.to_string()),
        _ => node.str().filter(|text| !text.is_empty()).map(str::to_owned),
    }
}
