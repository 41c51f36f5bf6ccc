//! Runs the core over a folder of fixtures.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use hostfit_core::{
    check::{Report, check},
    config::{Config, lock::Lock},
    finding::{Finding, Severity},
    front::{
        self, Outcome, Unit,
        charts::{self, Folders},
    },
    source::{Source, SourceId, Sources},
    windows::Date,
};

/// The day that all fixtures are judged on.
pub(crate) const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

/// What the core makes of a folder.
#[derive(Debug)]
pub(crate) struct Run {
    /// The texts.
    pub(crate) sources: Sources,
    /// What they hold.
    #[allow(dead_code, reason = "one test judges them again")]
    pub(crate) units: Vec<Unit>,
    /// In the order of the report.
    pub(crate) findings: Vec<Finding>,
    /// All of the report but its findings.
    pub(crate) report: Report,
    /// What it was judged by.
    pub(crate) config: Config,
    /// Files that were not read, and what they were taken for.
    pub(crate) passed_over: Vec<String>,
}

/// The folder `name` of the repository's fixtures.
pub(crate) fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures").join(name)
}

/// Everything in `folder` with its path relative to it, sorted.
pub(crate) fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let (mut found, mut open) = (Vec::new(), vec![folder.to_owned()]);
    while let Some(next) = open.pop() {
        for entry in fs::read_dir(&next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let relative = path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/");
            found.push((relative, fs::read(&path).unwrap()));
        }
    }
    found.sort();
    found
}

/// The charts and kustomizations among some files.
struct Charts {
    files: Vec<(String, Vec<u8>)>,
    folders: Folders,
}

impl Charts {
    fn of(files: &[(String, Vec<u8>)]) -> Self {
        let folders = Folders::of(files.iter().map(|(path, _)| path.as_str()));
        // As the program reads them: places are those of the text that is shown.
        let text = |(path, bytes): &(String, Vec<u8>)| {
            let is_archive = Path::new(path).extension().is_some_and(|it| it == "tgz");
            let text =
                || Source::decode(SourceId(0), &**path, bytes.clone()).ok().map(|it| it.text.as_bytes().to_vec());
            Some((path.clone(), if is_archive { bytes.clone() } else { text()? }))
        };
        let files = files.iter().filter_map(text).collect();
        Self { files, folders }
    }

    /// Whether a file is a template of one of them.
    fn renders(&self, path: &str) -> bool {
        self.folders.charts.iter().any(|folder| {
            let below = if folder.is_empty() { Some(path) } else { path.strip_prefix(&format!("{folder}/")) };
            below.is_some_and(|below| below.starts_with("templates/"))
        })
    }

    /// Adds what they yield; returns what is not judged.
    fn join(&self, config: &Config, sources: &mut Vec<Source>, units: &mut Vec<Unit>) -> Vec<String> {
        let shown = |path: &str| path.to_owned();
        let all = charts::Charts { tree: self, shown: &shown, in_tree: &shown, root: "", config };
        let (found, others) = all.find(&self.folders, sources.iter());
        let rendered = found.into_iter().map(|chart| {
            let output = all.render(&chart);
            (chart, output)
        });
        let (outputs, unread): (Vec<_>, Vec<_>) = rendered.partition(|(_, output)| !output.is_unread);
        let unread_templates = unread.iter().map(|(chart, _)| format!("{}: template", all.folder(chart)));
        let mut unjudged = charts::Unjudged::default();
        unjudged.note(&outputs, sources, units);
        let skipped = outputs.iter().flat_map(|(_, output)| output.skipped.clone()).chain(others);
        let skipped = skipped.chain(unjudged.skipped());
        let skipped: BTreeSet<_> = skipped.collect();
        let added = charts::Kept::default().add(outputs, &all, sources, units);
        units.extend(added.iter().map(|id| charts::lower(sources.get(id.0 as usize).unwrap())));
        units.sort_by_key(|unit| unit.source);
        let line = |it: &charts::Skipped| it.line.map_or_else(String::new, |line| format!(":{line}"));
        let skipped = skipped.iter().map(|it| format!("{}{}: {}", it.path, line(it), it.reason));
        unread_templates.chain(skipped).collect()
    }
}

