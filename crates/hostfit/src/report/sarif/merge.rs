//! The logs of the parts of a run as one.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, BTreeSet, btree_map::Entry},
    fmt::Display,
    io::{self, Write},
};

use hostfit_core::finding::Severity;
use serde::Deserialize;

use super::{
    COLUMN_KIND, DEFAULT_ENCODING, LANGUAGE, MOST_RESULTS, SARIF, SCHEMA, cut_notification, driver, ended, level,
    locate,
    model::{Analysis, Artifact, ArtifactLocation, AutomationDetails, Log, Notification, ReadTool, SarifResult, Tool},
    suffix,
};
use crate::report::{
    json::write_value,
    part::{Named, Part},
};

type Run = Analysis<'static, ReadTool, Vec<SarifResult<'static>>>;

/// As much of a run as shows who wrote it.
#[derive(Deserialize)]
pub(crate) struct Head {
    tool: ReadTool,
}

impl Head {
    /// The program and its version.
    pub(crate) fn tool(&self) -> (&str, &str) {
        (&self.tool.driver.name, &self.tool.driver.version)
    }
}

/// A log of a part.
#[derive(Deserialize)]
#[serde(transparent)]
pub(crate) struct Read(Log<'static, Run>);

impl Read {
    /// Which it is.
    pub(crate) fn part(&self) -> Option<Part<'static>> {
        let [run] = &self.0.runs;
        run.properties.as_ref().map(|it| it.shard.clone())
    }
}

/// What the whole run would have written.
pub(crate) struct Joined {
    run: Run,
    /// How many results are left out, of how many.
    cut: usize,
    total: usize,
    /// The worst that was found.
    pub(crate) worst: Option<Severity>,
}

impl Joined {
    /// # Errors
    /// When one of them was changed since it was written.
    pub(crate) fn of(parts: Vec<Named<Read>>) -> Result<Self, String> {
        let mut files = Files::default();
        let mut joined: Option<Run> = None;
        let (mut results, mut notifications, mut cut) = (Vec::new(), Vec::new(), 0_usize);
        for mut part in parts {
            let [run] = &mut part.report.0.runs;
            let mut own = std::mem::take(&mut run.results);
            let ids = files.add(&part).map_err(|why| changed(&part, why))?;
            for result in &mut own {
                for address in addresses(result) {
                    if let Some(index) = &mut address.index {
                        *index = *ids.get(*index).ok_or_else(|| changed(&part, "an index leads nowhere"))?;
                    }
                }
                part.owns(files.path(result))?;
                severity(result).map_err(|why| changed(&part, why))?;
            }
            results.append(&mut own);
            notifications.extend(skipped(&mut part)?);
            let [run] = part.report.0.runs;
            cut = cut.saturating_add(run.properties.as_ref().map_or(0, |it| it.cut));
            let id = run.automation_details.id.strip_suffix(&suffix(&part.part)).map(str::to_owned);
            let id = id.ok_or_else(|| format!("{} was changed since it was written: its id is another", part.name))?;
            let run = Run { automation_details: AutomationDetails { id: id.into() }, ..run };
            match &joined {
                None => joined = Some(run),
                Some(first) if is_of_one_checkout(first, &run) => {}
                Some(_) => {
                    let name = part.name;
                    return Err(format!(
                        "{name} is of another checkout, folder, configuration or fleet than the others"
                    ));
                }
            }
        }
        let Some(run) = joined else { return Err("there is nothing to join".to_owned()) };
        let order = files.order();
        let place = |result: &SarifResult| main(result).and_then(|id| order.get(id).copied());
        // All results of one file come from one part, in their order.
        results.sort_by_key(place);
        let worst = results.iter().filter(|it| it.suppressions.is_empty()).filter_map(|it| severity(it).ok()).max();
        let total = results.len().saturating_add(cut);
        if results.len() > MOST_RESULTS {
            let mut numbered: Vec<_> = results.into_iter().enumerate().collect();
            numbered.sort_by_key(|(_, it)| (!it.suppressions.is_empty(), Reverse(severity(it).ok())));
            numbered.truncate(MOST_RESULTS);
            numbered.sort_by_key(|(number, _)| *number);
            results = numbered.into_iter().map(|(_, it)| it).collect();
        }
        let artifacts = files.into_artifacts(&mut results);
        notifications.sort_by(|(a, _), (b, _)| a.cmp(b));
        let notifications = notifications.into_iter().map(|(_, it)| it).collect();
        let cut = total - results.len();
        let run = Run { invocations: [ended(false, notifications)], artifacts, results, properties: None, ..run };
        Ok(Self { run, cut, total, worst })
    }

    /// `fails` is whether what was found makes the run fail.
    pub(crate) fn write(self, fails: bool, out: &mut dyn Write) -> io::Result<()> {
        let [invocation] = self.run.invocations;
        let mut notifications = invocation.tool_execution_notifications;
        notifications.extend(cut_notification(self.cut, self.total));
        let analysis = Analysis {
            tool: Tool { driver: driver() },
            invocations: [ended(fails, notifications)],
            automation_details: self.run.automation_details,
            version_control_provenance: self.run.version_control_provenance,
            original_uri_base_ids: self.run.original_uri_base_ids,
            artifacts: self.run.artifacts,
            results: self.run.results,
            column_kind: COLUMN_KIND.into(),
            default_encoding: DEFAULT_ENCODING.into(),
            language: LANGUAGE.into(),
            properties: None,
        };
        write_value(&Log { schema: SCHEMA.into(), version: SARIF.into(), runs: [analysis] }, out)
    }
}

