//! What the targets start from: files of the repository.

use std::{fs, path::Path};

use hostfit_core::baseline::Baseline;

use crate::{common, files::joined, server, trees};

fn is_named(path: &str, ends: &[&str]) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ends.iter().any(|end| name.ends_with(end))
}

/// The files of all fixtures of which `wanted` holds, each text once.
fn all(wanted: impl Fn(&str, &[u8]) -> bool) -> Vec<Vec<u8>> {
    let files = trees::fixtures().into_iter().flat_map(|(_, files)| files);
    let mut texts: Vec<_> = files.filter(|(path, bytes)| wanted(path, bytes)).map(|(_, bytes)| bytes).collect();
    texts.sort();
    texts.dedup();
    assert!(!texts.is_empty(), "no fixture is like that");
    texts
}

fn holds(bytes: &[u8], part: &str) -> bool {
    bytes.windows(part.len()).any(|it| it == part.as_bytes())
}

pub(crate) fn dockerfiles() -> Vec<Vec<u8>> {
    all(|path, _| path.to_ascii_lowercase().contains("dockerfile"))
}

pub(crate) fn manifests() -> Vec<Vec<u8>> {
    all(|path, bytes| is_named(path, &[".yaml", ".yml", ".json"]) && holds(bytes, "kind:"))
}

pub(crate) fn compose_files() -> Vec<Vec<u8>> {
    all(|path, bytes| is_named(path, &[".yaml", ".yml"]) && holds(bytes, "services:"))
}

pub(crate) fn bake_files() -> Vec<Vec<u8>> {
    all(|path, _| is_named(path, &[".hcl", "bake.json"]))
}

pub(crate) fn daemon_files() -> Vec<Vec<u8>> {
    all(|path, _| is_named(path, &["daemon.json"]))
}

pub(crate) fn env_files() -> Vec<Vec<u8>> {
    all(|path, _| is_named(path, &[".env"]))
}

pub(crate) fn configs() -> Vec<Vec<u8>> {
    let mut texts = all(|path, _| is_named(path, &["hostfit.toml", "hostfit.lock", "prod.toml"]));
    texts.push(trees::TRIAL.as_bytes().to_vec());
    texts.push(
        b"version = 1\n\n[[image]]\nimage = \"docker.io/library/golang:1.25\"\ndigest = \"sha256:\
          0000000000000000000000000000000000000000000000000000000000000000\"\nmedia-type = \
          \"application/vnd.oci.image.index.v1+json\"\ndate = 2026-11-21\nplatforms = [\n    { os = \"windows\", \
          architecture = \"amd64\", os-version = \"10.0.20348.1\" },\n]\n"
            .to_vec(),
    );
    texts
}

/// Whole trees.
pub(crate) fn trees() -> Vec<Vec<u8>> {
    trees::fixtures().iter().map(|(_, files)| joined(files)).collect()
}

/// Charts and kustomizations, with all that they use.
pub(crate) fn charts() -> Vec<Vec<u8>> {
    let folders = ["chart", "charts", "overlays"];
    folders.iter().map(|folder| joined(&common::files(&common::fixtures(folder)))).collect()
}

pub(crate) fn baselines() -> Vec<Vec<u8>> {
    let run = common::run(common::files(&common::fixtures("demo")));
    vec![Baseline::of(&run.findings).to_json().expect("JSON").into_bytes()]
}

/// Every image of the fixtures, a line each.
pub(crate) fn references() -> Vec<Vec<u8>> {
    let texts = all(|path, _| is_named(path, &[".yaml", ".yml"]));
    let texts = texts.iter().map(|text| String::from_utf8_lossy(text).into_owned());
    let images = texts.flat_map(|text| {
        let images = text
            .lines()
            .filter_map(|line| line.split_once("image:"))
            .map(|(_, image)| image.trim().as_bytes().to_vec());
        images.collect::<Vec<_>>()
    });
    let mut images: Vec<_> = images.collect();
    images.sort();
    images.dedup();
    images
}

