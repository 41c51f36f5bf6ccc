//! The fleet for people, without colors.

use std::fmt::Write as _;

use hostfit_core::{printable::line, windows::Date};

use super::row::{FleetRow, HostRow, ProblemRow, RetirementRow, RuntimeRow};
use crate::{report::human::number, terminal};

/// The names of what is said stand in a column of their own.
const COLUMN: usize = 17;

/// All fleets, in lines of that many columns. `has_sources` adds where the support dates are from.
pub(super) fn text(fleets: &[FleetRow], has_sources: bool, width: usize) -> String {
    let mut page = Page { text: String::new(), width, has_sources };
    for fleet in fleets {
        if !page.text.is_empty() {
            page.text.push('\n');
        }
        of_fleet(fleet, fleets.len() > 1, &mut page);
    }
    if fleets.is_empty() {
        page.wrapped(
            "",
            "No host is declared, so no workload is checked against hosts. `hostfit fleet import` writes hosts from the \
             output of kubectl or docker; `hostfit init` suggests hosts to fill in.",
            0,
        );
    }
    page.text
}

struct Page {
    text: String,
    width: usize,
    has_sources: bool,
}

impl Page {
    /// Adds a paragraph behind `label`, of which later lines are indented.
    fn wrapped(&mut self, label: &str, of: &str, indent: usize) {
        let lines = terminal::wrapped(&line(of), self.width, label, &" ".repeat(indent));
        for line in lines.lines() {
            self.text += line.trim_end();
            self.text.push('\n');
        }
    }
}

fn of_fleet(fleet: &FleetRow, is_one_of_many: bool, page: &mut Page) {
    let machines: u64 = fleet.hosts.iter().map(|host| u64::from(host.count)).sum();
    let hosts = number(fleet.hosts.len(), "host");
    let machines = if machines == 1 { "1 machine".to_owned() } else { format!("{machines} machines") };
    let called = match fleet.name {
        Some(name) if name != fleet.path => format!("{name} ({})", fleet.path),
        _ => fleet.path.clone(),
    };
    page.wrapped("", &format!("{called}: {hosts}, {machines}"), 2);
    match fleet.paths {
        Some(paths) => page.wrapped("for ", &paths.join(", "), 4),
        None if is_one_of_many => page.wrapped("for ", "all files that are in no target", 4),
        None => {}
    }
    fleet.problems.iter().for_each(|it| problem(it, page));
    for host in &fleet.hosts {
        page.text.push('\n');
        of_host(host, page);
    }
}

fn of_host(host: &HostRow, page: &mut Page) {
    let place = format!("{}:{}", host.path, host.range.start.line);
    page.wrapped("", &format!("{}  ({place})", host.name), 2);
    let sources = if page.has_sources { host.support_sources.as_slice() } else { &[] };
    let mut say = |what: &str, of: &str| page.wrapped(&format!("  {what:0$}", COLUMN - 2), of, COLUMN);
    say("os", &os(host));
    if let Some(support) = support(host) {
        say("support", &support);
    }
    sources.iter().enumerate().for_each(|(number, of)| say(if number == 0 { "sources" } else { "" }, of));
    host.kind.iter().for_each(|kind| say("kind", kind));
    say("orchestrator", host.orchestrator.unwrap_or("any: it stands for all of them"));
    match &host.runtime {
        Some(runtime) => say("runtime", &self::runtime(runtime)),
        None => say("runtime", "not declared"),
    }
    host.isolation
        .iter()
        .for_each(|isolation| say("isolation", &format!("{isolation}, where nothing else is asked for")));
    if host.kind.is_some() {
        say("hyperv", host.hyperv.map_or("not declared", |it| if it { "yes" } else { "no" }));
    }
    host.platform.iter().for_each(|platform| say("platform", &self::platform(platform, host)));
    say("machines", &host.count.to_string());
    labels(host, &mut say);
    host.taints.iter().enumerate().for_each(|(number, taint)| say(if number == 0 { "taints" } else { "" }, taint));
    host.problems.iter().for_each(|it| problem(it, page));
}

