//! What the page is made of: every text and every source line once, cells as runs of equal ones. The page's script reads it
//! under these names.

use std::{collections::HashMap, hash::Hash};

use hostfit_core::{
    finding::Finding,
    fleet::{Host, HostOs},
    judge::Outcome,
    knowledge::{self, Provenance},
    matrix::{Cell, Column, Lands, Placed, Row},
    model::ImageId,
    printable::line,
    rules,
    source::Span,
    windows::{Isolation, Os, compat::HostFacts},
};
use serde::Serialize;

use super::{Page, Shown, UNDEPLOYED, excerpt::Excerpt, human::orchestrator};
use crate::report::{VERSION, json, place, word};

#[derive(Serialize)]
pub(super) struct Data {
    version: &'static str,
    verdicts: Vec<VerdictName>,
    hosts: Vec<HostData>,
    /// Worst first, those that nothing deploys last.
    rows: Vec<RowData>,
    /// The heading above these.
    undeployed: &'static str,
    texts: Vec<String>,
    excerpts: Vec<Excerpt>,
    landings: Vec<LandingData>,
    findings: Vec<FindingData>,
    rules: Vec<RuleData>,
    /// For each host a number, as runs: number, count, number, count …
    patterns: Vec<Vec<u32>>,
}

#[derive(Serialize)]
struct VerdictName {
    id: &'static str,
    words: &'static str,
}

#[derive(Serialize)]
struct HostData {
    name: String,
    /// `ltsc2022`, `linux`.
    short: String,
    os: String,
    orchestrator: Option<&'static str>,
    count: u32,
    facts: Vec<(&'static str, String)>,
    at: Option<u32>,
}

#[derive(Serialize)]
struct RowData {
    name: String,
    short: String,
    state: &'static str,
    path: u32,
    line: u32,
    namespace: Option<u32>,
    image: Option<u32>,
    at: Option<u32>,
    image_at: Option<u32>,
    /// What is known of the release, and where it comes from.
    release: u32,
    release_at: Option<u32>,
    /// Patterns: of verdicts; of texts, plus one, of what comes of it there; of rules, plus one; of places in `landings`.
    verdicts: u32,
    outcomes: u32,
    rules: u32,
    lands: u32,
    landings: Vec<u32>,
    /// Numbers of findings, each with the pattern of the hosts on which it is about this, where that is 1.
    findings: Vec<(u32, u32)>,
}

#[derive(Clone, PartialEq, Eq, Hash, Serialize)]
struct LandingData {
    why: u32,
    /// Whether the cell's reason is this one, not what would come of it there.
    decides: bool,
    at: Option<u32>,
}

#[derive(Serialize)]
struct FindingData {
    rule: u32,
    severity: &'static str,
    headline: String,
    label: String,
    /// Notes and help, each with the word before it.
    lines: Vec<(&'static str, String)>,
    at: Option<u32>,
}

#[derive(Serialize)]
struct RuleData {
    id: &'static str,
    summary: &'static str,
    url: String,
}

/// Values that are written once, by the number that they get.
struct Once<T> {
    numbers: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T: Hash + Eq + Clone> Once<T> {
    fn new() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new() }
    }

    fn number(&mut self, value: T) -> u32 {
        if let Some(number) = self.numbers.get(&value) {
            return *number;
        }
        let number = to_u32(self.values.len());
        self.values.push(value.clone());
        self.numbers.insert(value, number);
        number
    }
}

fn to_u32(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

impl Data {
    pub(super) fn new(page: &Page) -> Self {
        let mut maker = Maker {
            page,
            texts: Once::new(),
            excerpts: Once::new(),
            landings: Once::new(),
            patterns: Once::new(),
            of_kinds: HashMap::new(),
            rules: Once::new(),
            findings: HashMap::new(),
            found: Vec::new(),
            outcomes: HashMap::new(),
            landed: HashMap::new(),
        };
        let hosts = page.matrix.columns().iter().map(|column| maker.host(column)).collect();
        let (deployed, others) = page.sections();
        let rows = [deployed, others].into_iter().flat_map(|section| {
            let mut rows: Vec<_> = section.into_iter().map(|row| maker.row(row)).collect();
            rows.sort_by_key(|(worst, _)| *worst);
            rows.into_iter().map(|(_, row)| row)
        });
        let rows = rows.collect();
        let names = |shown: Shown| VerdictName { id: shown.id(), words: shown.words() };
        let rule = |id: &'static str| RuleData {
            id,
            summary: rules::find(id).map_or("", |rule| rule.summary),
            url: hostfit_core::rule::url(id),
        };
        Self {
            version: VERSION,
            verdicts: Shown::ALL.into_iter().map(names).collect(),
            hosts,
            rows,
            undeployed: UNDEPLOYED,
            texts: maker.texts.values,
            excerpts: maker.excerpts.values,
            landings: maker.landings.values,
            findings: maker.found,
            rules: maker.rules.values.into_iter().map(rule).collect(),
            patterns: maker.patterns.values,
        }
    }
}

struct Maker<'m> {
    page: &'m Page<'m>,
    texts: Once<String>,
    excerpts: Once<Excerpt>,
    landings: Once<LandingData>,
    patterns: Once<Vec<u32>>,
    /// Their numbers, by what they say of each kind of hosts.
    of_kinds: HashMap<Vec<u32>, u32>,
    rules: Once<&'static str>,
    /// By where they are in memory: there is one of each.
    findings: HashMap<*const Finding, u32>,
    found: Vec<FindingData>,
    /// The texts of outcomes, which many cells share.
    outcomes: HashMap<(Outcome, Option<HostFacts>), u32>,
    landed: HashMap<Placed, u32>,
}

