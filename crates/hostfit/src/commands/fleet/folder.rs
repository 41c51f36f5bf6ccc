//! The files of a folder that declare machines. Of everything else in it nothing is said.

use std::{
    ffi::OsStr,
    io::Read,
    path::{Path, PathBuf},
};

use hostfit_core::source::{self, MAX_BYTES};

use crate::{
    fleet::read::{self, Outputs},
    tree, walk,
};

/// What a file that declares machines holds somewhere.
const MARKS: [&str; 16] = [
    "azurerm_kubernetes_cluster",
    "aws_eks_node_group",
    "aws_ecs_task_definition",
    "google_container_",
    "node_groups",
    "node_pools",
    "eksctl.io/",
    "karpenter.",
    "AzureMachine",
    "AzureManagedMachinePool",
    "operatingSystemFamily",
    "agentPoolProfiles",
    "nodegroupName",
    "osType",
    "imageType",
    "vmImage:",
];

/// What only completes others.
const LOCALS: &str = "locals {";

/// A file that declares machines.
pub(crate) struct Declaring {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it holds.
    pub(crate) outputs: Outputs,
}

/// The files below an absolute path, sorted, each called by `show` in what is said of it. What Git ignores is left out, and
/// what cannot be read as what it seems to be is noted.
pub(crate) fn declaring(folder: &Path, show: impl Fn(&Path) -> String) -> (Vec<Declaring>, Vec<String>) {
    let (mut found, mut notes) = (Vec::new(), Vec::new());
    for path in candidates(folder) {
        let Some(text) = text(&path) else { continue };
        let has = |mark: &&str| text.contains(*mark);
        let is_terraform = path.extension().is_some_and(|it| it == "tf");
        if !(MARKS.iter().any(has) || is_terraform && has(&LOCALS) || is_pipeline(&path)) {
            continue;
        }
        let name = show(&path);
        match read::read(&text, &name) {
            Ok(outputs) => found.push(Declaring { path, outputs }),
            // Templates and broken files of others are many; what only looks like ours is left out.
            Err(why) if why.starts_with("is not valid") && declares(&text) => notes.push(format!("{name} {why}")),
            Err(_) => {}
        }
    }
    (found, notes)
}

/// Whether objects of a kind that declares machines are in a text that is not a template.
fn declares(text: &str) -> bool {
    let mut kinds = text.lines().filter_map(|line| line.strip_prefix("kind:")).map(str::trim);
    kinds.any(read::is_declaring) && !text.contains("{{")
}

/// Whether GitHub or GitLab looks for a pipeline there. What Azure runs may have any name.
fn is_pipeline(path: &Path) -> bool {
    let parent = path.parent().and_then(Path::file_name);
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    parent.is_some_and(|name| name == "workflows" || name == ".gitlab") || name.contains("gitlab-ci")
}

/// By path.
fn candidates(folder: &Path) -> Vec<PathBuf> {
    // Copies of others, whose machines are not these.
    let is_private = |path: &Path| [".terraform", "node_modules", "vendor"].iter().any(|name| path.ends_with(name));
    let is_known = |path: &Path| {
        let end = path.extension().and_then(OsStr::to_str).map(str::to_ascii_lowercase);
        end.is_some_and(|end| ["tf", "yaml", "yml", "json"].contains(&end.as_str()))
    };
    walk::files(folder, |path| !is_private(path), is_known)
}

/// The text of a file, unless it is long: such files are not written by hand.
fn text(path: &Path) -> Option<String> {
    let mut bytes = Vec::new();
    let file = tree::open_plain(path).ok()?;
    let length = file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes).ok()?;
    if length > MAX_BYTES { None } else { source::plain_text(bytes) }
}