pub(crate) fn incidents() -> Vec<Vec<u8>> {
    let mut texts = vec![];
    for folder in ["diagnose/seeds", "diagnose/threads"] {
        texts.extend(common::files(&common::fixtures(folder)).into_iter().map(|(_, bytes)| bytes));
    }
    let parts = read("diagnose/texts.txt");
    texts.extend(parts.split("\n=== ").filter_map(|part| Some(part.split_once("\n---\n")?.1.as_bytes().to_vec())));
    texts
}

pub(crate) fn outputs() -> Vec<Vec<u8>> {
    let files = common::files(&common::fixtures("fleet"));
    files.into_iter().filter(|(path, _)| !is_named(path, &[".md"])).map(|(_, bytes)| bytes).collect()
}

pub(crate) fn registry_answers() -> Vec<Vec<u8>> {
    let digest = format!("sha256:{}", "0".repeat(64));
    let index = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\",\"manifests\":[{{\"mediaType\":\
         \"application/vnd.oci.image.manifest.v1+json\",\"digest\":\"{digest}\",\"size\":1,\"platform\":{{\"os\":\"windows\",\
         \"architecture\":\"amd64\",\"os.version\":\"10.0.20348.1\"}}}}]}}"
    );
    let manifest = format!(
        "{{\"schemaVersion\":2,\"mediaType\":\"application/vnd.docker.distribution.manifest.v2+json\",\"config\":{{\
         \"mediaType\":\"application/vnd.docker.container.image.v1+json\",\"digest\":\"{digest}\",\"size\":1}},\"layers\":[]}}"
    );
    let config = "{\"os\":\"windows\",\"architecture\":\"amd64\",\"os.version\":\"10.0.20348.1\"}".to_owned();
    let challenge = "Bearer realm=\"https://auth.docker.io/token\",service=\"registry.docker.io\",scope=\"repository:a:pull\", Basic realm=x\n";
    [index, manifest, config, challenge.to_owned()].into_iter().map(String::into_bytes).collect()
}

/// What an editor says, a message on each line.
pub(crate) fn sessions() -> Vec<Vec<u8>> {
    let text = "FROM mcr.microsoft.com/windows/servercore:1803\\nFROM mcr.microsoft.com/windows/nanoserver\\n";
    let position = "\"position\":{\"line\":0,\"character\":12}";
    let range = "\"range\":{\"start\":{\"line\":0,\"character\":0},\"end\":{\"line\":1,\"character\":9}}";
    let document = "\"textDocument\":{\"uri\":\"file:///w/Dockerfile\"}";
    let mut session = vec![
        "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"initialize\",\"params\":{\"processId\":null,\"rootUri\":\"file:///w\",\"capabilities\":{}}}".to_owned(),
        "{\"jsonrpc\":\"2.0\",\"method\":\"initialized\",\"params\":{}}".to_owned(),
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didOpen\",\"params\":{{\"textDocument\":{{\"uri\":\"file:///w/Dockerfile\",\"languageId\":\"dockerfile\",\"version\":1,\"text\":\"{text}\"}}}}}}"),
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"textDocument/didChange\",\"params\":{{\"textDocument\":{{\"uri\":\"file:///w/Dockerfile\",\"version\":2}},\"contentChanges\":[{{{range},\"text\":\"FROM é\"}}]}}}}"),
    ];
    for (id, (method, more)) in (2..).zip([
        ("hover", position),
        ("completion", position),
        ("definition", position),
        ("diagnostic", "\"x\":0"),
        ("codeLens", "\"x\":0"),
        ("codeAction", &format!("{range},\"context\":{{\"diagnostics\":[]}}")),
    ]) {
        session.push(format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"textDocument/{method}\",\"params\":{{{document},{more}}}}}"
        ));
    }
    session.push("{\"jsonrpc\":\"2.0\",\"id\":99,\"method\":\"shutdown\"}".to_owned());
    session.push("{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}".to_owned());
    let lines = session.join("\n");
    let framed = server::frames(lines.as_bytes());
    vec![lines.into_bytes(), framed]
}

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(&common::fixtures(path))).expect("a fixture")
}