fn changed<T>(part: &Named<T>, why: impl Display) -> String {
    format!("{} was changed since it was written: {why}", part.name)
}

fn severity(result: &SarifResult) -> Result<Severity, String> {
    let known = [Severity::Error, Severity::Warning, Severity::Info];
    let named = known.into_iter().find(|it| level(*it) == result.level);
    named.ok_or_else(|| format!("there is no level `{}`", result.level))
}

/// Which file it stands in.
fn main(result: &SarifResult) -> Option<usize> {
    result.locations.first().and_then(|it| it.physical_location.artifact_location.index)
}

/// All places of a result.
fn addresses<'a>(result: &'a mut SarifResult<'static>) -> impl Iterator<Item = &'a mut ArtifactLocation<'static>> {
    let silenced = result.suppressions.iter_mut().filter_map(|it| it.location.as_mut());
    let locations = result.locations.iter_mut().chain(&mut result.related_locations).chain(silenced);
    let changes = result.fixes.iter_mut().flat_map(|fix| &mut fix.artifact_changes);
    let in_changes = changes.map(|change| &mut change.artifact_location);
    locations.map(|it| &mut it.physical_location.artifact_location).chain(in_changes)
}

/// The notifications about files of a part, with their paths.
fn skipped(part: &mut Named<Read>) -> Result<Vec<(String, Notification<'static>)>, String> {
    let [run] = &mut part.report.0.runs;
    let [invocation] = &mut run.invocations;
    let all = std::mem::take(&mut invocation.tool_execution_notifications);
    let mut skipped = Vec::with_capacity(all.len());
    for notification in all {
        // That some were left out is said of the whole.
        let Some(location) = notification.locations.first() else { continue };
        let path = locate::path(&location.physical_location.artifact_location)
            .ok_or_else(|| changed(part, "it names no file"))?;
        part.owns(&path)?;
        skipped.push((path, notification));
    }
    Ok(skipped)
}

fn is_of_one_checkout(one: &Run, other: &Run) -> bool {
    one.automation_details == other.automation_details
        && one.version_control_provenance == other.version_control_provenance
        && one.original_uri_base_ids == other.original_uri_base_ids
}

/// The files that the parts name.
#[derive(Default)]
struct Files {
    ids: BTreeMap<String, usize>,
    /// By id.
    all: Vec<File>,
}

struct File {
    path: String,
    artifact: Artifact<'static>,
    /// Whether it is one of those that were looked at, which the part that it belongs to knows.
    is_checked: bool,
}

impl Files {
    /// Takes those of a part, and gives the id of each.
    fn add(&mut self, part: &Named<Read>) -> Result<Vec<usize>, String> {
        let [run] = &part.report.0.runs;
        let unchecked: BTreeSet<_> = run.properties.iter().flat_map(|it| &it.unchecked).copied().collect();
        let mut ids = Vec::with_capacity(run.artifacts.len());
        for (index, artifact) in run.artifacts.iter().enumerate() {
            let path = locate::path(&artifact.location).ok_or("an artifact is not a file")?;
            let is_checked = part.shard.holds(&path) && !unchecked.contains(&index);
            let id = match self.ids.entry(path) {
                Entry::Occupied(entry) => *entry.get(),
                Entry::Vacant(entry) => {
                    let path = entry.key().clone();
                    self.all.push(File { path, artifact: artifact.clone(), is_checked: false });
                    *entry.insert(self.all.len() - 1)
                }
            };
            if let Some(file) = self.all.get_mut(id) {
                file.is_checked |= is_checked;
            }
            ids.push(id);
        }
        Ok(ids)
    }

    /// The path that a result stands in; empty where no file states it.
    fn path(&self, result: &SarifResult) -> &str {
        main(result).and_then(|id| self.all.get(id)).map_or("", |file| &file.path)
    }

    /// The places of the files in the order of their paths, by id.
    fn order(&self) -> Vec<usize> {
        let mut order = vec![0; self.all.len()];
        for (place, id) in self.ids.values().enumerate() {
            if let Some(it) = order.get_mut(*id) {
                *it = place;
            }
        }
        order
    }

    /// The artifacts that the results and the files to check leave, in their order; the results then say their places.
    fn into_artifacts(self, results: &mut [SarifResult<'static>]) -> Vec<Artifact<'static>> {
        let named: BTreeSet<_> = results.iter_mut().flat_map(addresses).filter_map(|it| it.index).collect();
        let mut all: Vec<_> = self.all.into_iter().enumerate().collect();
        all.retain(|(id, file)| file.is_checked || named.contains(id));
        all.sort_by(|(_, a), (_, b)| a.path.cmp(&b.path));
        let places: BTreeMap<_, _> = all.iter().enumerate().map(|(place, (id, _))| (*id, place)).collect();
        for address in results.iter_mut().flat_map(addresses) {
            address.index = address.index.and_then(|id| places.get(&id).copied());
        }
        all.into_iter().map(|(_, file)| file.artifact).collect()
    }
}
