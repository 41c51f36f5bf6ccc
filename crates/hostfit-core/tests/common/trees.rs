//! Trees to look at: all fixtures, and a folder of real repositories.

use std::{fs, path::Path};

use hostfit_core::rules::RULES;

use crate::common;

pub(crate) type Files = Vec<(String, Vec<u8>)>;

/// The fleet that the corpus is judged against.
const TRIAL: &str = r#"
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

/// The cases of a page, in the form that `src/rules/tests.rs` describes.
fn cases(page_name: &str, page: &str) -> Vec<(String, Files)> {
    let (mut found, mut fleet, mut files): (Vec<_>, _, Files) = (Vec::new(), None, Vec::new());
    let mut open: Option<(&str, String)> = None;
    for line in page.lines() {
        match (line.strip_prefix("```"), &mut open) {
            (Some(info), None) => open = Some((info, String::new())),
            (None, Some((_, text))) => {
                let is_marks = line.contains('^') && line.trim().chars().all(|it| "# ^".contains(it));
                if !is_marks {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            (Some(_), Some(_)) => {
                let Some((info, text)) = open.take() else { continue };
                let words: Vec<_> = info.split_whitespace().collect();
                let &[language, what, ..] = words.as_slice() else { continue };
                if what == "fleet" {
                    fleet = Some(text).filter(|text| !text.trim().is_empty());
                    continue;
                }
                let default = match language {
                    "dockerfile" => "Dockerfile",
                    "json" => "manifest.json",
                    "yaml" if text.contains("services:") => "compose.yaml",
                    _ => "manifest.yaml",
                };
                let named = words.iter().skip(2).find(|word| !word.starts_with("also:"));
                files.push((named.copied().unwrap_or(default).to_owned(), text.into_bytes()));
                if what != "with" {
                    let mut files = std::mem::take(&mut files);
                    files.extend(fleet.clone().map(|text: String| ("hostfit.toml".to_owned(), text.into_bytes())));
                    found.push((format!("{page_name} {}", found.len() + 1), files));
                }
            }
            (None, None) => {}
        }
    }
    found
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