fn os(host: &HostRow) -> String {
    match (host.title, &host.version) {
        (Some(title), Some(version)) => format!("{title} ({version})"),
        (None, Some(version)) => format!("Windows {version}, of no known release"),
        (_, None) => "Linux".to_owned(),
    }
}

fn support(host: &HostRow) -> Option<String> {
    let until = |end: Date| if end < host.today { format!("ended {end}") } else { format!("until {end}") };
    let (mainstream, end) = host.ends;
    let end = format!("{}, {}", until(end?), left(end?, host.today));
    Some(
        mainstream
            .map_or_else(|| end.clone(), |mainstream| format!("{end} (mainstream support {})", until(mainstream))),
    )
}

/// The platform with what it has announced of the host's release.
fn platform(platform: &str, host: &HostRow) -> String {
    let Some(RetirementRow { of, .. }) = &host.retirement else { return platform.to_owned() };
    let verb = |day: Date, past: &'static str, future: &'static str| if day < host.today { past } else { future };
    let end = verb(of.end, "retired", "retires");
    let mut said = format!("{platform}: {end} this release on {}, {}", of.end, left(of.end, host.today));
    if let Some(version) = of.not_offered_from {
        let _ = write!(said, "; not offered with Kubernetes {version} and later");
    }
    if let Some(day) = of.images_deleted {
        let deleted = verb(day, "deleted", "deletes");
        let _ = write!(said, "; {deleted} its node images on {day}, {}", left(day, host.today));
    }
    said
}

/// `773 days left`, `272 days ago`, `today`.
fn left(end: Date, today: Date) -> String {
    match end.day_number() - today.day_number() {
        0 => "today".to_owned(),
        1 => "1 day left".to_owned(),
        left @ 2.. => format!("{left} days left"),
        -1 => "1 day ago".to_owned(),
        past => format!("{} days ago", -past),
    }
}

fn runtime(runtime: &RuntimeRow) -> String {
    let RuntimeRow { engine, version, pulls, .. } = runtime;
    let (engine, store) = engine.split_once(' ').unwrap_or((engine, ""));
    let mut described = engine.to_owned();
    for part in [version.as_deref().unwrap_or_default(), store].into_iter().filter(|part| !part.is_empty()) {
        let _ = write!(described, " {part}");
    }
    match pulls {
        Some(pulls) => format!("{described}: {pulls}"),
        None => described,
    }
}

fn labels(host: &HostRow, say: &mut impl FnMut(&str, &str)) {
    let declared = host.labels.iter().map(|(key, value)| format!("{key}={value}"));
    let by_itself = host.kubernetes_labels.iter().map(|(key, value)| match value {
        Some(value) => format!("{key}={value} (by Kubernetes)"),
        None => format!("{key}, of each machine its own (by Kubernetes)"),
    });
    let engine = host.engine_labels.iter().map(|(key, value)| format!("{key}={value}"));
    let of_node = declared.chain(by_itself).enumerate();
    of_node.for_each(|(number, label)| say(if number == 0 { "labels" } else { "" }, &label));
    engine.enumerate().for_each(|(number, label)| say(if number == 0 { "engine-labels" } else { "" }, &label));
}

fn problem(problem: &ProblemRow, page: &mut Page) {
    let start = &problem.range.start;
    let text = format!("{}:{}:{}: {}", problem.path, start.line, start.column, problem.message);
    page.wrapped(&format!("  {:1$}", problem.severity, COLUMN - 2), &text, COLUMN);
    let notes = problem.notes.iter().map(|note| ("note", note));
    for (word, line) in notes.chain(problem.help.as_ref().map(|help| ("help", help))) {
        page.wrapped(&" ".repeat(COLUMN), &format!("{word}: {line}"), COLUMN);
    }
}
