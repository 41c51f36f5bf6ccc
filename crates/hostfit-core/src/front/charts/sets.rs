//! With which values a chart is rendered.

use std::collections::BTreeMap;

use hostfit_render::{Data, FileTable, KubeVersion, Node, Options, Origin, Place, Text};
use serde_json::Value;

use super::{Chart, Charts, deployed::Deployment, keys::under, text_of, within};
use crate::{
    config::chart::Setting,
    source::rendered::{Renderer, Rendering},
};

/// One set of values.
#[derive(Clone, Debug, Default)]
pub(super) struct Set {
    /// The files over the chart's own `values.yaml`, later ones over earlier ones; paths in the tree.
    pub(super) files: Vec<String>,
    /// Whether these take the place of `values.yaml`.
    replaces_own: bool,
    /// The object that deploys the chart, which may state values over these.
    pub(super) deployment: Option<Deployment>,
    /// The file that names these.
    stated_by: Option<String>,
    /// Single values over these, and the file that states them.
    pub(super) settings: Vec<(Setting, Option<String>)>,
    release: Option<String>,
    namespace: Option<String>,
    kube_version: Option<KubeVersion>,
    /// Whether hostfit made it up.
    pub(super) is_synthetic: bool,
}

/// The sets of values that the tree states for a chart; never none.
pub(super) fn of(charts: &Charts<'_>, chart: &Chart) -> Vec<Set> {
    let shown = charts.folder(chart);
    let declared = charts.config.charts.iter().filter(|it| it.path == shown || it.path.is_empty() && shown == ".");
    let declared: Vec<_> = declared
        .map(|it| Set {
            files: it.values.iter().map(|file| (charts.in_tree)(&file.path)).collect(),
            stated_by: Some((charts.in_tree)(&it.file)),
            settings: it.set.iter().map(|setting| (setting.clone(), Some((charts.in_tree)(&it.file)))).collect(),
            release: it.release.clone(),
            namespace: it.namespace.clone(),
            kube_version: it.kube_version.as_deref().and_then(KubeVersion::parse),
            ..Set::default()
        })
        .collect();
    if !declared.is_empty() {
        return declared;
    }
    if !chart.deployments.is_empty() {
        return chart.deployments.iter().map(Set::of).collect();
    }
    own(charts, chart)
}

/// The chart's own values, and each of its further files over them.
pub(super) fn own(charts: &Charts<'_>, chart: &Chart) -> Vec<Set> {
    let prefix = within(&chart.folder, "");
    let mut files = charts.tree.list(&chart.folder);
    files.retain(|path| path.strip_prefix(&*prefix).is_some_and(is_values));
    files.sort();
    let further = files.into_iter().map(|file| Set { files: vec![file], ..Set::default() });
    std::iter::once(Set::default()).chain(further).collect()
}

/// Whether a file of a chart is one of further values: `values-prod.yaml`, `values.prod.yaml`, `ci/prod-values.yaml`.
fn is_values(path: &str) -> bool {
    let Some(name) = path.strip_suffix(".yaml").or_else(|| path.strip_suffix(".yml")) else { return false };
    match name.split_once('/') {
        None => name.starts_with("values-") || name.starts_with("values."),
        Some((folder, name)) => folder == "ci" && name.ends_with("-values"),
    }
}

/// The set in which every Boolean that is named after Windows is true; none where all of them are true already.
pub(super) fn all_windows(chart: &hostfit_render::Chart) -> Option<Set> {
    let mut keys = Vec::new();
    of_windows(chart, "", &mut keys);
    keys.sort();
    keys.dedup();
    let setting = |key| Setting { key, value: Value::Bool(true), span: crate::source::Span::NOWHERE };
    let settings: Vec<_> = keys.into_iter().map(|key| (setting(key), None)).collect();
    (!settings.is_empty()).then(|| Set { settings, is_synthetic: true, ..Set::default() })
}

fn of_windows(chart: &hostfit_render::Chart, above: &str, keys: &mut Vec<String>) {
    switches(chart.values(), above, false, keys);
    for subchart in chart.subcharts() {
        of_windows(subchart, &joined(above, subchart.name()), keys);
    }
}

/// What a Boolean is called that switches a part on.
const SWITCHES: &[&str] = &["enabled", "create", "install", "deploy"];

