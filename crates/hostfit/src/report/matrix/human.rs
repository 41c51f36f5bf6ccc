//! For a terminal: words in columns, which need no colour. Hosts that do not fit beside each other go below.

use std::{
    collections::HashMap,
    io::{self, Write},
    ops::Range,
};

use anstyle::{AnsiColor, Effects};
use hostfit_core::{
    fleet::{Host, HostOs, Orchestrator},
    matrix::{Row, State},
    printable,
    windows::{compat::Verdict, release::Releases},
};
use textwrap::core::display_width;

use super::{Page, Shown, UNDEPLOYED};
use crate::{
    report::{human::number, json},
    terminal::{Style, padded, wrapped},
};

/// Names of workloads get this many columns before hosts are numbered.
const LEAST_LABEL: usize = 30;
/// Between columns.
const GAP: usize = 2;
/// Before what belongs to a file.
const INDENT: usize = 2;

/// One workload, ready to be shown.
struct Line {
    path: String,
    label: String,
    is_deployed: bool,
    /// For each kind of hosts.
    verdicts: Vec<Shown>,
    /// For each reason the kinds of hosts that share it; empty unless output is verbose.
    reasons: Vec<Reason>,
}

struct Reason {
    verdict: Shown,
    why: String,
    rule: Option<&'static str>,
    kinds: Vec<usize>,
}

/// The hosts by kind: places in the fleet, in its order.
struct Kinds(Vec<Vec<usize>>);

impl Kinds {
    fn of(page: &Page) -> Self {
        let kinds = page.matrix.kinds();
        let mut hosts = vec![Vec::new(); kinds.iter().max().map_or(0, |last| last + 1)];
        for (host, kind) in kinds.iter().enumerate() {
            hosts.get_mut(*kind).into_iter().for_each(|it| it.push(host));
        }
        Self(hosts)
    }

    /// The hosts of several kinds, in the order of the fleet.
    fn hosts(&self, kinds: &[usize]) -> Vec<usize> {
        let mut hosts: Vec<_> = kinds.iter().filter_map(|kind| self.0.get(*kind)).flatten().copied().collect();
        hosts.sort_unstable();
        hosts
    }

    /// How many of the hosts of these lines show that.
    fn count(&self, shown: Shown, lines: &[Line]) -> usize {
        let of = |line: &Line| -> usize {
            let kinds = line.verdicts.iter().zip(&self.0).filter(|(it, _)| **it == shown);
            kinds.map(|(_, hosts)| hosts.len()).sum()
        };
        lines.iter().map(of).sum()
    }
}

/// Hosts that stand in one column.
struct Heading {
    title: String,
    /// Their places in the fleet; in one column all cells are the same.
    hosts: Vec<usize>,
    /// The kind of the first.
    kind: usize,
    width: usize,
}

/// Writes the table and its key, and returns the summary.
pub(crate) fn write(page: &Page, style: Style, verbose: bool, out: &mut dyn Write) -> io::Result<String> {
    let names: Vec<_> = page.matrix.columns().iter().map(|column| printable::line(&column.name).into_owned()).collect();
    let lines = lines(page, verbose);
    let kinds = Kinds::of(page);
    let table = Table { lines: &lines, names: &names, kinds: &kinds, style };
    let (headings, are_numbered) = table.headings(page.matrix.kinds());
    let blocks = if are_numbered { table.blocks(&headings) } else { std::iter::once(0..headings.len()).collect() };
    for block in blocks {
        let shown = headings.get(block).unwrap_or_default();
        if are_numbered {
            legend(shown, &names, page, style, out)?;
        }
        table.write(shown, out)?;
    }
    if verbose && !are_numbered {
        legend(&headings, &names, page, style, out)?;
    }
    key(&lines, style, verbose, out)?;
    Ok(summary(&lines, &kinds, names.len()))
}

