//! `helmCharts` with a chart of the tree.

use super::{
    build::{At, Builder, Known},
    file::File,
    merge,
    resource::scalar,
};
use crate::{
    helm::{self, KubeVersion, Manifest},
    node::{Data, Node},
    text::Text,
    tree::joined,
};

/// The folders of the charts that a kustomization names.
pub(super) fn folders(file: &File, folder: &str) -> Vec<String> {
    let charts = file.items("helmCharts").iter().chain(file.items("helmChartInflationGenerator"));
    charts.filter_map(|entry| chart_folder(file.get("helmGlobals"), folder, entry)).collect()
}

fn text(entry: &Node, key: &str, old_key: &str) -> String {
    let text = |key: &str| entry.get(key).map(scalar).unwrap_or_default();
    let own = text(key);
    if own.is_empty() { text(old_key) } else { own }
}

/// Where a chart would lie.
fn chart_folder(globals: Option<&Node>, folder: &str, entry: &Node) -> Option<String> {
    let name = text(entry, "name", "chartName");
    let (version, repo) = (text(entry, "version", "chartVersion"), text(entry, "repo", "chartRepoUrl"));
    let home = globals.and_then(|it| it.get("chartHome")).map(scalar).filter(|home| !home.is_empty());
    let old_home = entry.get("chartHome").map(scalar).filter(|home| !home.is_empty());
    let home = home.or(old_home).unwrap_or_else(|| "charts".to_owned());
    let inner = if version.is_empty() || repo.is_empty() { name } else { format!("{name}-{version}/{name}") };
    joined(folder, &format!("{home}/{inner}"))
}

/// What the templates of a chart give.
pub(super) fn manifests(
    builder: &mut Builder<'_>,
    at: At<'_>,
    globals: Option<&Node>,
    entry: &Node,
    namespace: Option<&Text>,
) -> Known<Vec<Manifest>> {
    let place = Some(at.place(entry));
    let name = text(entry, "name", "chartName");
    let local = chart_folder(globals, at.folder, entry);
    let local = local.filter(|path| joined(path, "Chart.yaml").is_some_and(|path| builder.tree.read(&path).is_some()));
    let Some(local) = local else {
        builder.missing(format!("the chart \"{name}\" is not in the tree"), place);
        return Ok(Vec::new());
    };
    builder.charts.insert(local.clone());
    let chart = match helm::load(builder.tree, &local, builder.table) {
        Ok(chart) => chart,
        Err(problem) => {
            builder.missing(problem.message, problem.place.or(place));
            return Ok(Vec::new());
        }
    };
    builder.files.extend(builder.table.below(&local));
    let Some(values) = values(builder, at, entry, chart.values())? else { return Ok(Vec::new()) };
    let or = |own: String, other: &str| if own.is_empty() { other.to_owned() } else { own };
    let namespace = namespace.map_or("default", Text::as_str);
    let version = KubeVersion::parse(&text(entry, "kubeVersion", ""));
    let options = helm::Options {
        release: or(text(entry, "releaseName", "nameTemplate"), "release-name"),
        namespace: or(text(entry, "namespace", "releaseNamespace"), namespace),
        kube_version: version.unwrap_or_else(|| builder.options.kube_version.clone()),
        own_kinds: true,
        defaults: Vec::new(),
        values,
    };
    let rendering = helm::render_onto(&chart, &options, std::mem::take(&mut builder.holes));
    builder.holes = rendering.holes;
    for problem in chart.problems().into_iter().chain(rendering.problems) {
        builder.note(problem.kind, problem.message, problem.place);
    }
    Ok(rendering.manifests)
}

/// The values over those of the chart; none where a file of them is missing.
fn values(builder: &mut Builder<'_>, at: At<'_>, entry: &Node, own: &Node) -> Known<Option<Vec<Node>>> {
    let inline = entry.get("valuesInline").or_else(|| entry.get("valuesLocal")).filter(|it| it.is_map());
    let files = entry.get("valuesFile").or_else(|| entry.get("values")).filter(|it| !scalar(it).is_empty());
    let additional = entry.get("additionalValuesFiles").map_or(&[][..], Node::items);
    let mut read = Vec::new();
    for path in files.into_iter().chain(additional) {
        match builder.read_below(at.folder, &scalar(path))? {
            Ok((id, text)) => read.push(helm::merged(builder.documents(id, &text)?)),
            Err(reason) => {
                builder.missing(reason, Some(at.place(path)));
                return Ok(None);
            }
        }
    }
    let mut layers = read.into_iter();
    let first = files.and_then(|_| layers.next());
    let base = match inline {
        None => first,
        Some(inline) => {
            let file = first.unwrap_or_else(|| own.clone());
            match &*text(entry, "valuesMerge", "") {
                "replace" => Some(inline.clone()),
                "merge" => merge::merge(inline.clone(), &file, None).unwrap_or_default(),
                _ => merge::merge(file, inline, None).unwrap_or_default(),
            }
        }
    };
    Ok(Some(base.into_iter().chain(layers).filter(|layer| matches!(layer.data, Data::Map(_))).collect()))
}
