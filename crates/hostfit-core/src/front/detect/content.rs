//! What a file's content says about its kind.

use memchr::memmem;

use super::{Kind, names};
use crate::syntax::yaml::{Node, Tree};

/// Keys at the top of a Compose file.
const COMPOSE_KEYS: &[&str] =
    &["version", "name", "services", "networks", "volumes", "secrets", "configs", "include", "models"];

/// Keys at the top of a kubeconfig.
const KUBECONFIG_KEYS: [&str; 4] = ["clusters", "contexts", "current-context", "users"];

/// Keys of a service that say what it runs and how it is deployed.
const SERVICE_MARKS: &[&str] = &["image", "build", "deploy", "extends", "container_name", "isolation", "depends_on"];

/// Keys of a service, of all schema generations.
const SERVICE_KEYS: &[&str] = &[
    "annotations",
    "attach",
    "blkio_config",
    "build",
    "cap_add",
    "cap_drop",
    "cgroup",
    "cgroup_parent",
    "command",
    "configs",
    "container_name",
    "cpu_count",
    "cpu_percent",
    "cpu_quota",
    "cpu_shares",
    "cpus",
    "cpuset",
    "credential_spec",
    "depends_on",
    "deploy",
    "develop",
    "devices",
    "dns",
    "dns_opt",
    "dns_search",
    "dockerfile",
    "domainname",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "extends",
    "external_links",
    "extra_hosts",
    "group_add",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "ipc",
    "isolation",
    "labels",
    "links",
    "log_driver",
    "log_opt",
    "logging",
    "mac_address",
    "mem_limit",
    "mem_reservation",
    "mem_swappiness",
    "memswap_limit",
    "net",
    "network_mode",
    "networks",
    "oom_kill_disable",
    "oom_score_adj",
    "pid",
    "pids_limit",
    "platform",
    "ports",
    "privileged",
    "profiles",
    "provider",
    "pull_policy",
    "read_only",
    "restart",
    "runtime",
    "scale",
    "secrets",
    "security_opt",
    "shm_size",
    "stdin_open",
    "stop_grace_period",
    "stop_signal",
    "storage_opt",
    "sysctls",
    "tmpfs",
    "tty",
    "ulimits",
    "user",
    "userns_mode",
    "uts",
    "volume_driver",
    "volumes",
    "volumes_from",
    "working_dir",
];

/// Whether the text may hold YAML or JSON of kind `kind`: cheap, and right in doubt. It is asked before anything is
/// parsed, and of text that can't be parsed.
pub(in crate::front) fn looks_like(kind: Kind, text: &str) -> bool {
    let holds = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    match kind {
        Kind::Kubernetes => holds("apiVersion") && holds("kind"),
        Kind::Compose => holds("services") || holds("image:") || holds("build:"),
        _ => false,
    }
}

/// Whether the text of a Kubernetes manifest that can't be parsed, or of a template of one, shows what it is.
pub(in crate::front) fn reads_like_kubernetes(text: &str) -> bool {
    let begins = |key: &str| {
        let is_key = |line: &str| {
            let line = line.trim_start().trim_start_matches(['-', ' ', '"']);
            line.strip_prefix(key).is_some_and(|rest| rest.trim_start_matches('"').starts_with(':'))
        };
        text.lines().any(is_key)
    };
    // JSON may stand on one line.
    let holds = |word: &str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let is_json = || text.trim_start().starts_with('{') && holds("\"apiVersion\"") && holds("\"kind\"");
    begins("apiVersion") && begins("kind") || is_json()
}

/// Whether a document is the configuration of kubectl, which reads like an object of a cluster and is sent to none.
pub(in crate::front) fn is_kubeconfig(tree: &Tree) -> bool {
    let is_config = |root: Node<'_>| {
        root.get("kind").and_then(Node::text) == Some("Config")
            && KUBECONFIG_KEYS.iter().any(|key| root.get(key).is_some())
    };
    tree.documents().any(is_config)
}

/// The same of a text that cannot be parsed.
pub(in crate::front) fn reads_like_kubeconfig(text: &str) -> bool {
    let is_key =
        |line: &str| KUBECONFIG_KEYS.iter().any(|key| line.strip_prefix(key).is_some_and(|it| it.starts_with(':')));
    text.lines().any(|line| line.trim_end() == "kind: Config") && text.lines().any(is_key)
}

/// The same of any of our kinds.
pub(in crate::front) fn reads_like_ours(text: &str) -> bool {
    let is_service_key = |line: &str| {
        let line = line.trim_start();
        line.starts_with("image:") || line.starts_with("build:")
    };
    let is_compose = || text.lines().any(|line| line.starts_with("services:")) && text.lines().any(is_service_key);
    let is_json = || text.trim_start().starts_with('{') && looks_like(Kind::Kubernetes, text);
    reads_like_kubernetes(text) || is_compose() || is_json()
}

/// Whether a document of the file is a Kubernetes object.
pub(in crate::front) fn is_kubernetes(tree: &Tree) -> bool {
    let is_text = |node: Option<Node<'_>>| node.is_some_and(|node| node.text().is_some_and(|text| !text.is_empty()));
    tree.documents().any(|root| is_text(root.get("apiVersion")) && is_text(root.get("kind")))
}

/// Whether the file can be nothing but a Compose file: a `services` mapping of what can only be services, or, in the
/// first generation of the schema, services at the top.
pub(in crate::front) fn is_compose(path: &str, tree: &Tree) -> bool {
    if names::is_never_compose(path) {
        return false;
    }
    let Some(root) = tree.documents().next() else { return false };
    match root.get("services") {
        Some(services) => {
            let known = |key: &str| COMPOSE_KEYS.contains(&key) || key.starts_with("x-");
            keys(root).all(known) && services.is_mapping() && {
                let marked =
                    services.entries().any(|(_, service)| keys(service).any(|key| SERVICE_MARKS.contains(&key)));
                let all_services = are_services(services);
                services.entries().next().is_some() && (all_services || marked && runs_something(services))
            }
        }
        None => root.is_mapping() && are_services(root) && runs_something(root),
    }
}

fn keys(node: Node<'_>) -> impl Iterator<Item = &str> {
    node.entries().filter_map(|(key, _)| key.text())
}

/// Whether every entry is a mapping of keys that services have.
fn are_services(mapping: Node<'_>) -> bool {
    let is_service = |service: Node<'_>| {
        service.entries().next().is_some()
            && keys(service).all(|key| SERVICE_KEYS.contains(&key) || key.starts_with("x-"))
    };
    mapping.entries().all(|(key, service)| key.text().is_some_and(|key| key.starts_with("x-")) || is_service(service))
}

/// Whether one of the services names an image, or how it is built.
fn runs_something(services: Node<'_>) -> bool {
    services.entries().any(|(_, service)| {
        let image = service.get("image").is_some_and(|image| image.text().is_some());
        image || service.get("build").is_some_and(|build| build.is_mapping() || build.text().is_some())
    })
}
