//! Compares what charts and kustomizations give with what Helm and kustomize make of them: the pods, as data.

mod overlays;
mod pods;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    fs, io,
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use hostfit_render::{Chart, FileTable, Options, Rendering, Text, Tree, load, render, yaml};
use serde::Deserialize;

use self::pods::{Difference, compare_files, compare_objects};
use crate::tools;

/// What Helm made of a chart.
#[derive(Deserialize)]
struct Answer {
    chart: String,
    #[serde(default)]
    files: Option<BTreeMap<String, String>>,
    #[serde(default)]
    error: Option<String>,
}

/// Compares all charts and kustomizations below `folders`.
///
/// # Errors
/// When Helm or kustomize cannot be asked, or a pod has a value that differs.
pub(crate) fn compare(folders: &[&str], answers: Option<&Path>) -> io::Result<()> {
    let (is_whole, folders) = match folders {
        ["--whole", folders @ ..] => (true, folders),
        folders => (false, folders),
    };
    match folders {
        ["--overlays", folders @ ..] => overlays::compare(folders, answers, is_whole),
        folders => compare_charts(folders, answers, is_whole),
    }
}

fn compare_charts(folders: &[&str], file: Option<&Path>, is_whole: bool) -> io::Result<()> {
    let mut charts = Vec::new();
    for folder in folders {
        find(Path::new(folder), &mut charts)?;
    }
    charts.sort();
    let answers = match file {
        Some(file) => by_chart(answers(file)?),
        None => ask(&sets(&charts))?,
    };
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut took, mut pods) = (Duration::ZERO, 0);
    for set in sets(&charts) {
        let Some(answer) = answers.get(&set.line()) else { continue };
        let chart = &set.chart;
        let begun = Instant::now();
        let rendered = rendered(&set);
        took += begun.elapsed();
        if let (true, Some(files), Ok((_, rendering))) = (is_whole, &answer.files, &rendered) {
            for difference in compare_objects(files, rendering) {
                println!("{}: differs: {difference}", chart.display());
            }
        }
        let outcome = outcome(&set.line().replace('\t', " with "), answer, rendered, &mut pods);
        *counts.entry(outcome).or_default() += 1;
    }
    let (equal, all) = (count(&counts, "equal"), charts_of(&counts));
    println!("{counts:?}; {equal} of {all} that Helm renders are equal, with {pods} pods; rendering took {took:?}");
    let wrong = count(&counts, "wrong") + count(&counts, "refused");
    if wrong == 0 { Ok(()) } else { Err(io::Error::other(format!("{wrong} charts differ from Helm"))) }
}

/// Compares the charts and the kustomizations of the fixtures.
///
/// # Errors
/// As [`compare`].
pub(crate) fn ready() -> io::Result<()> {
    let fixtures = tools::root()?.join("fixtures");
    compare_charts(&[&fixtures.join("charts").to_string_lossy()], None, false)?;
    overlays::compare(&[&fixtures.join("overlays").to_string_lossy()], None, true)
}

fn count(counts: &BTreeMap<&str, usize>, outcome: &str) -> usize {
    counts.get(outcome).copied().unwrap_or(0)
}

fn charts_of(counts: &BTreeMap<&str, usize>) -> usize {
    counts.iter().filter(|(outcome, _)| !outcome.starts_with("helm")).map(|(_, count)| count).sum()
}

/// A chart, and the file of values that it is rendered with beside its own.
struct Set {
    chart: PathBuf,
    values: Option<PathBuf>,
}

impl Set {
    /// How Helm is asked for it.
    fn line(&self) -> String {
        let chart = self.chart.display();
        self.values.as_ref().map_or_else(|| chart.to_string(), |values| format!("{chart}\t{}", values.display()))
    }
}

/// Each chart by itself, and with each further file of values that it has.
fn sets(charts: &[PathBuf]) -> Vec<Set> {
    let mut sets = Vec::new();
    for chart in charts {
        sets.push(Set { chart: chart.clone(), values: None });
        let tree = Disk(chart.clone());
        let mut files: Vec<_> = tree.list("").into_iter().filter(|path| are_values(path)).collect();
        files.sort();
        sets.extend(files.into_iter().map(|path| Set { chart: chart.clone(), values: Some(chart.join(path)) }));
    }
    sets
}

fn are_values(path: &str) -> bool {
    let Some(name) = path.strip_suffix(".yaml") else { return false };
    match name.split_once('/') {
        None => name.starts_with("values-") || name.starts_with("values."),
        Some((folder, name)) => folder == "ci" && name.ends_with("-values"),
    }
}

