//! `hostfit diagnose`: why what a cluster or an engine printed happened.

use std::{
    io::{BufWriter, IsTerminal, Write, stdin, stdout},
    path::Path,
};

use hostfit_core::{
    check::{self, Asked},
    config::{Config, RuleSelection},
    diagnose::{
        self, Incident, Reading, Reporter,
        explain::{Answer, Support, Tree},
    },
    finding::Related,
    printable::line,
    rule,
    source::{MAX_BYTES, NotText, Source, SourceId, Sources},
};
use serde::Serialize;

use crate::{
    Exit,
    args::{Diagnose, Format, Inputs},
    clock,
    error::Error,
    files::Folder,
    input,
    report::{
        Place, human,
        json::{self, Range},
    },
    terminal::{Style, say, wrapped},
};

const TOO_LONG: &str = "is longer than 8 MiB: cut it to the part with the error";

pub(crate) fn run(args: &Diagnose) -> Result<Exit, Error> {
    if !args.quiet && stdin().is_terminal() && args.files.iter().any(|it| it.as_os_str() == "-") {
        // Who sees nothing happen does not know that it waits.
        say("paste what was printed, then end it with Ctrl+D (on Windows Ctrl+Z and Enter)");
    }
    // What cannot be read is reported before the tree is read.
    let mut texts = Vec::new();
    for path in &args.files {
        let name = name(path);
        let bytes = input::bytes(path, MAX_BYTES as u64, TOO_LONG).map_err(|why| unfit(&name, &why))?;
        texts.push((name, bytes));
    }
    let inputs = Inputs {
        paths: args.paths.clone(),
        config: args.config.clone(),
        fleet: args.fleet.clone(),
        color: args.color,
        ..Inputs::working_folder(args.quiet)
    };
    let (settings, files) = super::load(&inputs)?;
    let folder = Folder::current()?;
    let config = every_rule(settings.config);
    let mut all = files.sources;
    let mut read = Vec::new();
    for (name, bytes) in texts {
        let id = SourceId(u32::try_from(all.len()).unwrap_or(u32::MAX));
        let source = Source::decode(id, name.clone(), bytes).map_err(|why| match why {
            NotText::TooLarge => unfit(&name, TOO_LONG),
            NotText::Binary => unfit(&name, "is not text"),
        })?;
        read.push((name, diagnose::read(&source, &config.releases)));
        all.push(source);
    }
    let sources = Sources::new(all).in_folder(&folder.path.to_string_lossy());
    let today = clock::today();
    let mut report = check::check(&sources, &files.units, &config, today);
    report.ask(Asked::Files(&files.given), &sources, &files.units, &config);
    let nodes: Vec<_> = read.iter().flat_map(|(_, reading)| reading.nodes.clone()).collect();
    let answers = report.answers(&config);
    let tree = Tree { report: &report, answers, sources: &sources, nodes: &nodes, given: Some(&files.given) };
    let incidents = read.iter().flat_map(|(_, reading)| &reading.incidents);
    let answers: Vec<_> = incidents.map(|it| (it, diagnose::explain(it, tree))).collect();
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => json::write_value(&Shown::new(&answers, &sources), &mut out)?,
        Format::Human => {
            let style = Style::stdout(args.color);
            let mut painter = human::Answers::new(&sources, style);
            for (incident, answer) in &answers {
                out.write_all(painted(&mut painter, incident, answer, style).as_bytes())?;
            }
        }
    }
    out.flush()?;
    if !args.quiet {
        tell(&read);
    }
    super::tell_age(today, args.quiet);
    Ok(if answers.is_empty() { Exit::Findings } else { Exit::Clean })
}

/// What the user does not want to hear of may be the cause all the same.
fn every_rule(config: Config) -> Config {
    Config { rules: RuleSelection::default(), overrides: Vec::new(), ..config }
}

fn name(path: &Path) -> String {
    if path.as_os_str() == "-" { "<stdin>".to_owned() } else { path.display().to_string() }
}

fn unfit(name: &str, why: &str) -> Error {
    Error::message(format!("{name} {why}"))
}

/// Says which texts have no known error.
fn tell(read: &[(String, Reading)]) {
    for (name, reading) in read {
        if reading.incidents.is_empty() {
            say(&format!("{name}: no error that hostfit knows"));
        }
        if reading.left_out > 0 {
            say(&format!("{name}: {} more are left out", reading.left_out));
        }
    }
}

