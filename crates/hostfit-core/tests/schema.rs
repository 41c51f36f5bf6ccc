//! The published schema of `hostfit.toml` says what its reader does: the same keys, and nothing refused that the reader
//! takes.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::panic,
    reason = "a test, which reads the documentation and the fixtures of the repository"
)]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use hostfit_core::{
    config::Config,
    rules,
    source::{Source, SourceId},
};
use jsonschema::Validator;
use serde_json::{Value, json};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema() -> Value {
    serde_json::from_str(&rules::config_schema()).expect("JSON")
}

fn validator() -> Validator {
    let schema = schema();
    assert!(jsonschema::meta::is_valid(&schema), "no JSON Schema");
    jsonschema::validator_for(&schema).expect("a schema")
}

/// What the reader says.
fn read(text: &str) -> Result<(), String> {
    let source = Source::from_text(SourceId(0), "hostfit.toml", text);
    match Config::parse(&source, &rules::ids()) {
        Ok(_) => Ok(()),
        Err(errors) => Err(errors.into_iter().map(|error| error.message).collect::<Vec<_>>().join("\n")),
    }
}

/// As Taplo hands TOML to its validator: dates are texts.
fn json_of(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(date) => json!(date.to_string()),
        toml::Value::Array(items) => items.into_iter().map(json_of).collect(),
        toml::Value::Table(table) => table.into_iter().map(|(key, value)| (key, json_of(value))).collect(),
        other => json!(other),
    }
}

/// What an editor says.
fn validate(validator: &Validator, text: &str) -> Result<(), String> {
    let table: toml::Table = text.parse().unwrap_or_else(|error| panic!("{error}: {text}"));
    let value = json_of(toml::Value::Table(table));
    let errors: Vec<_> = validator.iter_errors(&value).map(|error| error.to_string()).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n")) }
}

#[test]
fn the_published_schema_is_that_of_the_program() {
    let published = fs::read_to_string(root().join("docs/hostfit.schema.json")).expect("docs/hostfit.schema.json");
    // A checkout on Windows may have other line ends.
    let is_current = published.replace("\r\n", "\n") == rules::config_schema();
    assert!(is_current, "run `cargo xtask docs`: docs/hostfit.schema.json is not what the reader knows");
}

/// The files below `folder` that end so.
fn files(folder: &Path, end: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files(&path, end, found);
        } else if path.to_string_lossy().ends_with(end) {
            found.push(path);
        }
    }
}

/// Every configuration that the repository shows or tests with.
fn configurations() -> Vec<(String, String)> {
    let mut configurations = Vec::new();
    let mut found = Vec::new();
    files(&root().join("fixtures"), ".toml", &mut found);
    let read = |path: &PathBuf| fs::read_to_string(path).expect("text").replace("\r\n", "\n");
    configurations.extend(found.iter().map(|path| (path.display().to_string(), read(path))));
    let mut pages = vec![root().join("README.md")];
    files(&root().join("docs"), ".md", &mut pages);
    files(&root().join("fixtures"), ".md", &mut pages);
    for page in &pages {
        let text = read(page);
        let blocks = text.split("\n```toml").skip(1).filter_map(|rest| rest.split_once('\n')?.1.split_once("\n```"));
        configurations.extend(blocks.map(|(block, _)| (page.display().to_string(), format!("{block}\n"))));
    }
    configurations
}

#[test]
fn every_configuration_of_the_repository_is_valid() {
    let validator = validator();
    let configurations = configurations();
    assert!(configurations.len() > 50, "{} are found", configurations.len());
    for (place, text) in configurations {
        // One fixture may be there to be refused.
        if read(&text).is_ok() {
            assert_eq!(validate(&validator, &text), Ok(()), "{place}:\n{text}");
        }
    }
}

