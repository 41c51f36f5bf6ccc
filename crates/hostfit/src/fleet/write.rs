//! Pools as TOML that people like to read: keys in the order of the manual, short tables on one line.

use std::{collections::BTreeMap, fmt::Write as _};

use hostfit_core::{
    config::write::{key as toml_key, quoted},
    fleet::{Orchestrator, Taint},
    windows::Isolation,
};

use super::{
    pool::{HostOs, Pool},
    provider::Provider,
    read::Kind,
};

/// The keys of a host, in the order in which they are written.
pub(crate) const ORDER: [&str; 11] = [
    "name",
    "os",
    "kind",
    "orchestrator",
    "runtime",
    "isolation",
    "hyperv",
    "labels",
    "engine-labels",
    "taints",
    "count",
];

/// Longer lines are parted.
const WIDTH: usize = 110;

/// Why a host stands in comments.
const UNKNOWN_VERSION: &str = "\
# Its Windows version is not in the input. Import the output of `docker info --format json` on it too, or fill in `os` and
# uncomment these lines.
";

/// A whole file.
pub(crate) fn file(pools: &[Pool], kinds: &[Kind]) -> String {
    let mut text = header(pools, kinds);
    for pool in pools {
        text.push('\n');
        if pool.os.is_some() {
            text.push_str(&host(pool));
        } else {
            text.push_str(UNKNOWN_VERSION);
            for line in host(pool).lines() {
                let _ = writeln!(text, "# {line}");
            }
        }
    }
    text
}

/// Where it came from. No date: the same outputs make the same file.
fn header(pools: &[Pool], kinds: &[Kind]) -> String {
    let machines = pools.iter().flat_map(|pool| &pool.machines);
    let mut providers: Vec<_> = machines.clone().filter_map(Provider::of).collect();
    providers.sort_unstable();
    providers.dedup();
    let mut of: Vec<_> = providers.iter().map(|it| it.name()).collect();
    if pools.iter().any(|pool| pool.orchestrator == Orchestrator::Swarm) {
        of.push("Docker Swarm");
    }
    let count = machines.count();
    let what = if pools.iter().all(|pool| pool.orchestrator == Orchestrator::Docker) { "engine" } else { "node" };
    let plural = if count == 1 { "" } else { "s" };
    let of = if of.is_empty() { String::new() } else { format!(" of {}", of.join(" and ")) };
    let commands: Vec<_> = kinds.iter().map(|kind| format!("`{}`", kind.command())).collect();
    let first_line = format!("# {count} {what}{plural}{of}, from what {} printed.", commands.join(" and "));
    format!("{first_line}\n# `hostfit fleet import --merge` brings this up to date, and keeps what you add.\n")
}

/// One host. A version that nobody told is left for somebody to fill in.
pub(crate) fn host(pool: &Pool) -> String {
    let mut text = "[[host]]\n".to_owned();
    for (key, value) in values(pool) {
        text.push_str(&lines(key, &value));
        if key == "os" && pool.by_label {
            text.truncate(text.trim_end().len());
            text.push_str("   # as a label of the node says\n");
        }
    }
    text
}

/// One host as the element of an array.
pub(crate) fn inline(pool: &Pool) -> String {
    let values = values(pool).into_iter().map(|(key, value)| format!("{key} = {}", value.inline()));
    format!("{{ {} }}", values.collect::<Vec<_>>().join(", "))
}

/// A value of a key.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// Text.
    Text(String),
    /// Some texts.
    Texts(Vec<String>),
    /// Texts by key.
    Pairs(BTreeMap<String, String>),
    /// A number.
    Number(usize),
}

impl Value {
    /// On one line.
    pub(crate) fn inline(&self) -> String {
        match self {
            Self::Text(text) => quoted(text),
            Self::Texts(texts) => {
                format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(", "))
            }
            Self::Pairs(pairs) if pairs.is_empty() => "{}".to_owned(),
            Self::Pairs(pairs) => {
                let pairs = pairs.iter().map(|(key, value)| format!("{} = {}", toml_key(key), quoted(value)));
                format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
            }
            Self::Number(number) => number.to_string(),
        }
    }
}

/// The lines of one key.
pub(crate) fn lines(key: &str, value: &Value) -> String {
    let line = format!("{key} = {}\n", value.inline());
    match value {
        Value::Pairs(pairs) if line.chars().count() > WIDTH => {
            let pair = |(name, value): (&String, &String)| format!("{key}.{} = {}\n", toml_key(name), quoted(value));
            pairs.iter().map(pair).collect()
        }
        _ => line,
    }
}

/// What is known of a pool, in the order of [`ORDER`].
fn values(pool: &Pool) -> Vec<(&'static str, Value)> {
    let mut values = vec![("name", Value::Text(pool.name.clone()))];
    values.push(("os", Value::Text(pool.os.map_or_else(|| "10.0.".to_owned(), os))));
    let is_linux = pool.os == Some(HostOs::Linux);
    values.extend(pool.kind.filter(|_| !is_linux).map(|it| ("kind", Value::Text(it.name().to_owned()))));
    values.push(("orchestrator", Value::Text(pool.orchestrator.name().to_owned())));
    values.extend(pool.runtime.as_ref().map(|it| ("runtime", Value::Text(it.to_string()))));
    values.extend(pool.isolation.map(|it| ("isolation", Value::Text(isolation(it).to_owned()))));
    let pairs = |pairs: &Option<BTreeMap<_, _>>| pairs.clone().filter(|it| !it.is_empty()).map(Value::Pairs);
    values.extend(pairs(&pool.labels).map(|it| ("labels", it)));
    values.extend(pairs(&pool.engine_labels).map(|it| ("engine-labels", it)));
    let taints = pool.taints.as_deref().unwrap_or_default();
    values.extend((!taints.is_empty()).then(|| ("taints", self::taints(taints))));
    values.extend((pool.count() > 1).then(|| ("count", Value::Number(pool.count()))));
    values
}

/// `linux`, or the version.
pub(crate) fn os(os: HostOs) -> String {
    match os {
        HostOs::Linux => "linux".to_owned(),
        HostOs::Windows(version) => version.to_string(),
    }
}

/// The word for it.
pub(crate) fn isolation(isolation: Isolation) -> &'static str {
    match isolation {
        Isolation::Process => "process",
        Isolation::Hyperv => "hyperv",
        Isolation::Default => "default",
    }
}

/// As `kubectl taint` writes them.
pub(crate) fn taints(taints: &[Taint]) -> Value {
    Value::Texts(taints.iter().map(ToString::to_string).collect())
}