fn lines(page: &Page, verbose: bool) -> Vec<Line> {
    let line = |row: &Row| {
        let cells = page.matrix.cells_of_kinds(row);
        let mut reasons: Vec<Reason> = Vec::new();
        for (kind, cell) in cells.iter().enumerate().filter(|_| verbose) {
            let (shown, why, rule) = (Shown::of(cell, row), cell.why(page.releases), cell.rule());
            match reasons.iter_mut().find(|it| (it.verdict, &it.why, it.rule) == (shown, &why, rule)) {
                Some(reason) => reason.kinds.push(kind),
                None => reasons.push(Reason { verdict: shown, why, rule, kinds: vec![kind] }),
            }
        }
        let namespace = row.namespace.map_or_else(String::new, |namespace| format!(" in {namespace}"));
        let values =
            row.rendered.first().and_then(|it| it.distinction()).map_or_else(String::new, |it| format!(" {it}"));
        Line {
            path: printable::line(json::path(row.span, page.sources)).into_owned(),
            label: printable::line(&format!("{}{namespace}{values}", row.short_name())).into_owned(),
            is_deployed: row.state != State::Undeployed,
            verdicts: cells.iter().map(|cell| Shown::of(cell, row)).collect(),
            reasons,
        }
    };
    let mut lines: Vec<_> = page.matrix.rows().iter().map(line).collect();
    worst_first(&mut lines);
    lines
}

/// Sorts files by their worst line, and the lines of a file. What nothing deploys comes last.
fn worst_first(lines: &mut [Line]) {
    let own = |line: &Line| (!line.is_deployed, Shown::worst(line.verdicts.iter().copied()));
    let mut of_files: HashMap<(bool, String), usize> = HashMap::new();
    for line in lines.iter() {
        let (is_last, rank) = own(line);
        let worst = of_files.entry((is_last, line.path.clone())).or_insert(rank);
        *worst = rank.min(*worst);
    }
    lines.sort_by_cached_key(|line| {
        let (is_last, rank) = own(line);
        let file = (is_last, line.path.clone());
        (is_last, of_files.get(&file).copied(), file.1, rank)
    });
}

struct Table<'a> {
    lines: &'a [Line],
    /// Those of the hosts.
    names: &'a [String],
    kinds: &'a Kinds,
    style: Style,
}