#[test]
fn what_is_plainly_wrong_is_refused_by_both() {
    let validator = validator();
    let host = "[[host]]\nname = \"a\"\nos = \"linux\"\n";
    let release = "[[release]]\nid = \"a\"\nbuild = 1\n";
    let table = [
        "chekc = {}".to_owned(),
        "check = 1".to_owned(),
        "[check]\nfail_on = \"error\"".to_owned(),
        "[check]\nfail-on = \"warn\"".to_owned(),
        "[check]\nselect = \"unknown-tag\"".to_owned(),
        "[check]\nselect = [\"no-such-rule\"]".to_owned(),
        "[check]\nignore = [1]".to_owned(),
        "[check]\nexclude = \"vendor/**\"".to_owned(),
        "[check]\nseverity = { no-such-rule = \"error\" }".to_owned(),
        "[check]\nseverity = { unknown-tag = \"never\" }".to_owned(),
        "[check]\nseverity = [\"unknown-tag\"]".to_owned(),
        "[[override]]\nignore = []".to_owned(),
        "[[override]]\npaths = \"a\"".to_owned(),
        "[[override]]\npaths = []\nselect = [\"no-such-rule\"]".to_owned(),
        "[[override]]\npaths = []\nexclude = []".to_owned(),
        "[[override]]\npaths = []\nseverity = { no-such-rule = \"info\" }".to_owned(),
        "override = { paths = [] }".to_owned(),
        "[build-args]\nV = 1809".to_owned(),
        "[images]\n\"a:*\" = 2022".to_owned(),
        "[images]\n\"a:*\" = \"\"".to_owned(),
        "[images]\nghcr.io = \"linux\"".to_owned(),
        "[images]\n\"a:*\" = []".to_owned(),
        "[images]\n\"a:*\" = [1]".to_owned(),
        "[images]\n\"a:*\" = {}".to_owned(),
        "[images]\n\"a:*\" = { dockerfile = \" \" }".to_owned(),
        "[images]\n\"a:*\" = { dockerfile = \"a\", target = 1 }".to_owned(),
        "[images]\n\"a:*\" = { dockerfile = \"a\", args = {} }".to_owned(),
        "host = { name = \"a\", os = \"linux\" }".to_owned(),
        "[[host]]\nname = \"a\"".to_owned(),
        "[[host]]\nos = \"linux\"".to_owned(),
        "[[host]]\nname = \" \"\nos = \"linux\"".to_owned(),
        format!("{host}kind = \"Server\""),
        format!("{host}orchestrator = \"k8s\""),
        format!("{host}isolation = \"hyper-v\""),
        format!("{host}runtime = \"podman 5\""),
        format!("{host}hyperv = \"yes\""),
        format!("{host}labels = [\"a\"]"),
        format!("{host}labels = {{ a = true }}"),
        format!("{host}taints = [\"os=windows\"]"),
        format!("{host}taints = [\"os=windows:noschedule\"]"),
        format!("{host}platform = \"AKS\""),
        format!("{host}count = 0"),
        format!("{host}count = \"2\""),
        format!("{host}label = {{}}"),
        "[[release]]\nid = \"a\"".to_owned(),
        "[[release]]\nbuild = 1".to_owned(),
        "[[release]]\nid = \"a\"\nbuild = 99999".to_owned(),
        format!("{release}families = [\"server-core\"]"),
        format!("{release}image-support-end = \"2033\""),
        format!("{release}image-support-end = 2033-10-11T00:00:00Z"),
        format!("{release}kind = \"both\""),
    ];
    for text in table {
        assert!(read(&text).is_err(), "the reader takes\n{text}");
        assert!(validate(&validator, &text).is_err(), "the schema takes\n{text}");
    }
}

/// The keys of a table's schema; of an array of tables, those of its tables.
fn keys_of(schema: &Value) -> Vec<String> {
    let properties = schema.pointer("/properties").or_else(|| schema.pointer("/items/properties"));
    properties.and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

fn sections() -> Vec<(String, Value)> {
    let schema = schema();
    let sections = schema.pointer("/properties").and_then(Value::as_object).expect("sections");
    let mut all: Vec<_> = sections.iter().map(|(name, schema)| (name.clone(), schema.clone())).collect();
    // Tables under names of the user's own.
    let inner = sections.iter().flat_map(|(name, schema)| {
        let values = schema.get("additionalProperties").into_iter();
        let values = values
            .flat_map(|it| it.get("anyOf").and_then(Value::as_array).map_or(vec![it], |any| any.iter().collect()));
        let tables = values.filter(|it| it.get("properties").is_some());
        tables.map(move |table| (format!("{name}.\"registry.contoso.com:5000\""), table.clone()))
    });
    all.extend(inner);
    all
}

#[test]
fn the_keys_are_those_that_the_reader_looks_for() {
    let mut looked_for = BTreeSet::new();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/config");
    let is_reader = |path: &Path| path.is_file() && !path.ends_with("lock.rs");
    for entry in fs::read_dir(folder).expect("src/config").flatten().filter(|it| is_reader(&it.path())) {
        let code = fs::read_to_string(entry.path()).expect("a source");
        let arms = code.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" => "));
        looked_for.extend(arms.map(|(key, _)| key.to_owned()));
    }
    let sections = sections();
    let names = sections.iter().map(|(name, _)| name.clone()).filter(|name| !name.contains('.'));
    let mut keys: BTreeSet<_> = names.collect();
    keys.extend(sections.iter().flat_map(|(_, schema)| keys_of(schema)));
    assert_eq!(keys, looked_for);
}

