//! Keeps what ARCHITECTURE.md says of the layers, by reading the sources.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test, which reads the sources of the crate"
)]

mod imports;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use hostfit_core::windows::release::Releases;
use imports::{Crate, Folder, Module};

#[test]
fn a_module_uses_only_those_above_it() {
    let layers = layers();
    let place = |file: &Path| {
        let module = module_of(file);
        layers.iter().position(|layer| *layer == module).unwrap_or_else(|| panic!("give a layer to {module}"))
    };
    let uses = CORE.uses();
    let wrong: Vec<_> = uses.iter().filter(|it| place(&it.from) < place(&it.to)).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_module_has_its_place() {
    let lib = fs::read_to_string(src().join("lib.rs")).expect("lib.rs");
    let mut modules: Vec<_> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let mut layers = layers();
    modules.sort_unstable();
    layers.sort_unstable();
    assert_eq!(modules, layers);
}

#[test]
fn rules_know_of_the_files_only_what_kind_they_are() {
    let uses = CORE.uses();
    let of_rules = uses.iter().filter(|it| module_of(&it.from) == "rules");
    let allowed = |path: &str| path.split("::").any(|word| word == "Unit" || word == "Content");
    let wrong = of_rules.filter(|it| match module_of(&it.to).as_str() {
        "syntax" => true,
        "front" => it.to != Path::new("front/mod.rs") || !allowed(&it.path),
        _ => false,
    });
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn trees_are_read_by_front_ends_and_by_what_reads_outputs() {
    let uses = CORE.uses();
    let readers = ["syntax", "patch", "front", "placement", "diagnose"];
    let wrong = uses.iter().filter(|it| module_of(&it.to) == "syntax" && !readers.contains(&&*module_of(&it.from)));
    let wrong: Vec<_> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn yaml_events_are_known_in_one_module() {
    let knowing = CORE.modules().iter().filter(|module| module.names_crate("granit_parser"));
    let others: Vec<_> = knowing.map(|it| &it.file).filter(|file| !file.starts_with("syntax/yaml")).collect();
    assert!(others.is_empty(), "{others:?} know the YAML parser");
}

/// What people are shown, or what is written into their files, though it is no sentence; by file or folder.
const SHOWN: &[(&str, &str)] = &[
    // Examples in the schema.
    ("config", "26100"),
    ("config", "ltsc2022"),
    ("config", "ltsc2019"),
    // What messages call them.
    // What the fix writes.
    ("rules/invalid_host_process.rs", "hostNetwork"),
];

#[test]
fn only_windows_knows_builds_releases_and_dates() {
    let releases = Releases::default();
    let is_build = |number: u64| releases.iter().any(|release| u64::from(release.build.0) == number);
    let is_year = |number: u64| (2015..=2040).contains(&number);
    let is_day = |text: &str| hostfit_core::windows::Date::parse(text).is_some();
    let is_fact = |text: &str| text.contains("10.0.") || releases.by_name(text).is_some() || is_day(text);
    assert_eq!(facts(&["windows"], is_fact, |it| is_build(it) || is_year(it)), Vec::<String>::new());
}

#[test]
fn only_fleet_placement_and_windows_know_labels_of_nodes() {
    let prefixes =
        ["kubernetes.io/", "node.", "engine.labels.", "karpenter.sh", "amazonaws.com/", "azure.com/", "google.com/"];
    let is_label = |text: &str| prefixes.iter().any(|prefix| text.contains(prefix));
    assert_eq!(facts(&["windows", "fleet", "placement", "front"], is_label, |_| false), Vec::<String>::new());
}

#[test]
fn only_front_ends_know_keys_of_kubernetes() {
    let is_camel = |word: &str| {
        word.starts_with(|it: char| it.is_ascii_lowercase())
            && word.contains(|it: char| it.is_ascii_uppercase())
            && word.bytes().all(|it| it.is_ascii_alphabetic())
    };
    let is_key = |text: &str| text.split('.').any(is_camel);
    // `config` has keys of JSON Schema, and settings of the model are called as pods call them.
    assert_eq!(
        facts(&["front", "placement", "diagnose", "config", "model/setting.rs"], is_key, |_| false),
        Vec::<String>::new()
    );
}

#[test]
fn what_is_shown_stands_there() {
    let stands = |(file, fact): &&(&str, &str)| {
        let mut own = CORE.modules().iter().filter(|module| module.file.starts_with(file));
        own.any(|it| it.strings.iter().any(|text| text == fact) || it.numbers.iter().any(|it| it.to_string() == *fact))
    };
    let over: Vec<_> = SHOWN.iter().filter(|it| !stands(it)).collect();
    assert!(over.is_empty(), "take off the list: {over:?}");
}

/// The literals outside of some modules that are such facts. A sentence for people may name them.
fn facts(homes: &[&str], is_fact: impl Fn(&str) -> bool, is_number: impl Fn(u64) -> bool) -> Vec<String> {
    let is_home =
        |module: &&Module| homes.iter().any(|home| module.file.starts_with(home) || *home == module_of(&module.file));
    let elsewhere = CORE.modules().iter().filter(|module| !is_home(module));
    let facts = |module: &Module| {
        let is_sentence = |text: &str| text.contains([' ', '`']);
        let strings = module.strings.iter().filter(|text| !is_sentence(text) && is_fact(text)).cloned();
        let numbers = module.numbers.iter().filter(|it| is_number(**it)).map(ToString::to_string);
        let file = module.file.display().to_string();
        let is_let_through =
            |fact: &String| SHOWN.iter().any(|(own, it)| module.file.starts_with(own) && *it == fact.as_str());
        let found: Vec<_> = strings.chain(numbers).filter(|fact| !is_let_through(fact)).collect();
        found.into_iter().map(move |fact| format!("{file}: {fact}"))
    };
    elsewhere.flat_map(facts).collect()
}

#[test]
fn the_core_has_no_dependency_of_the_edges() {
    let manifest = fs::read_to_string(src().join("../Cargo.toml")).expect("Cargo.toml");
    let (dependencies, _) = manifest.split_once("[dev-dependencies]").expect("dev-dependencies come last");
    for edge in ["clap", "miette", "rayon", "ignore", "anstream", "indicatif", "lsp", "tokio"] {
        let line = dependencies.lines().find(|line| line.starts_with(edge));
        assert_eq!(line, None, "the core depends on {edge}");
    }
}

fn src() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

/// The sources, read once for all tests.
static CORE: LazyLock<Crate> = LazyLock::new(|| Crate::read(&Folder(src())));

/// The module of the crate that a file belongs to.
fn module_of(file: &Path) -> String {
    let first = file.iter().next().and_then(|it| it.to_str()).unwrap_or_default();
    first.trim_end_matches(".rs").to_owned()
}

/// The modules in the order of the page's table; each uses only those above it.
fn layers() -> Vec<String> {
    let page = fs::read_to_string(src().join("../../../ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let (_, section) = page.split_once("## Layers of the core").expect("its section");
    let (section, _) = section.split_once("\n## ").expect("another section");
    let cells = section.lines().filter_map(|line| line.strip_prefix("| `")?.split_once(" |"));
    cells.flat_map(|(names, _)| names.split(", ").map(|name| name.trim_matches('`').to_owned())).collect()
}