impl Table<'_> {
    /// One for each host under its name, where they fit beside each other; else one for all hosts of which every cell is
    /// the same, under a number. Says whether they are numbered.
    fn headings(&self, kinds: &[usize]) -> (Vec<Heading>, bool) {
        let word = self.lines.iter().flat_map(|line| &line.verdicts).map(|it| word(*it).len()).max().unwrap_or(0);
        let single = self.names.iter().zip(kinds).enumerate().map(|(host, (name, kind))| Heading {
            title: name.clone(),
            hosts: vec![host],
            kind: *kind,
            width: display_width(name).max(word) + GAP,
        });
        let single: Vec<_> = single.collect();
        let longest = self.lines.iter().map(|line| display_width(&line.label)).max().unwrap_or(0);
        if columns(&single) + INDENT + longest.min(LEAST_LABEL) <= self.style.width {
            return (single, false);
        }
        let mut groups: Vec<Vec<usize>> = Vec::new();
        let mut known: HashMap<Vec<Shown>, usize> = HashMap::new();
        for kind in 0..self.kinds.0.len() {
            let column = self.lines.iter().filter_map(|line| line.verdicts.get(kind).copied()).collect();
            let group = *known.entry(column).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups.get_mut(group).into_iter().for_each(|it| it.push(kind));
        }
        let digits = groups.len().to_string().len();
        let numbered = groups.into_iter().zip(1..).map(|(kinds, number): (Vec<usize>, usize)| Heading {
            title: number.to_string(),
            hosts: self.kinds.hosts(&kinds),
            kind: kinds.first().copied().unwrap_or(0),
            width: word.max(digits) + GAP,
        });
        (numbered.collect(), true)
    }

    /// As many headings at a time as fit beside each other, at least one.
    fn blocks(&self, headings: &[Heading]) -> Vec<Range<usize>> {
        let room = self.style.width.saturating_sub(INDENT + LEAST_LABEL);
        let mut blocks = Vec::new();
        let (mut start, mut used) = (0, 0);
        for (number, heading) in headings.iter().enumerate() {
            if number > start && used + heading.width > room {
                blocks.push(start..number);
                (start, used) = (number, 0);
            }
            used += heading.width;
        }
        blocks.push(start..headings.len());
        blocks
    }

    fn write(&self, shown: &[Heading], out: &mut dyn Write) -> io::Result<()> {
        let longest = self.lines.iter().map(|line| display_width(&line.label)).max().unwrap_or(0);
        let label = longest.min(self.style.width.saturating_sub(INDENT + columns(shown)));
        let mut head = " ".repeat(INDENT + label);
        for heading in shown {
            head += &" ".repeat(GAP);
            head += &padded(&heading.title, heading.width - GAP);
        }
        writeln!(out, "{}", self.paint(head.trim_end(), anstyle::Style::new().bold()))?;
        let mut path = None;
        let (deployed, others): (Vec<_>, Vec<_>) = self.lines.iter().partition(|line| line.is_deployed);
        for (number, line) in deployed.iter().chain(&others).enumerate() {
            if number == deployed.len() {
                let title = format!("{UNDEPLOYED}:");
                writeln!(out, "{}", self.paint(&shortened(&title, self.style.width), anstyle::Style::new().bold()))?;
                path = None;
            }
            if path != Some(&line.path) {
                writeln!(out, "{}", shortened(&line.path, self.style.width))?;
                path = Some(&line.path);
            }
            self.row(line, label, shown, out)?;
        }
        writeln!(out)
    }

    fn row(&self, line: &Line, label: usize, shown: &[Heading], out: &mut dyn Write) -> io::Result<()> {
        write!(out, "{}{}", " ".repeat(INDENT), padded(&shortened(&line.label, label), label))?;
        let verdicts = shown.iter().filter_map(|it| Some((it, *line.verdicts.get(it.kind)?)));
        let verdicts: Vec<_> = verdicts.collect();
        for (number, (heading, verdict)) in verdicts.iter().enumerate() {
            let blanks = if number + 1 == verdicts.len() { 0 } else { heading.width - GAP - word(*verdict).len() };
            let word = self.paint(word(*verdict), color(*verdict));
            write!(out, "{}{word}{}", " ".repeat(GAP), " ".repeat(blanks))?;
        }
        writeln!(out)?;
        for reason in &line.reasons {
            self.reason(reason, out)?;
        }
        Ok(())
    }

    fn reason(&self, reason: &Reason, out: &mut dyn Write) -> io::Result<()> {
        let hosts = self.kinds.hosts(&reason.kinds);
        let names: Vec<_> = hosts.iter().filter_map(|host| self.names.get(*host)).map(String::as_str).collect();
        let hosts = match names.as_slice() {
            [first, rest @ ..] if rest.len() > 5 => format!("{first} and {} more", rest.len()),
            names => names.join(", "),
        };
        let rule = reason.rule.map_or_else(String::new, |rule| format!(" [{rule}]"));
        let text = format!("{hosts}: {}: {}{rule}", reason.verdict.words(), reason.why);
        for line in wrapped(&printable::line(&text), self.style.width, "      ", "        ").lines() {
            writeln!(out, "{}", self.paint(line, anstyle::Style::new().dimmed()))?;
        }
        Ok(())
    }

    fn paint(&self, text: &str, style: anstyle::Style) -> String {
        if self.style.color { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}

fn columns(headings: &[Heading]) -> usize {
    headings.iter().map(|heading| heading.width).sum()
}

/// Which hosts stand under which heading.
fn legend(shown: &[Heading], names: &[String], page: &Page, style: Style, out: &mut dyn Write) -> io::Result<()> {
    let width = shown.iter().map(|heading| display_width(&heading.title)).max().unwrap_or(0);
    for heading in shown {
        let hosts: Vec<_> = heading.hosts.iter().filter_map(|host| names.get(*host)).map(String::as_str).collect();
        let first = heading.hosts.first().and_then(|host| page.matrix.columns().get(*host));
        let what = match (hosts.as_slice(), first) {
            ([name], Some(column)) => {
                let about = about(column.host, page.releases);
                if *name == heading.title { about } else { format!("{name}: {about}") }
            }
            _ => hosts.join(", "),
        };
        let first = format!("{}  ", padded(&heading.title, width));
        for line in wrapped(&printable::line(&what), style.width, &first, &" ".repeat(width + 2)).lines() {
            writeln!(out, "{line}")?;
        }
    }
    if !shown.is_empty() {
        writeln!(out)?;
    }
    Ok(())
}

/// `Windows Server 2022 (10.0.20348.2700), Kubernetes, 12 machines`.
fn about(host: &Host, releases: &Releases) -> String {
    let os = match host.os {
        HostOs::Linux => "Linux".to_owned(),
        HostOs::Windows(version) => releases.describe_host(version, host.kind),
    };
    let orchestrator = host.orchestrator.map(orchestrator);
    let count = (host.count != 1).then(|| number(host.count as usize, "machine"));
    let parts = [Some(os), orchestrator.map(str::to_owned), count];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// The orchestrator's own name.
pub(super) fn orchestrator(orchestrator: Orchestrator) -> &'static str {
    match orchestrator {
        Orchestrator::Kubernetes => "Kubernetes",
        Orchestrator::Swarm => "Swarm",
        Orchestrator::Docker => "Docker",
    }
}

/// Explains the words that were used, one a line.
fn key(lines: &[Line], style: Style, verbose: bool, out: &mut dyn Write) -> io::Result<()> {
    let used = |shown: &Shown| lines.iter().any(|line| line.verdicts.contains(shown));
    let meaning = |shown| match shown {
        Shown::Verdict(Verdict::Blocked) => Some("may be placed there and does not run"),
        Shown::Pending => Some("no host satisfies its placement"),
        Shown::Verdict(Verdict::Risk) => Some("may fail there"),
        Shown::Verdict(Verdict::Unknown) => Some("unknown: the image's Windows version or the placement is not known"),
        Shown::Verdict(Verdict::Preview) => Some("runs, for preview or development only"),
        Shown::Verdict(Verdict::Runs) => None,
        Shown::Excluded if used(&Shown::Inapplicable) => Some("never placed there, or not applicable"),
        Shown::Excluded => Some("never placed there"),
        Shown::Inapplicable if used(&Shown::Excluded) => None,
        Shown::Inapplicable => Some("not applicable"),
    };
    let used: Vec<_> = Shown::ALL.into_iter().filter(used).filter_map(|it| Some((word(it), meaning(it)?))).collect();
    let width = used.iter().map(|(word, _)| word.len()).max().unwrap_or(0);
    for (word, meaning) in &used {
        let first = format!("{}  ", padded(word, width));
        writeln!(out, "{}", wrapped(meaning, style.width, &first, &" ".repeat(width + GAP)))?;
    }
    if !used.is_empty() && !verbose {
        writeln!(out, "Use -v to show the reason for each cell")?;
    }
    Ok(())
}

/// `8 workloads on 6 hosts: 3 cannot run, 12 run, 33 never placed there`.
fn summary(lines: &[Line], kinds: &Kinds, hosts: usize) -> String {
    let counts = Shown::ALL.into_iter().filter_map(|shown| {
        let count = kinds.count(shown, lines);
        let word = match shown {
            Shown::Verdict(Verdict::Blocked) => "cannot run",
            Shown::Verdict(Verdict::Runs) if count != 1 => "run",
            Shown::Excluded => "never placed there",
            Shown::Inapplicable => "not applicable",
            other => other.words(),
        };
        (count > 0).then(|| format!("{count} {word}"))
    });
    let counts: Vec<_> = counts.collect();
    let counts = if counts.is_empty() { String::new() } else { format!(": {}", counts.join(", ")) };
    format!("{} on {}{counts}", number(lines.len(), "workload"), number(hosts, "host"))
}

fn word(shown: Shown) -> &'static str {
    match shown {
        Shown::Verdict(Verdict::Runs) => "runs",
        Shown::Verdict(Verdict::Preview) => "preview",
        Shown::Verdict(Verdict::Risk) => "risk",
        Shown::Verdict(Verdict::Blocked) => "CANNOT",
        Shown::Pending => "PENDING",
        Shown::Excluded | Shown::Inapplicable => "-",
        Shown::Verdict(Verdict::Unknown) => "?",
    }
}

fn color(shown: Shown) -> anstyle::Style {
    match shown {
        Shown::Verdict(Verdict::Runs) => AnsiColor::Green.on_default(),
        Shown::Verdict(Verdict::Preview) => AnsiColor::Cyan.on_default(),
        Shown::Verdict(Verdict::Risk) => AnsiColor::Yellow.on_default(),
        Shown::Verdict(Verdict::Blocked) | Shown::Pending => AnsiColor::Red.on_default().effects(Effects::BOLD),
        Shown::Excluded | Shown::Inapplicable => anstyle::Style::new().dimmed(),
        Shown::Verdict(Verdict::Unknown) => AnsiColor::Magenta.on_default(),
    }
}

/// The text, or as much of its start and its end as fits: names differ at both.
fn shortened(text: &str, width: usize) -> String {
    if display_width(text) <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let tail = taken(text.chars().rev(), room / 2);
    let head = taken(text.chars(), room - display_width(&tail));
    format!("{head}…{}", tail.chars().rev().collect::<String>())
}

fn taken(chars: impl Iterator<Item = char>, width: usize) -> String {
    let mut taken = String::new();
    for char in chars {
        taken.push(char);
        if display_width(&taken) > width {
            taken.pop();
            break;
        }
    }
    taken
}