impl charts::Tree for Charts {
    fn list(&self, folder: &str) -> Vec<String> {
        let inside = |path: &str| folder.is_empty() || path.starts_with(&format!("{folder}/"));
        self.files.iter().map(|(path, _)| path).filter(|path| inside(path)).cloned().collect()
    }

    fn read(&self, path: &str) -> Option<Cow<'_, [u8]>> {
        self.files.iter().find(|(it, _)| it == path).map(|(_, bytes)| Cow::Borrowed(&**bytes))
    }
}

/// Checks `files`; a `hostfit.toml` at the top is the configuration, which names fleets among them, a `hostfit.lock` the lock
/// file, and `expected.txt` and pages are not looked at.
pub(crate) fn run(files: Vec<(String, Vec<u8>)>) -> Run {
    let (mut sources, mut units, mut passed_over) = (Vec::new(), Vec::new(), Vec::new());
    let (mut config, mut lock) = (Config::default(), None);
    let mut charts = Charts::of(&files);
    for (path, bytes) in files {
        if path == "expected.txt" || charts.renders(&path) || Path::new(&path).extension().is_some_and(|it| it == "md")
        {
            continue;
        }
        let id = SourceId(u32::try_from(sources.len()).unwrap());
        let source = match Source::decode(id, &*path, bytes) {
            Ok(source) => source,
            Err(why) => {
                passed_over.push(format!("{path}: {why:?}"));
                continue;
            }
        };
        if source.path == "hostfit.toml" {
            config = Config::parse(&source, &hostfit_core::rules::ids()).unwrap_or_else(|errors| panic!("{errors:?}"));
        } else if source.path == "hostfit.lock" {
            lock = Some(Lock::parse(&source).unwrap_or_else(|errors| panic!("{errors:?}")));
        } else {
            match front::read(&source) {
                Outcome::Unit(unit) => units.push(unit),
                Outcome::Skipped(skip) if skip.may_be_rendered && !charts.folders.is_in_chart(&source.path) => {
                    charts.folders.alone.insert(source.path.clone());
                    sources.push(Source::from_text(id, &*source.path, ""));
                    continue;
                }
                Outcome::Skipped(skip) => passed_over.push(format!("{}: {}", source.path, skip.reason)),
                Outcome::NotOurs => passed_over.push(format!("{}: none of ours", source.path)),
            }
        }
        sources.push(source);
    }
    let fleets: Vec<_> = config.targets.iter().map(|target| target.file.clone()).collect();
    for file in fleets {
        let fleet = sources.iter().find(|source| source.path == file).unwrap();
        config.read_target(&file, fleet, &hostfit_core::rules::ids()).unwrap_or_else(|errors| panic!("{errors:?}"));
    }
    passed_over.extend(charts.join(&config, &mut sources, &mut units));
    for target in &mut config.targets {
        let patterns: Vec<_> =
            target.paths.iter().map(|path| globset::Glob::new(path).unwrap().compile_matcher()).collect();
        let place = |source: &Source| {
            let rendering = source.rendered.as_ref().and_then(|rendered| rendered.renderings.first());
            rendering.map_or_else(|| source.path.clone(), |it| format!("{}/kustomization.yaml", it.root))
        };
        let matched = sources.iter().filter(|source| patterns.iter().any(|it| it.is_match(place(source))));
        target.files = matched.map(|source| source.id).collect();
    }
    config.lock = lock;
    let sources = Sources::new(sources);
    let mut report = check(&sources, &units, &config, TODAY);
    report.identify(&sources, &units, &config);
    let findings = std::mem::take(&mut report.findings);
    let config = report.config(&config).clone();
    Run { sources, units, findings, report, config, passed_over }
}

