//! `diagnose` on what clusters and engines really printed: the outputs of Microsoft's page, with its Deployment and its
//! service as the tree, and those of public issue threads (fixtures/diagnose/README.md).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test fails by panicking"
)]
#![allow(clippy::disallowed_methods, reason = "fixtures are read from disk; the core itself must not")]

#[allow(dead_code, reason = "others use the rest")]
mod common;
#[path = "diagnose/texts.rs"]
mod texts;

use std::fs;

use hostfit_core::{
    check::{self, Report},
    config::Config,
    diagnose::{
        self, Incident, Reading,
        explain::{Answer, Tree},
    },
    front::{self, Outcome},
    source::{Source, SourceId, Sources},
    windows::{Date, release::Releases},
};

const TODAY: Date = Date { year: 2026, month: 11, day: 21 };

fn text(path: &str) -> Vec<u8> {
    fs::read(common::fixtures("diagnose").join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn read(bytes: Vec<u8>) -> Reading {
    let source = Source::decode(SourceId(0), "text", bytes).unwrap();
    diagnose::read(&source, &Releases::default())
}

/// A folder of files with what a check of them found.
struct CheckedTree {
    sources: Sources,
    config: Config,
    report: Report,
}

impl CheckedTree {
    fn seed(name: &str) -> Self {
        let mut files = common::files(&common::fixtures("seeds").join(name));
        files.retain(|(path, _)| path != "expected.txt");
        Self::new(files)
    }

    fn new(files: Vec<(String, Vec<u8>)>) -> Self {
        let (mut sources, mut units, mut config) = (Vec::new(), Vec::new(), Config::default());
        for (id, (path, bytes)) in (0..).zip(files) {
            let source = Source::decode(SourceId(id), path, bytes).unwrap();
            if source.path == "hostfit.toml" {
                config = Config::parse(&source, &hostfit_core::rules::ids()).unwrap();
            } else if let Outcome::Unit(unit) = front::read(&source) {
                units.push(unit);
            }
            sources.push(source);
        }
        let sources = Sources::new(sources);
        let report = check::check(&sources, &units, &config, TODAY);
        let config = report.config(&config).clone();
        Self { sources, config, report }
    }

    /// Each incident of a text with its answer.
    fn explain(&self, bytes: Vec<u8>) -> Vec<(Incident, Answer)> {
        let reading = read(bytes);
        let tree = Tree {
            report: &self.report,
            answers: self.report.answers(&self.config),
            sources: &self.sources,
            nodes: &reading.nodes,
            given: None,
        };
        let answer = |it: &Incident| (it.clone(), diagnose::explain(it, tree));
        reading.incidents.iter().map(answer).collect()
    }

    /// `error standing path:line:column rule`.
    fn lines(&self, bytes: Vec<u8>) -> Vec<String> {
        self.explain(bytes).iter().map(|(incident, answer)| self.line(incident, answer)).collect()
    }

    fn line(&self, incident: &Incident, answer: &Answer) -> String {
        let place = answer.place.as_ref().map_or_else(
            || "nowhere".to_owned(),
            |it| {
                let source = self.sources.get(it.span.source).unwrap();
                let at = source.position(it.span.start);
                format!("{}:{}:{}", source.path, at.line, at.column)
            },
        );
        let rule = answer.rule.unwrap_or("-");
        format!("{} {} {place} {rule}", incident.error.id(), answer.support.id())
    }
}

/// What the page says of its examples: the pod was made for 14393 and ran on the node of 16299, so that the selector
/// lacks a build; the image of the service is of 14393, which its node is not.
#[test]
fn the_outputs_of_the_page_are_explained_by_its_files() {
    let table = [
        (
            "2017-describe-pod",
            "deployment-os-only",
            "os-mismatch found fabrikamfiber.web.yaml:27:7 missing-build-selector",
        ),
        (
            "2023-describe-pod",
            "deployment-os-only",
            "os-mismatch found fabrikamfiber.web.yaml:27:7 missing-build-selector",
        ),
        // The fleet is not declared.
        (
            "2023-describe-pod",
            "deployment-os-only-without-fleet",
            "os-mismatch open fabrikamfiber.web.yaml:27:7 missing-build-selector",
        ),
        // The selector that fixes it keeps the pod off that node.
        (
            "2017-describe-pod",
            "deployment-osbuild",
            "os-mismatch contradicted fabrikamfiber.web.yaml:29:40 build-mismatch",
        ),
        ("2017-service-ps-no-trunc", "2017-service-iis-on-its-node", "os-mismatch found stack.yml:5:44 build-mismatch"),
        ("2017-service-ps-no-trunc", "2017-service-iis", "os-mismatch open stack.yml:5:12 missing-swarm-constraint"),
        (
            "2023-service-ps-no-trunc",
            "2023-service-iis-by-digest",
            "os-mismatch open stack.yml:5:12 missing-swarm-constraint",
        ),
        ("2017-service-ps", "2017-service-iis-on-its-node", "cut-off nothing nowhere -"),
        ("2023-service-ps", "2023-service-iis-by-digest", "cut-off nothing nowhere -"),
        // Nothing says which image that was.
        ("2017-docker-run", "deployment-os-only", "os-mismatch nothing nowhere build-mismatch"),
        ("2023-docker-run", "deployment-os-only", "os-mismatch nothing nowhere build-mismatch"),
    ];
    for (output, tree, expected) in table {
        let checked = CheckedTree::seed(tree);
        assert_eq!(checked.lines(text(&format!("seeds/{output}.txt"))), [expected], "{output} {tree}");
    }
}

#[test]
fn the_answers_to_the_page_name_versions_and_help() {
    let checked = CheckedTree::seed("deployment-os-only");
    let (incident, answer) = checked.explain(text("seeds/2017-describe-pod.txt")).remove(0);
    assert_eq!(incident.object.node.as_deref(), Some("38519acs9011"));
    assert_eq!(incident.object.container.as_deref(), Some("fabrikamfiberweb"));
    assert_eq!(incident.object.namespace.as_deref(), Some("plang"));
    assert_eq!(
        incident.message,
        "The operating system of the container does not match the operating system of the host. (0xc0370101)"
    );
    assert!(answer.cause.contains("10.0.14393.1715") && answer.cause.contains("10.0.16299"), "{}", answer.cause);
    assert_eq!(answer.help, ["add `node.kubernetes.io/windows-build: \"10.0.14393\"` to the nodeSelector"]);

    let checked = CheckedTree::seed("2017-service-iis-on-its-node");
    let (incident, answer) = checked.explain(text("seeds/2017-service-ps-no-trunc.txt")).remove(0);
    assert_eq!(incident.object.service.as_deref(), Some("angry_liskov"));
    assert_eq!(incident.object.node.as_deref(), Some("WIN-BSTMQDRQC2E"));
    assert!(answer.cause.contains("10.0.14393.1715") && answer.cause.contains("10.0.16299.125"), "{}", answer.cause);

    let (incident, answer) = checked.explain(text("seeds/2017-service-ps.txt")).remove(0);
    assert_eq!(incident.times, 4);
    assert!(answer.help[0].contains("docker service ps --no-trunc angry_liskov"), "{:?}", answer.help);
}

/// The page prints both nodes: where no fleet is declared, the same paste tells what the node runs.
#[test]
fn nodes_that_the_text_describes_stand_for_a_fleet() {
    let both = [text("seeds/2017-describe-pod.txt"), text("seeds/2017-describe-node.txt")].concat();
    assert_eq!(
        read(both.clone()).nodes.iter().map(|it| format!("{} {}", it.name, it.version)).collect::<Vec<_>>(),
        ["38519acs9010 10.0.14393.1715", "38519acs9011 10.0.16299"]
    );
    let files = common::files(&common::fixtures("seeds").join("deployment-os-only"));
    let manifest = files.iter().find(|(path, _)| path == "fabrikamfiber.web.yaml").unwrap().clone();
    let images = b"[images]\n\"patricklang/fabrikamfiber.web:*\" = \"10.0.14393.1715\"\n".to_vec();
    let checked = CheckedTree::new(vec![manifest, ("hostfit.toml".to_owned(), images)]);
    let (_, answer) = checked.explain(both).remove(0);
    assert_eq!(answer.support.id(), "found");
    assert!(answer.cause.contains("38519acs9011") && answer.cause.contains("10.0.16299"), "{}", answer.cause);
}

#[test]
fn threads_hold_what_was_read_from_them_by_eye() {
    let table = String::from_utf8(text("threads/expected.tsv")).unwrap();
    let mut files: Vec<_> = fs::read_dir(common::fixtures("diagnose").join("threads"))
        .unwrap()
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .filter_map(|name| name.strip_suffix(".txt").map(str::to_owned))
        .collect();
    files.sort();
    assert!(files.len() > 24, "{files:?}");
    let page = String::from_utf8(text("README.md")).unwrap();
    for file in files {
        assert!(page.contains(&format!("| `{file}` | <https://github.com/")), "{file} has no source");
        let expected = table.lines().filter_map(|line| line.strip_prefix(&format!("{file}\t"))).map(str::to_owned);
        let expected: Vec<_> = expected.filter(|it| !it.trim().is_empty()).collect();
        assert!(table.contains(&format!("\n{file}\t")), "{file} is not in the table");
        let found: Vec<_> = read(text(&format!("threads/{file}.txt"))).incidents.iter().map(row).collect();
        assert_eq!(found, expected, "{file}");
    }
}

fn row(incident: &Incident) -> String {
    let object = &incident.object;
    let name = object.pod.clone().or(object.service.clone()).or(object.owner.clone().map(|(_, name)| name));
    let image = incident.image_version.map(|it| format!("image {it} ")).unwrap_or_default();
    let host = incident.host_version.map(|it| format!("host {it}")).unwrap_or_default();
    let cells = [
        incident.error.id().to_owned(),
        name.unwrap_or_default(),
        object.node.clone().unwrap_or_default(),
        object.image.clone().unwrap_or_default(),
        format!("{image}{host}"),
    ];
    cells.join("\t")
}

/// The longest texts that are read, made to be read as often as possible.
#[test]
fn long_texts_are_read_in_time() {
    let known = "no match for platform in manifest";
    let parts = [
        "\\".to_owned(),
        "\n".to_owned(),
        "[".to_owned(),
        "{\"a\":".to_owned(),
        "pull image \"".to_owned(),
        "a Windows version 10.0.".to_owned(),
        "createcomputesystem ".to_owned(),
        format!("{known}\n"),
        format!("docker pull a/b\n{known} "),
        "Name: a\nNamespace: b\n".to_owned(),
        "Name: a\nNamespace: b\nContainers:\n  a:\n    Message: 0xc0370101\n".to_owned(),
        "Events:\n  Type  Reason  Message\n  Warning  a  0xc0370101\n".to_owned(),
        "ID  NAME  IMAGE  NODE  DESIRED STATE  CURRENT STATE  ERROR  PORTS\n".to_owned(),
    ];
    let starts = ["", "{\"items\":[", "Events:\n  Type  Reason  Message\n"];
    for start in starts {
        for part in &parts {
            // An eighth of a MiB, since this is not optimized and shares its machine.
            let text = format!("{start}{}", part.repeat(128 * 1024 / part.len()));
            let started = std::time::Instant::now();
            let found = read(text.into_bytes());
            assert!(found.incidents.len() <= 500);
            let seconds = started.elapsed().as_secs_f32();
            assert!(seconds < 5.0, "{seconds} s for {start:?} and {part:?}");
        }
    }
}
