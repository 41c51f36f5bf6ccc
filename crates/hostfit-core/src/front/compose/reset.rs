//! `!reset` and `!override`, which take from an earlier description what stands there under the same keys: compose-go,
//! `loader/reset.go`.

use memchr::memmem;

use super::{Build, Service};
use crate::syntax::yaml::Node;

/// The value is left out, and what stood there before too.
pub(super) const RESET: &str = "!reset";

/// The value takes the place of what stood there before.
const OVERRIDE: &str = "!override";

/// Whether the text may hold one of the tags.
pub(super) fn is_in(text: &str) -> bool {
    [RESET, OVERRIDE].iter().any(|tag| memmem::find(text.as_bytes(), tag.as_bytes()).is_some())
}

/// Whether an entry is not left out.
pub(super) fn stays((_, value): &(Node, Node)) -> bool {
    value.tag() != Some(RESET)
}

/// As many keys lead to what is looked at: `deploy.placement.constraints`.
const MAX_KEYS: usize = 3;

/// The keys that lead from a service to each of the tags; none to itself.
pub(super) fn paths(service: Node) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    find(service, &mut Vec::new(), &mut found);
    found
}

fn find(node: Node, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
    if matches!(node.tag(), Some(RESET | OVERRIDE)) {
        found.push(path.clone());
    } else if path.len() < MAX_KEYS {
        for (key, value) in node.entries() {
            let Some(key) = key.text() else { continue };
            path.push(key.to_owned());
            find(value, path, found);
            path.pop();
        }
    }
}

impl Service {
    /// Takes out what stands under these keys.
    pub(super) fn reset(&mut self, path: &[String]) {
        let path: Vec<&str> = path.iter().map(String::as_str).collect();
        match path.as_slice() {
            ["image"] => self.image = None,
            ["build"] => self.build = None,
            ["build", below @ ..] => {
                if let Some(build) = &mut self.build {
                    build.reset(below);
                }
            }
            ["platform"] => self.platform = None,
            ["isolation"] => self.isolation = None,
            ["scale"] => self.scale = None,
            ["extends"] => self.extends = None,
            ["network_mode"] => self.network_mode = None,
            ["profiles"] => self.has_profiles = false,
            ["entrypoint"] => self.entrypoint = None,
            ["command"] => self.command = None,
            ["depends_on"] => self.depends_on.clear(),
            ["depends_on", name] => self.depends_on.retain(|it| it.value != *name),
            ["volumes"] => {
                self.volumes.clear();
                self.paths.clear();
            }
            ["working_dir" | "tmpfs" | "configs" | "secrets"] => self.paths.clear(),
            ["deploy"] => {
                self.mode = None;
                self.replicas = None;
                self.reset_placement();
            }
            ["deploy", "mode"] => self.mode = None,
            ["deploy", "replicas"] => self.replicas = None,
            ["deploy", "placement"] => self.reset_placement(),
            ["deploy", "placement", "constraints"] => self.reset_constraints(),
            _ => {}
        }
        // What they start is one list.
        if matches!(path.as_slice(), ["entrypoint" | "command"]) {
            self.starts.clear();
        }
    }

    fn reset_placement(&mut self) {
        self.placement = None;
        self.reset_constraints();
    }

    fn reset_constraints(&mut self) {
        self.constraints.clear();
        self.constraints_key = None;
        // What is written there has no effect any more.
        self.places.clear();
    }
}

impl Build {
    fn reset(&mut self, path: &[&str]) {
        match path {
            ["context"] => self.context = None,
            ["dockerfile"] => self.dockerfile = None,
            ["dockerfile_inline"] => self.inline = None,
            ["target"] => self.target = None,
            ["isolation"] => self.isolation = None,
            ["platforms"] => self.platforms.clear(),
            ["tags"] => self.tags.clear(),
            ["args"] => self.args.clear(),
            // Entries of a list have no keys.
            ["args", name] => self.args.retain(|arg| arg.value.is_none() || arg.name.value != *name),
            _ => {}
        }
    }
}
