//! Trees to look at: all fixtures, and a folder of real repositories.

use std::{fs, path::Path};

use hostfit_core::rules::{
    RULES,
    examples::{Example, examples},
};

use crate::common;

pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The fleet that the corpus is judged against.
pub(crate) const TRIAL: &str = r#"
[[host]]
name = "win2019"
os = "ltsc2019"
orchestrator = "kubernetes"
[[host]]
name = "win2022"
os = "ltsc2022"
orchestrator = "kubernetes"
[[host]]
name = "win2025"
os = "ltsc2025"
orchestrator = "kubernetes"
[[host]]
name = "linux"
os = "linux"
orchestrator = "kubernetes"
[[host]]
name = "docker2022"
os = "ltsc2022"
orchestrator = "docker"
"#;

/// Every folder of seeds and of hostile files, the demo, the tree of a target, every case of every rule.
pub(crate) fn fixtures() -> Vec<(String, Files)> {
    let mut found: Vec<_> = ["seeds", "hostile"]
        .into_iter()
        .flat_map(|of| folders(&common::fixtures(of)))
        .chain([common::fixtures("demo"), common::fixtures("targets")])
        .map(|folder| (folder.file_name().unwrap().to_string_lossy().into_owned(), common::files(&folder)))
        .collect();
    for page in ["charts", "overlays"] {
        let fixtures = fs::read_to_string(common::fixtures(&format!("{page}.md"))).unwrap();
        found.extend(cases(page, &fixtures));
    }
    for rule in RULES {
        let fixtures = fs::read_to_string(common::fixtures("rules").join(format!("{}.md", rule.id))).unwrap();
        found.extend(cases(&format!("{}, fixture", rule.id), &fixtures));
        found.extend(cases(&format!("{}, page", rule.id), &rule.page()));
    }
    found
}

fn folders(of: &Path) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(of).unwrap().map(|entry| entry.unwrap().path()).collect();
    found.retain(|path| path.is_dir());
    found.sort();
    found
}

fn cases(page_name: &str, page: &str) -> Vec<(String, Files)> {
    let files = |(number, case): (usize, Example)| {
        let files = case.files.into_iter().chain(case.config).map(|file| (file.path, file.text.into_bytes()));
        (format!("{page_name} {}", number + 1), files.collect())
    };
    examples(page).into_iter().enumerate().map(files).collect()
}

/// The same files and configuration with other hosts.
pub(crate) fn with_fleet(mut files: Files, hosts: &str) -> Files {
    let of = |text: &str| text.parse::<toml::Table>().unwrap();
    let own = files.iter().find(|(path, _)| path == "hostfit.toml");
    let mut config = own.map_or_else(toml::Table::new, |(_, bytes)| of(std::str::from_utf8(bytes).unwrap()));
    files.retain(|(path, _)| path != "hostfit.toml");
    config.remove("target");
    config.extend(of(hosts));
    files.push(("hostfit.toml".to_owned(), toml::to_string(&config).unwrap().into_bytes()));
    files
}

/// The repositories in the folder that `HOSTFIT_CORPUS` names, each under the fleet of the trial.
pub(crate) fn corpus() -> impl Iterator<Item = (String, Files)> {
    let folder = std::env::var("HOSTFIT_CORPUS").unwrap();
    folders(Path::new(&folder)).into_iter().map(|repository| {
        let name = repository.file_name().unwrap().to_string_lossy().into_owned();
        let own = |(path, _): &(String, Vec<u8>)| !path.ends_with("hostfit.toml") && !path.ends_with("hostfit.lock");
        let files = common::files(&repository).into_iter().filter(own).collect();
        (name, with_fleet(files, TRIAL))
    })
}