impl std::ops::Deref for Run {
    type Target = Vec<Finding>;

    fn deref(&self) -> &Self::Target {
        &self.findings
    }
}

impl std::ops::DerefMut for Run {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.findings
    }
}

impl Run {
    /// `path:line:column-line:column severity rule` of each finding.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.findings.iter().map(|finding| self.line(finding)).collect()
    }

    fn line(&self, finding: &Finding) -> String {
        let source = self.sources.get(finding.span.source).unwrap();
        let (start, end) = (source.position(finding.span.start), source.position(finding.span.end));
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Info => "info",
        };
        format!(
            "{}:{}:{}-{}:{} {severity} {}",
            source.path, start.line, start.column, end.line, end.column, finding.rule
        )
    }

    /// Every finding with its source line, underlined, and what belongs to it.
    pub(crate) fn show(&self) -> String {
        let mut shown = String::new();
        for finding in &self.findings {
            let source = self.sources.get(finding.span.source).unwrap();
            let line = source.line_span(finding.span.start);
            let before = &source.text[line.start as usize..finding.span.start as usize];
            let marked = source.slice(finding.span).lines().next().unwrap_or_default();
            writeln!(shown, "{}", self.line(finding)).unwrap();
            writeln!(shown, "    {}", source.slice(line)).unwrap();
            let (blanks, carets) = (before.chars().count(), marked.chars().count().max(1));
            writeln!(shown, "    {}{}", " ".repeat(blanks), "^".repeat(carets)).unwrap();
            finding.message.to_string().lines().for_each(|line| writeln!(shown, "  {line}").unwrap());
            if let Some(workload) = self.report.answers(&self.config).workload_name(finding) {
                writeln!(shown, "  workload: {workload}").unwrap();
            }
            if !finding.hosts.is_empty() {
                writeln!(shown, "  hosts: {}", self.config.host_names(finding).join(", ")).unwrap();
            }
            for rendering in &finding.rendered {
                let set: Vec<_> = rendering.set.iter().map(|(key, value)| format!(" {key}={value}")).collect();
                let set = set.concat();
                let source = rendering.source.as_ref().map_or_else(String::new, |it| format!(" by {it}"));
                let made_up = if rendering.is_synthetic { " synthetic" } else { "" };
                let values = rendering.values.join(" ");
                let name = rendering.by.name();
                writeln!(shown, "  {name} {}: {values}{set}{source}{made_up}", rendering.root).unwrap();
            }
            for related in &finding.related {
                let other = self.sources.get(related.span.source).unwrap();
                let at = other.position(related.span.start);
                let text = other.slice(related.span);
                writeln!(shown, "  {}:{}:{} `{text}`: {}", other.path, at.line, at.column, related.message).unwrap();
            }
            for fix in finding.fixes.iter().filter(|_| !finding.rendered.is_empty()) {
                let kind = if fix.is_safe() { "fix" } else { "unsafe fix" };
                writeln!(shown, "  {kind}: {}", fix.title).unwrap();
                for edit in &fix.edits {
                    let other = self.sources.get(edit.span.source).unwrap();
                    let at = other.position(edit.span.start);
                    let old = other.slice(edit.span);
                    writeln!(shown, "    {}:{}:{} {old:?} -> {:?}", other.path, at.line, at.column, edit.text).unwrap();
                }
            }
            shown.push('\n');
        }
        shown
    }
}

/// What is in one list and not in the other, as a diff; nothing when they are equal.
pub(crate) fn difference(expected: &[String], found: &[String]) -> String {
    let missing = expected.iter().filter(|line| !found.contains(line)).map(|line| format!("- {line}\n"));
    let surplus = found.iter().filter(|line| !expected.contains(line)).map(|line| format!("+ {line}\n"));
    let diff: String = missing.chain(surplus).collect();
    if diff.is_empty() && expected != found {
        "the order differs, or the number of equal lines\n".to_owned()
    } else {
        diff
    }
}