impl Maker<'_> {
    fn text(&mut self, text: &str) -> u32 {
        self.texts.number(line(text).into_owned())
    }

    fn excerpt(&mut self, span: Span) -> Option<u32> {
        Some(self.excerpts.number(Excerpt::of(span, self.page.sources)?))
    }

    fn host(&mut self, column: &Column) -> HostData {
        let host = column.host;
        let (short, os) = match host.os {
            HostOs::Linux => ("linux".to_owned(), "Linux".to_owned()),
            HostOs::Windows(version) => {
                let release = self.page.releases.by_host(version.build, host.kind);
                let release = release.or_else(|| self.page.releases.by_build(version.build));
                let short = release.map_or_else(|| version.build.to_string(), |release| release.id.to_string());
                (short, self.page.releases.describe_host(version, host.kind))
            }
        };
        HostData {
            name: line(&column.name).into_owned(),
            short,
            os,
            orchestrator: host.orchestrator.map(orchestrator),
            count: host.count,
            facts: self.facts(host).into_iter().map(|(key, value)| (key, line(&value).into_owned())).collect(),
            at: self.excerpt(host.os_span),
        }
    }

    fn facts(&self, host: &Host) -> Vec<(&'static str, String)> {
        let mut facts = Vec::new();
        if host.windows().is_some() {
            facts.push(("Kind", host.kind.name().to_owned()));
        }
        if let Some(runtime) = &host.runtime {
            facts.push(("Runtime", self.page.sources.slice(runtime.span).trim_matches(['"', '\'']).to_owned()));
        }
        match host.isolation {
            Isolation::Default => {}
            Isolation::Process => facts.push(("Isolation", "process".to_owned())),
            Isolation::Hyperv => facts.push(("Isolation", "hyperv".to_owned())),
        }
        if let Some(hyperv) = host.hyperv {
            facts.push(("Hyper-V role", if hyperv { "yes" } else { "no" }.to_owned()));
        }
        let pairs = |labels: &[(String, String)]| {
            labels.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
        };
        let taints: Vec<_> = host.taints.iter().map(ToString::to_string).collect();
        for (key, value) in [
            ("Labels", pairs(&host.labels)),
            ("Engine labels", pairs(&host.engine_labels)),
            ("Taints", taints.join(", ")),
        ] {
            if !value.is_empty() {
                facts.push((key, value));
            }
        }
        facts
    }

    /// The data of a row, and the rank of its worst cell.
    fn row(&mut self, row: &Row<'_>) -> (usize, RowData) {
        let page = self.page;
        let cells = page.matrix.cells_of_kinds(row);
        let (release, release_at) = self.release(row.image);
        let image = row.image.and_then(|image| page.project.image(image));
        let image_at = image.map(|image| image.text.span).filter(|span| *span != row.span);
        let mut own: Once<u32> = Once::new();
        let lands: Vec<_> = cells.iter().map(|cell| own.number(self.landing(&cell.placed))).collect();
        let outcomes: Vec<_> = cells.iter().map(|cell| self.outcome(cell)).collect();
        let rules: Vec<_> =
            cells.iter().map(|cell| cell.rule().map_or(0, |rule| self.rules.number(rule) + 1)).collect();
        let shown: Vec<_> = cells.iter().map(|cell| Shown::of(cell, row)).collect();
        let verdicts = shown.iter().map(|shown| to_u32(shown.rank())).collect();
        let data = RowData {
            name: line(&row.workload).into_owned(),
            short: line(&row.short_name()).into_owned(),
            state: row.state.id(),
            path: self.text(json::path(row.span, page.sources)),
            line: json::range(row.span, page.sources).start.line,
            namespace: row.namespace.map(|namespace| self.text(namespace)),
            image: row.image.and_then(|image| page.project.reference(image)).map(|image| self.text(image)),
            at: self.excerpt(row.span),
            image_at: image_at.and_then(|span| self.excerpt(span)),
            release,
            release_at,
            verdicts: self.pattern(verdicts),
            outcomes: self.pattern(outcomes),
            rules: self.pattern(rules),
            lands: self.pattern(lands),
            landings: own.values,
            findings: self.findings(&cells),
        };
        (Shown::worst(shown), data)
    }

    /// What is known of an image's release, and the bytes that decide it, where these are not the reference itself.
    fn release(&mut self, image: Option<ImageId>) -> (u32, Option<u32>) {
        let page = self.page;
        let Some(image) = image else { return (self.text("the files do not give the image"), None) };
        let known = knowledge::of_image(page.project, image);
        let what = match (known.version, known.os) {
            (Some(version), _) => page.releases.describe(version),
            (None, Some(Os::Linux)) => "Linux".to_owned(),
            (None, Some(Os::Windows)) => "Windows, version unknown".to_owned(),
            (None, None) => "unknown".to_owned(),
        };
        let source = known.provenance.words(&|span| place(span, page.sources));
        let own = page.project.image(image).map(|image| image.text.span);
        let decided = match known.provenance {
            Provenance::Declared(span) => Some(span),
            _ => page.project.image_os(image).known().map(|(_, span)| span),
        };
        let decided = decided.filter(|span| !own.is_some_and(|own| own.holds(*span)));
        (self.text(&format!("{what}: {source}")), decided.and_then(|span| self.excerpt(span)))
    }

    fn landing(&mut self, landing: &Placed) -> u32 {
        if let Some(number) = self.landed.get(landing) {
            return *number;
        }
        let why = self.text(&landing.why);
        let at = landing.span.and_then(|span| self.excerpt(span));
        let number = self.landings.number(LandingData { why, decides: landing.lands != Lands::Maybe, at });
        self.landed.insert(landing.clone(), number);
        number
    }

    fn outcome(&mut self, cell: &Cell) -> u32 {
        let Some(outcome) = &cell.outcome else { return 0 };
        let key = (*outcome, cell.facts);
        if let Some(number) = self.outcomes.get(&key) {
            return *number;
        }
        let number = self.text(&outcome.why(cell.facts.as_ref(), self.page.releases)) + 1;
        self.outcomes.insert(key, number);
        number
    }

    /// The number of the pattern that says this of the kinds of hosts.
    fn pattern(&mut self, of_kinds: Vec<u32>) -> u32 {
        if let Some(number) = self.of_kinds.get(&of_kinds) {
            return *number;
        }
        let kinds = self.page.matrix.kinds().iter();
        let number = self.patterns.number(runs(kinds.filter_map(|kind| of_kinds.get(*kind).copied())));
        self.of_kinds.insert(of_kinds, number);
        number
    }

    fn findings(&mut self, cells: &[Cell]) -> Vec<(u32, u32)> {
        let mut reported: Vec<(u32, Vec<u32>)> = Vec::new();
        for (kind, cell) in cells.iter().enumerate() {
            for finding in &cell.findings {
                let number = self.finding(finding);
                let place = reported.iter().position(|(it, _)| *it == number).unwrap_or_else(|| {
                    reported.push((number, vec![0; cells.len()]));
                    reported.len() - 1
                });
                reported.get_mut(place).and_then(|(_, on)| on.get_mut(kind)).into_iter().for_each(|it| *it = 1);
            }
        }
        reported.into_iter().map(|(number, on)| (number, self.pattern(on))).collect()
    }

    fn finding(&mut self, finding: &Finding) -> u32 {
        if let Some(number) = self.findings.get(&std::ptr::from_ref(finding)) {
            return *number;
        }
        let number = to_u32(self.found.len());
        let message = &finding.message;
        let data = FindingData {
            rule: self.rules.number(finding.rule),
            severity: word(finding.severity),
            headline: line(&message.headline).into_owned(),
            label: line(&message.label).into_owned(),
            lines: message.lines().map(|(word, text)| (word, line(text).into_owned())).collect(),
            at: self.excerpt(finding.span),
        };
        self.found.push(data);
        self.findings.insert(std::ptr::from_ref(finding), number);
        number
    }
}

fn runs(numbers: impl IntoIterator<Item = u32>) -> Vec<u32> {
    let mut runs: Vec<u32> = Vec::new();
    for number in numbers {
        match runs.as_mut_slice() {
            [.., last, count] if *last == number => *count += 1,
            _ => runs.extend([number, 1]),
        }
    }
    runs
}