/// Values of every type, and those that some key takes.
const VALUES: &[&str] = &[
    "0",
    "1",
    "-1",
    "0x10",
    "20348",
    "99999",
    "5_000_000_000",
    "1.5",
    "true",
    "2034-10-10",
    "2034-10-10T00:00:00Z",
    "\"\"",
    "\" \"",
    "\"x\"",
    "\"linux\"",
    "\"LINUX \"",
    "\"ltsc2022\"",
    "\"10.0.20348\"",
    "\"14393.1715.amd64fre.rs1_release_inmarket.170906-1810\"",
    "\"Windows Server 2022 Datacenter\"",
    "\"2034-10-10\"",
    "\"2034-13-10\"",
    "\"error\"",
    "\"never\"",
    "\"default\"",
    "\"server\"",
    "\"kubernetes\"",
    "\"docker\"",
    "\" DOCKER 29.6.2 (containerd) \"",
    "\"containerd://2.1.6\"",
    "\"dockerd 1\"",
    "[]",
    "[1]",
    "[\"x\"]",
    "[\"a[\"]",
    "[\"unknown-tag\"]",
    "[\"servercore\", \"nanoserver\", \"windows\", \"server\"]",
    "[\"os=windows:NoSchedule\", \"os:NoExecute\", \" a=:PreferNoSchedule \", \"a:b=c:NoExecute\"]",
    "[\"a b:NoSchedule\"]",
    "{}",
    "{ a = \"x\" }",
    "{ a = 1 }",
    "{ a = \"linux\" }",
    "[\"ltsc2019\", \"ltsc2022\", \"linux\"]",
    "{ dockerfile = \"a/Dockerfile\", target = \"final\", build-args = { V = \"1\" } }",
    "{ dockerfile = \"\" }",
    "\"aks\"",
    "{ unknown-tag = \"error\" }",
    "{ unknown-tag = \"never\" }",
];

/// A configuration in which this key of this section has this value.
fn with(section: &str, schema: &Value, key: &str, value: &str) -> String {
    let required = match section {
        "override" => vec![("paths", "[]")],
        "host" => vec![("name", "\"a\""), ("os", "\"linux\"")],
        "release" => vec![("id", "\"a\""), ("build", "1")],
        _ if section.starts_with("images.") => vec![("dockerfile", "\"Dockerfile\"")],
        _ => Vec::new(),
    };
    let head = if schema.get("items").is_some() { format!("[[{section}]]\n") } else { format!("[{section}]\n") };
    let others = required.iter().filter(|(other, _)| *other != key).map(|(key, value)| format!("{key} = {value}\n"));
    format!("{head}{key} = {value}\n{}", others.collect::<String>())
}

#[test]
fn nothing_is_refused_that_the_reader_takes() {
    let validator = validator();
    // What no schema can tell: a pattern that is none, a spelling of an OS version, the version of a runtime.
    let reader_alone = ["exclude", "paths", "os", "runtime", "images", "registry", "dockerfile"];
    let mut tried = 0;
    for (section, schema) in sections() {
        let mut keys = keys_of(&schema);
        if keys.is_empty() {
            // Keys of the user's own.
            keys.push("\"registry.contoso.com/web:*\"".to_owned());
            keys.push("\"registry.contoso.com\"".to_owned());
        }
        for key in keys {
            for value in VALUES {
                let text = with(&section, &schema, &key, value);
                let (reader, schema) = (read(&text), validate(&validator, &text));
                match (&reader, &schema) {
                    (Ok(()), Err(_)) => panic!("the schema refuses\n{text}\n{schema:?}"),
                    (Err(why), Ok(())) => {
                        let expected = reader_alone.contains(&key.as_str()) || reader_alone.contains(&section.as_str());
                        // To a validator, it is a text.
                        let is_date = why.ends_with("not a date");
                        assert!(expected || is_date, "the reader refuses\n{text}\n{why}");
                    }
                    _ => {}
                }
                tried += 1;
            }
        }
    }
    assert!(tried > 1000, "{tried}");
}
