//! Pools as TOML that people like to read: keys in the order of the manual, short tables on one line.

use std::{collections::BTreeMap, fmt::Write as _};

use hostfit_core::{
    config::write::{key as toml_key, quoted},
    fleet::{Orchestrator, Taint},
    phrase,
    windows::{Isolation, platform::Platform},
};

use super::{
    pool::{HostOs, Pool},
    read::Kind,
};
use crate::report::human::number;

/// The keys of a host, in the order in which they are written.
pub(crate) const ORDER: [&str; 12] = [
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
    "platform",
    "count",
];

/// Longer lines are parted.
const WIDTH: usize = 110;

/// Why a host stands in comments.
const UNKNOWN_VERSION: &str = "\
# Its Windows version is not in the input. Import the output of `docker info --format json` on it too, or fill in `os` and
# uncomment these lines.
";

/// The same of one that is declared.
const OPEN: &str = "# Complete `os` and uncomment this host.\n";

/// A whole file.
pub(crate) fn file(pools: &[Pool], kinds: &[Kind]) -> String {
    let mut text = header(pools, kinds);
    for pool in pools {
        text.push('\n');
        text.push_str(&entry(pool));
    }
    text
}

/// One host, in comments where its version is not known.
pub(crate) fn entry(pool: &Pool) -> String {
    if pool.os.is_some() {
        return host(pool);
    }
    let lead = if pool.is_declared() { OPEN } else { UNKNOWN_VERSION };
    let lines = host(pool);
    let lines =
        lines.lines().map(|line| if line.starts_with('#') { format!("{line}\n") } else { format!("# {line}\n") });
    lead.to_owned() + &lines.collect::<String>()
}

/// The line by which a host in comments is found again.
pub(crate) fn commented_name(name: &str) -> String {
    format!("# name = {}", quoted(name))
}

/// Where it came from. No date: the same outputs make the same file.
fn header(pools: &[Pool], kinds: &[Kind]) -> String {
    let mut platforms: Vec<_> = pools.iter().filter_map(|it| it.platform).map(Platform::title).collect();
    platforms.sort_unstable();
    platforms.dedup();
    if pools.iter().any(|pool| pool.orchestrator == Orchestrator::Swarm) {
        platforms.push("Docker Swarm");
    }
    let running: usize = pools.iter().filter(|it| !it.is_declared()).map(|it| it.machines.len()).sum();
    let declared = pools.iter().filter(|it| it.is_declared()).count();
    let engines = pools.iter().all(|pool| pool.orchestrator == Orchestrator::Docker);
    let counted = [(running, if engines { "engine" } else { "node" }), (declared, "pool")];
    let counted = counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, noun)| number(count, noun));
    let of = if platforms.is_empty() { String::new() } else { format!(" of {}", phrase::and(&platforms)) };
    let (commands, files): (Vec<&Kind>, Vec<&Kind>) = kinds.iter().partition(|kind| kind.is_command());
    let commands: Vec<_> = commands.iter().map(|kind| format!("`{}`", kind.name())).collect();
    let commands = (!commands.is_empty()).then(|| format!("what {} printed", phrase::and(&commands)));
    let sources: Vec<_> = commands.into_iter().chain(files.iter().map(|kind| kind.name().to_owned())).collect();
    format!(
        "# {}{of}, from {}.\n# `hostfit fleet import --merge` brings this up to date, and keeps what you add.\n",
        phrase::and(&counted.collect::<Vec<_>>()),
        phrase::and(&sources)
    )
}

/// One host. A version that nobody told is left for somebody to fill in.
pub(crate) fn host(pool: &Pool) -> String {
    let open = |wanted: &str| pool.open().find(|it| it.key == wanted).map(|it| comment(&it.why));
    let mut text = "[[host]]\n".to_owned();
    for (key, value) in values(pool) {
        text.push_str(&lines(key, &value));
        if let Some(why) = (key == "os").then(|| beside_os(pool).or_else(|| open("os"))).flatten() {
            text.truncate(text.trim_end().len());
            let _ = writeln!(text, "   # {why}");
        }
    }
    for it in pool.open().filter(|it| it.key != "os") {
        let empty = match it.key {
            "labels" => "{}",
            "taints" => "[]",
            "count" => "1",
            _ => "\"\"",
        };
        let is_written = text.lines().any(|line| line.starts_with(it.key));
        let empty = if is_written { ": ".to_owned() } else { format!(" = {empty}   # ") };
        let _ = writeln!(text, "# {}{empty}{}", it.key, comment(&it.why));
    }
    text
}

/// What a comment beside `os` says.
fn beside_os(pool: &Pool) -> Option<String> {
    if pool.by_label {
        return Some("as a label of the node says".to_owned());
    }
    pool.revisions().or_else(|| pool.note().map(comment))
}

/// Text from outside as part of one line.
fn comment(text: &str) -> String {
    hostfit_core::printable::line(text).into_owned()
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
    values.push((
        "os",
        Value::Text(pool.os.map_or_else(|| if pool.is_declared() { "" } else { "10.0." }.to_owned(), os)),
    ));
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
    values.extend(pool.platform.map(|it| ("platform", Value::Text(it.id().to_owned()))));
    values.extend(pool.count.filter(|count| *count > 1).map(|count| ("count", Value::Number(count))));
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