fn switches(node: &Node, above: &str, is_below: bool, keys: &mut Vec<String>) {
    for entry in node.entries() {
        let key = entry.key.as_str();
        let is_named = key.to_ascii_lowercase().contains("windows");
        let path = joined(above, key);
        match &entry.value.data {
            Data::Bool(false, _) if is_named || is_below && SWITCHES.contains(&key) => keys.push(path),
            Data::Map(_) => switches(&entry.value, &path, is_below || is_named, keys),
            _ => {}
        }
    }
}

fn joined(above: &str, key: &str) -> String {
    let key = key.replace('.', "\\.");
    if above.is_empty() { key } else { format!("{above}.{key}") }
}

impl Set {
    /// What an object states that deploys the chart.
    fn of(deployment: &Deployment) -> Self {
        let settings = deployment.settings.iter().map(|setting| (setting.clone(), Some(deployment.path.clone())));
        Self {
            files: deployment.files.clone(),
            replaces_own: deployment.replaces_own,
            stated_by: Some(deployment.path.clone()),
            settings: settings.collect(),
            release: deployment.release.clone(),
            namespace: deployment.namespace.clone(),
            deployment: Some(deployment.clone()),
            ..Self::default()
        }
    }

    /// What a command line asks for.
    pub(super) fn given(files: &[String], settings: &[(String, Value)]) -> Self {
        let setting = |(key, value): &(String, Value)| {
            let setting = Setting { key: key.clone(), value: value.clone(), span: crate::source::Span::NOWHERE };
            (setting, None)
        };
        Self { files: files.to_vec(), settings: settings.iter().map(setting).collect(), ..Self::default() }
    }

    /// What findings say of it.
    pub(super) fn rendering(&self, charts: &Charts<'_>, chart: &Chart) -> Rendering {
        let own = within(&chart.folder, "values.yaml");
        let own = (!self.replaces_own && charts.tree.read(&own).is_some()).then_some(own);
        Rendering {
            by: Renderer::Helm,
            root: charts.folder(chart),
            values: own.iter().chain(&self.files).map(|path| (charts.shown)(path)).collect(),
            set: self.settings.iter().map(|(it, _)| (it.key.clone(), it.value.clone())).collect::<BTreeMap<_, _>>(),
            is_synthetic: self.is_synthetic,
            source: self.deployment.as_ref().map(|it| (charts.shown)(&it.path)),
            parts: Vec::new(),
        }
    }

    /// How a chart is rendered with it; or the file of values that cannot be read, and why.
    pub(super) fn options(
        &self,
        charts: &Charts<'_>,
        chart: &hostfit_render::Chart,
        table: &mut FileTable,
    ) -> Result<Options, (String, String)> {
        let [defaults, values] = self.nodes(charts, table)?;
        Ok(Options {
            release: self.release.clone().unwrap_or_else(|| chart.name().to_owned()),
            namespace: self.namespace.clone().unwrap_or_else(|| "default".to_owned()),
            kube_version: self.kube_version.clone().unwrap_or_default(),
            own_kinds: true,
            defaults,
            values,
        })
    }

    /// What takes the place of the chart's values, and the values over them; or the file that is not there or not YAML,
    /// and why.
    fn nodes(&self, charts: &Charts<'_>, table: &mut FileTable) -> Result<[Vec<Node>; 2], (String, String)> {
        let mut nodes = Vec::new();
        for path in &self.files {
            let by = || self.stated_by.clone().unwrap_or_else(|| path.clone());
            let missing = || (by(), format!("{} is not in the tree", (charts.shown)(path)));
            let text = text_of(charts, path, table).ok_or_else(missing)?;
            nodes.push(hostfit_render::values(&text).map_err(|error| (path.clone(), error.message))?);
        }
        let defaults = if self.replaces_own { std::mem::take(&mut nodes) } else { Vec::new() };
        if let Some(deployment) = &self.deployment {
            nodes.extend(deployment.values(charts, table));
        }
        nodes.extend(self.settings.iter().filter_map(|(setting, file)| node(setting, file.as_deref(), table)));
        Ok([defaults, nodes])
    }
}

/// A single value as the mapping that holds it.
fn node(setting: &Setting, file: Option<&str>, table: &mut FileTable) -> Option<Node> {
    let origin = match file {
        Some(path) => Origin::Written(Place::new(table.id(path), setting.span.range())),
        None => Origin::Given,
    };
    let value = match &setting.value {
        Value::String(text) => Data::String(Text::new(text.clone(), origin)),
        Value::Bool(value) => Data::Bool(*value, origin),
        Value::Number(number) => Data::Number(number.as_f64()?, origin),
        _ => return None,
    };
    Some(under(&setting.key, Node::new(value)))
}
