//! What each fuzz target does with its bytes, and the inputs that it starts from.
//!
//! A target panics where hostfit is wrong. Two programs run them: `cargo xtask fuzz`, on stable Rust, changes the inputs at
//! [random](mutate); `cargo fuzz`, whose layout `fuzz/` has, follows the coverage.

// A target fails by panicking.
#![allow(clippy::panic, clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice)]

#[path = "../../hostfit-core/tests/common/mod.rs"]
#[allow(dead_code, reason = "the tests of the core show more")]
mod common;
mod files;
mod fleet;
mod inputs;
pub mod mutate;
mod server;
mod small;
#[path = "../../hostfit-core/tests/common/trees.rs"]
#[allow(dead_code, reason = "the tests of the core ask for more")]
mod trees;

/// One way to give bytes to hostfit.
#[derive(Clone, Copy, Debug)]
pub struct Target {
    /// As the command line names it.
    pub name: &'static str,
    /// Does it; panics where something is wrong.
    pub run: fn(&[u8]),
    /// What to start from: files of the repository.
    pub inputs: fn() -> Vec<Vec<u8>>,
}

/// All of them.
pub const TARGETS: [Target; 17] = [
    Target { name: "dockerfile", run: files::dockerfile, inputs: inputs::dockerfiles },
    Target { name: "kubernetes", run: files::kubernetes, inputs: inputs::manifests },
    Target { name: "compose", run: files::compose, inputs: inputs::compose_files },
    Target { name: "bake", run: files::bake, inputs: inputs::bake_files },
    Target { name: "daemon", run: files::daemon, inputs: inputs::daemon_files },
    Target { name: "env", run: files::env, inputs: inputs::env_files },
    Target { name: "tree", run: files::tree, inputs: inputs::trees },
    Target { name: "chart", run: files::tree, inputs: inputs::charts },
    Target { name: "report", run: files::report, inputs: inputs::trees },
    Target { name: "fix", run: files::fix, inputs: inputs::trees },
    Target { name: "config", run: small::config, inputs: inputs::configs },
    Target { name: "baseline", run: small::baseline, inputs: inputs::baselines },
    Target { name: "reference", run: small::reference, inputs: inputs::references },
    Target { name: "diagnose", run: small::diagnose, inputs: inputs::incidents },
    Target { name: "registry", run: small::registry, inputs: inputs::registry_answers },
    Target { name: "fleet", run: fleet::import, inputs: inputs::outputs },
    Target { name: "server", run: server::serve, inputs: inputs::sessions },
];

/// The target of that name.
pub fn target(name: &str) -> Option<&'static Target> {
    TARGETS.iter().find(|target| target.name == name)
}

/// Gives bytes to the target of that name.
///
/// # Panics
/// When something is wrong, or there is no such target.
pub fn run(name: &str, bytes: &[u8]) {
    let target = target(name).unwrap_or_else(|| panic!("there is no fuzz target `{name}`"));
    (target.run)(bytes);
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    /// `cargo fuzz` finds its targets as files.
    #[test]
    fn every_target_has_its_file() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
        let files = fs::read_dir(folder.join("fuzz_targets")).unwrap();
        let files: BTreeSet<_> =
            files.map(|it| it.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect();
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        for name in TARGETS.iter().map(|target| target.name) {
            let text = fs::read_to_string(folder.join(format!("fuzz_targets/{name}.rs"))).unwrap();
            assert!(text.contains(&format!("run(\"{name}\", data)")), "{name}: {text}");
            assert!(manifest.contains(&format!("name = \"{name}\"\npath = \"fuzz_targets/{name}.rs\"")), "{name}");
        }
        assert_eq!(files.len(), TARGETS.len(), "{files:?}");
    }

    /// Else a target reads nothing but rubbish.
    #[test]
    fn every_target_takes_its_inputs() {
        for target in TARGETS {
            let inputs = (target.inputs)();
            let longest = inputs.iter().max_by_key(|it| it.len()).unwrap();
            assert!(longest.len() > 20, "{}", target.name);
            (target.run)(longest);
        }
    }
}