/// What happened, why, where and what to do, for people.
fn painted(painter: &mut human::Answers, incident: &Incident, answer: &Answer, style: Style) -> String {
    let reporter = incident.reporter.map(|it| format!(", reported by {}", it.name())).unwrap_or_default();
    let times = if incident.times > 1 { format!(", {} times", incident.times) } else { String::new() };
    let subject = line(&format!("{}{reporter}{times}", subject(incident))).into_owned();
    let subject = wrapped(&subject, style.width, "", "  ");
    let quoted = wrapped(&format!("“{}”", line(&incident.message)), style.width, "  ", "  ");
    let head = format!("{subject}\n{quoted}\n\n");
    let message = answer.message();
    let message = match answer.support {
        Support::Ambiguous => message.note("it may be any of these places"),
        Support::Nothing if is_of_workload(incident) => message.note("no workload in the files matches it"),
        _ => message,
    };
    let mut help = answer.help.clone();
    help.extend(answer.rule.map(|rule| format!("see `hostfit explain {rule}`")));
    let answer = human::Answer {
        code: incident.error.id(),
        url: answer.rule.map(rule::url),
        is_certain: answer.support == Support::Found,
        message: &message,
        help: &help,
        place: answer.place.as_ref(),
        related: &answer.related,
    };
    head + &painter.paint(&answer)
}

/// Whether the text names what it is about, so that it could have been found.
fn is_of_workload(incident: &Incident) -> bool {
    let object = &incident.object;
    let may_be_found = !incident.sandbox && incident.error != diagnose::Error::CutOff;
    may_be_found
        && ([&object.pod, &object.service, &object.image].into_iter().any(Option::is_some) || object.owner.is_some())
}

/// `pod plang/web-5d4f8 (container web) on win2019`.
fn subject(incident: &Incident) -> String {
    let object = &incident.object;
    let within = |name: &str| match &object.namespace {
        Some(namespace) => format!("{namespace}/{name}"),
        None => name.to_owned(),
    };
    let what = match (&object.pod, &object.owner, &object.service) {
        (Some(pod), ..) => format!("pod {}", within(pod)),
        (_, Some((kind, name)), _) => format!("{kind} {}", within(name)),
        (.., Some(service)) => format!("service {service}"),
        _ => object.image.as_ref().map_or_else(|| "an error".to_owned(), |image| format!("image {image}")),
    };
    let container = object.container.as_ref().map(|it| format!(" (container {it})")).unwrap_or_default();
    let node = object.node.as_ref().map(|it| format!(" on {it}")).unwrap_or_default();
    what + &container + &node
}

#[derive(Serialize)]
struct Shown<'a> {
    schema: &'static str,
    incidents: Vec<Row<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    incidents: usize,
    found: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    error: &'static str,
    message: &'a str,
    reporter: Option<&'static str>,
    path: &'a str,
    range: Range,
    times: u32,
    object: Object<'a>,
    cause: &'a str,
    standing: &'static str,
    workload: Option<&'a str>,
    place: Option<Spot<'a>>,
    related: Vec<Spot<'a>>,
    help: &'a [String],
    rule: Option<&'static str>,
    finding: Option<&'a str>,
}

#[derive(Serialize)]
struct Object<'a> {
    namespace: Option<&'a str>,
    pod: Option<&'a str>,
    owner: Option<String>,
    container: Option<&'a str>,
    service: Option<&'a str>,
    node: Option<&'a str>,
    image: Option<&'a str>,
}

#[derive(Serialize)]
struct Spot<'a> {
    path: &'a str,
    range: Range,
    message: &'a str,
}

impl<'a> Shown<'a> {
    fn new(answers: &'a [(&'a Incident, Answer)], sources: &'a Sources) -> Self {
        let found = answers.iter().filter(|(_, it)| it.support == Support::Found).count();
        Self {
            schema: "hostfit-diagnose/1",
            incidents: answers.iter().map(|(incident, answer)| Row::new(incident, answer, sources)).collect(),
            summary: Summary { incidents: answers.len(), found },
        }
    }
}

impl<'a> Row<'a> {
    fn new(incident: &'a Incident, answer: &'a Answer, sources: &'a Sources) -> Self {
        let object = &incident.object;
        let spot = |it: &'a Related| Spot {
            path: Place::new(it.span, sources).path,
            range: json::range(it.span, sources),
            message: &it.message,
        };
        Self {
            error: incident.error.id(),
            message: &incident.message,
            reporter: incident.reporter.map(Reporter::name),
            path: json::path(incident.span, sources),
            range: json::range(incident.span, sources),
            times: incident.times,
            object: Object {
                namespace: object.namespace.as_deref(),
                pod: object.pod.as_deref(),
                owner: object.owner.as_ref().map(|(kind, name)| format!("{kind}/{name}")),
                container: object.container.as_deref(),
                service: object.service.as_deref(),
                node: object.node.as_deref(),
                image: object.image.as_deref(),
            },
            cause: &answer.cause,
            standing: answer.support.id(),
            workload: answer.workload.as_deref(),
            place: answer.place.as_ref().map(spot),
            related: answer.related.iter().map(spot).collect(),
            help: &answer.help,
            rule: answer.rule,
            finding: answer.finding.as_deref(),
        }
    }
}
