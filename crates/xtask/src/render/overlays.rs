//! Compares what kustomizations give with what kustomize builds.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    time::{Duration, Instant},
};

use hostfit_render::{FileTable, Tree, kustomize, yaml};
use serde::Deserialize;

use super::{
    Disk, answers, asked, count,
    pods::{Difference, compare_builds},
};

/// What kustomize made of a kustomization.
#[derive(Deserialize)]
struct Answer {
    folder: String,
    out: Option<String>,
    error: String,
}

/// Compares all kustomizations below `folders`.
///
/// # Errors
/// When kustomize cannot be asked, or something differs.
pub(super) fn compare(folders: &[&str], file: Option<&Path>, is_whole: bool) -> io::Result<()> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut took, mut pods) = (Duration::ZERO, 0);
    let known: Option<Vec<Answer>> = file.map(answers).transpose()?;
    for root in folders {
        let tree = Disk(Path::new(root).canonicalize()?);
        let found = kustomizations(&tree);
        let line = |folder: &String| tree.0.join(folder).to_string_lossy().into_owned();
        let asked_now: Vec<Answer> = if known.is_some() {
            Vec::new()
        } else {
            asked("kustomize_build.py", found.iter().map(|folder| line(folder) + "\n").collect())?
        };
        let answers = known.as_ref().unwrap_or(&asked_now);
        let answers: BTreeMap<&str, &Answer> = answers.iter().map(|answer| (&*answer.folder, answer)).collect();
        for folder in &found {
            let line = line(folder);
            let Some(answer) = answers.get(&*line) else { continue };
            let begun = Instant::now();
            let built = kustomize::build(&tree, folder, &mut FileTable::default(), &kustomize::Options::default());
            took += begun.elapsed();
            let outcome = outcome(&line, answer, &built, is_whole, &mut pods);
            *counts.entry(outcome).or_default() += 1;
        }
    }
    let all: usize = counts.iter().filter(|(outcome, _)| !outcome.starts_with("kustomize")).map(|(_, it)| it).sum();
    let equal = count(&counts, "equal");
    println!("{counts:?}; {equal} of {all} that kustomize builds are equal, with {pods} pods; building took {took:?}");
    let wrong = count(&counts, "wrong") + count(&counts, "refused");
    if wrong == 0 { Ok(()) } else { Err(io::Error::other(format!("{wrong} kustomizations differ from kustomize"))) }
}

fn kustomizations(tree: &Disk) -> Vec<String> {
    let names = ["kustomization.yaml", "kustomization.yml", "Kustomization"];
    let mut found: Vec<String> = Vec::new();
    for path in tree.list("") {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", &path));
        if names.contains(&name) && fs::metadata(tree.0.join(&path)).is_ok_and(|it| it.is_file()) {
            found.push(folder.to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

fn outcome(
    folder: &str,
    answer: &Answer,
    built: &kustomize::Building,
    is_whole: bool,
    pods: &mut usize,
) -> &'static str {
    let problems = || built.rendering.problems.iter().map(|problem| problem.message.as_str()).collect::<Vec<_>>();
    let Some(out) = &answer.out else {
        if built.is_unknown || !built.rendering.problems.is_empty() {
            return "kustomize refuses too";
        }
        let error = answer.error.lines().next_back().unwrap_or_default();
        println!("{folder}: only kustomize refuses: {error}");
        return "kustomize alone refuses";
    };
    if built.is_unknown {
        println!("{folder}: unknown: {:?}", problems());
        return "unknown";
    }
    if !built.rendering.problems.is_empty() {
        println!("{folder}: refused: {:?}", problems());
        return "refused";
    }
    let read = |manifest: &hostfit_render::Manifest| yaml::read(&manifest.text).roots.into_iter().next();
    let ours: Vec<_> = built.rendering.manifests.iter().filter_map(read).collect();
    let mut outcome = "equal";
    for difference in compare_builds(out, &ours, is_whole, pods) {
        match difference {
            Difference::None => {}
            Difference::Hole(place) => {
                println!("{folder}: not known: {place}");
                outcome = if outcome == "wrong" { outcome } else { "holes" };
            }
            Difference::Wrong(place) => {
                println!("{folder}: wrong: {place}");
                outcome = "wrong";
            }
        }
    }
    outcome
}