fn rendered(set: &Set) -> Result<(Chart, Rendering), String> {
    let tree = Disk(set.chart.clone());
    let mut table = FileTable::default();
    let loaded = load(&tree, "", &mut table).map_err(|problem| problem.message)?;
    let mut values = Vec::new();
    if let Some(path) = &set.values {
        let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
        let id = table.id(&path.to_string_lossy());
        values.extend(yaml::read(&Text::file(id, text)).roots.into_iter().take(1));
    }
    // Helm, which is not asked for a cluster, does not look at the chart's own definitions either.
    let rendering = render(&loaded, &Options { own_kinds: false, values, ..Options::default() });
    Ok((loaded, rendering))
}

fn outcome(
    chart: &str,
    answer: &Answer,
    rendered: Result<(Chart, Rendering), String>,
    pods: &mut usize,
) -> &'static str {
    let (files, rendering) = match (&answer.files, rendered) {
        (None, Ok((_, rendering))) if rendering.holes.is_empty() && rendering.problems.is_empty() => {
            println!("{chart}: only Helm refuses: {}", answer.error.as_deref().unwrap_or_default());
            return "helm alone refuses";
        }
        (None, _) => return "helm refuses too",
        (Some(_), Err(problem)) => {
            println!("{chart}: {problem}");
            return "refused";
        }
        (Some(files), Ok((_, rendering))) => (files, rendering),
    };
    match compare_files(files, &rendering, pods) {
        Difference::None => "equal",
        Difference::Hole(place) => {
            println!("{chart}: not known: {place}");
            for hole in rendering.holes.iter().take(5) {
                println!("    {}: {}", hole.expression.replace('\n', " "), hole.reason);
            }
            for problem in rendering.problems.iter().take(5) {
                println!("    {}", problem.message);
            }
            "holes"
        }
        Difference::Wrong(place) => {
            println!("{chart}: wrong: {place}");
            "wrong"
        }
    }
}

/// The folders below `folder` that are charts, but not those inside of charts.
fn find(folder: &Path, charts: &mut Vec<PathBuf>) -> io::Result<()> {
    if folder.join("Chart.yaml").is_file() {
        charts.push(folder.to_owned());
        return Ok(());
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            find(&entry.path(), charts)?;
        }
    }
    Ok(())
}

fn ask(sets: &[Set]) -> io::Result<BTreeMap<String, Answer>> {
    let lines: String = sets.iter().flat_map(|set| [set.line(), "\n".to_owned()]).collect();
    Ok(by_chart(asked("helm_render.py", lines)?))
}

fn by_chart(answers: Vec<Answer>) -> BTreeMap<String, Answer> {
    answers.into_iter().map(|answer| (answer.chart.clone(), answer)).collect()
}

/// What a script of `tests/tools` answers to lines.
fn asked<A: serde::de::DeserializeOwned>(script: &str, lines: String) -> io::Result<Vec<A>> {
    let root = tools::root()?;
    let python = tools::python(&root)?;
    let mut asked = Command::new(python)
        .arg(root.join("tests/tools").join(script))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let stdin = asked.stdin.take();
    let stdout = asked.stdout.take().ok_or_else(|| io::Error::other("no output"))?;
    let feeder = std::thread::spawn(move || stdin.map_or(Ok(()), |mut stdin| stdin.write_all(lines.as_bytes())));
    let found = lines_of(BufReader::new(stdout))?;
    asked.wait()?;
    feeder.join().map_err(|_| io::Error::other(format!("{script} could not be asked")))??;
    Ok(found)
}

/// What a script wrote to a file before.
fn answers<A: serde::de::DeserializeOwned>(file: &Path) -> io::Result<Vec<A>> {
    lines_of(BufReader::new(fs::File::open(file)?))
}

fn lines_of<A: serde::de::DeserializeOwned>(lines: impl BufRead) -> io::Result<Vec<A>> {
    lines.lines().map(|line| Ok(serde_json::from_str(&line?)?)).collect()
}

/// A folder of this machine.
struct Disk(PathBuf);

impl Disk {
    /// Whether a link leads to a file of the folder.
    fn is_inside(&self, link: &str) -> bool {
        let target = self.0.join(link).canonicalize();
        let root = self.0.canonicalize();
        target
            .and_then(|target| Ok((root?, target)))
            .is_ok_and(|(root, target)| target.starts_with(root) && target.is_file())
    }
}

impl Tree for Disk {
    fn list(&self, folder: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut open = vec![folder.to_owned()];
        while let Some(folder) = open.pop() {
            let Ok(entries) = fs::read_dir(self.0.join(&folder)) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => open.push(path),
                    Ok(kind) if kind.is_file() => found.push(path),
                    Ok(kind) if kind.is_symlink() && self.is_inside(&path) => found.push(path),
                    _ => {}
                }
            }
        }
        found
    }

    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        fs::read(self.0.join(path)).ok().map(Cow::Owned)
    }
}
