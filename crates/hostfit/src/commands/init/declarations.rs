//! Files that declare the hosts already, for `fleet import`.

use std::{collections::BTreeMap, path::Path};

use crate::{
    commands::fleet::folder,
    files::Folder,
    fleet::{
        machine::{Machine, Os},
        read::Outputs,
    },
    report::human::number,
    settings,
};

/// More files of one folder are not named one by one.
const MOST: usize = 3;

/// What `fleet import` finds in some files.
pub(super) struct Declaration {
    /// The files, or their folder.
    paths: Vec<String>,
    /// How many pools have Windows.
    pools: usize,
    /// How many runners have it.
    runners: usize,
}

/// The files of the working folder that declare Windows hosts, by folder.
pub(super) fn of(folder: &Folder) -> Vec<Declaration> {
    let (found, _) = folder::declaring(&folder.path, |path| folder.show(path));
    let mut groups: BTreeMap<_, (Vec<_>, Outputs)> = BTreeMap::new();
    for file in found {
        let parent = file.path.parent().map(Path::to_path_buf).unwrap_or_default();
        let is_terraform = file.path.extension().is_some_and(|it| it == "tf");
        let (paths, outputs) = groups.entry(parent).or_default();
        let counts = is_terraform || file.outputs.may_declare_windows();
        if counts {
            paths.push(folder.show(&file.path));
            outputs.add(file.outputs);
        }
    }
    let declaration = |(parent, (paths, mut outputs)): (std::path::PathBuf, (Vec<String>, Outputs))| {
        outputs.finish(false);
        let is_windows = |it: &&Machine| matches!(it.os, Some(Os::Windows(_))) && it.declared.is_some();
        let (runners, pools): (Vec<_>, Vec<_>) =
            outputs.machines.iter().filter(is_windows).partition(|it| it.is_runner());
        let is_folder = parent != folder.path && (paths.len() > MOST || !runners.is_empty());
        let paths = if is_folder { vec![folder.show(&parent)] } else { paths };
        (!(runners.is_empty() && pools.is_empty())).then_some(Declaration {
            paths,
            pools: pools.len(),
            runners: runners.len(),
        })
    };
    groups.into_iter().filter_map(declaration).collect()
}

impl Declaration {
    /// `main.tf declares 2 Windows node pools: …`, with the command that imports them.
    pub(super) fn offer(&self) -> String {
        let pools = (self.pools > 0).then(|| number(self.pools, "Windows node pool"));
        let runners = (self.runners > 0).then(|| number(self.runners, "Windows runner"));
        let what: Vec<_> = pools.into_iter().chain(runners).collect();
        let verb = match (self.paths.len(), self.pools) {
            (1, 1..) => "declares",
            (1, 0) => "uses",
            (_, 1..) => "declare",
            _ => "use",
        };
        let command: Vec<_> = self.paths.iter().map(|path| quoted(path)).collect();
        format!(
            "{} {verb} {}: `hostfit fleet import {} --merge {}`",
            self.paths.join(", "),
            what.join(" and "),
            command.join(" "),
            settings::NAME
        )
    }
}

/// A path for a shell.
fn quoted(path: &str) -> String {
    if path.contains(char::is_whitespace) { format!("\"{path}\"") } else { path.to_owned() }
}
