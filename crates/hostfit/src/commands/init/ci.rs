//! What runs hostfit before commits and in CI. The names in it are those of this repository's own files: `action.yml`,
//! `.pre-commit-hooks.yaml`, `packaging/templates/hostfit.yml`, `packaging/integrations/azure/hostfit.yml`.

use super::NewFile;
use crate::args::{Ci, Init};

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const TAG: &str = concat!("v", env!("CARGO_PKG_VERSION"));

const PAGE: &str = concat!(env!("CARGO_PKG_REPOSITORY"), "/blob/main/docs/ci.md");

/// What the command line asks for, each once.
pub(super) fn files(args: &Init) -> Vec<NewFile> {
    let mut files = Vec::new();
    if args.pre_commit {
        files.push(pre_commit());
    }
    for (ci, file) in [(Ci::Github, github as fn() -> NewFile), (Ci::Gitlab, gitlab), (Ci::Azure, azure)] {
        if args.ci.contains(&ci) {
            files.push(file());
        }
    }
    files
}

fn pre_commit() -> NewFile {
    let entry = format!(
        "  - repo: {REPOSITORY}\n    rev: {TAG}\n    hooks:\n      - id: hostfit # built on its first run, which needs \
         Rust: https://rustup.rs\n"
    );
    NewFile {
        path: ".pre-commit-config.yaml",
        also: &[],
        text: format!("repos:\n{entry}"),
        addition: Some((" under `repos`", entry)),
    }
}

fn github() -> NewFile {
    let text = format!(
        "# Settings: {PAGE}
name: hostfit

on:
  push:
    branches: [main, master]
  pull_request:

permissions:
  contents: read

jobs:
  hostfit:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v7
        with:
          persist-credentials: false
      - uses: {}@{TAG}
",
        REPOSITORY.trim_start_matches("https://github.com/")
    );
    let also = &[".github/workflows/hostfit.yaml"];
    NewFile { path: ".github/workflows/hostfit.yml", also, addition: Some(("", text.clone())), text }
}

fn gitlab() -> NewFile {
    let raw = REPOSITORY.replace("github.com", "raw.githubusercontent.com");
    let text = format!("# Settings: {PAGE}\ninclude:\n  - remote: {raw}/{TAG}/packaging/templates/hostfit.yml\n");
    NewFile { path: ".gitlab-ci.yml", also: &[], addition: Some(("", text.clone())), text }
}

fn azure() -> NewFile {
    let text = format!(
        "# Settings: {PAGE}
resources:
  repositories:
    - repository: hostfit
      type: github
      name: {}
      ref: refs/tags/{TAG}
      endpoint: github # the name of your service connection to GitHub

pool:
  vmImage: ubuntu-latest

steps:
  - template: packaging/integrations/azure/hostfit.yml@hostfit
",
        REPOSITORY.trim_start_matches("https://github.com/")
    );
    NewFile {
        path: "azure-pipelines.yml",
        also: &["azure-pipelines.yaml", ".azure-pipelines.yml", ".azure-pipelines.yaml"],
        addition: Some(("", text.clone())),
        text,
    }
}
