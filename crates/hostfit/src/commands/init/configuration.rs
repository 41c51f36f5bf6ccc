//! The text of a new `hostfit.toml`.

use hostfit_core::{
    config::{schema, write::quoted},
    model::Orchestrator,
    printable::line,
    windows::{Build, release::Releases},
};

use super::survey::{Gap, MOST_DECLARATIONS, Need, Survey};
use crate::report::human::number;

/// More are not listed.
const MOST: usize = 100;

/// Returns a configuration that says what was found, what to do next, and suggests what only the user can say.
///
/// A comment that goes on without a blank is TOML to be completed: a test takes the `#` away and reads it back.
pub(super) fn text(survey: &Survey) -> String {
    let mut lines = head(survey);
    lines.extend(images(&survey.images));
    lines.extend(build_args(&survey.build_args));
    lines.extend(hosts(survey));
    lines.push(CHECK.to_owned());
    lines.join("\n") + "\n"
}

fn head(survey: &Survey) -> Vec<String> {
    let mut head = vec![
        format!("#:schema {}", schema::URL),
        "# All settings: https://github.com/hostfit/hostfit/blob/main/docs/configuration.md".to_owned(),
        "#".to_owned(),
    ];
    if let Some(files) = survey.files() {
        head.push(format!("# Found here: {files}."));
        head.extend(windows(survey));
        head.push("#".to_owned());
    }
    head.push("# Next:".to_owned());
    head.extend(survey.next().iter().zip(1..).map(|(command, number)| format!("#   {number}. {command}")));
    head.push("#".to_owned());
    head.push("# Lines like `#key = ...` are suggestions; edit and uncomment them.".to_owned());
    head
}

/// The Windows releases, each with the first place that names it.
fn windows(survey: &Survey) -> Vec<String> {
    let names: Vec<_> = survey.seen.iter().map(|(build, place)| (os(*build, &survey.releases), place)).collect();
    let width = names.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let head = (!names.is_empty()).then(|| "# Windows releases:".to_owned());
    let of = |(name, place): &(String, &String)| format!("#   {name:width$}  {}", line(place));
    head.into_iter().chain(names.iter().map(of)).collect()
}

const CHECK: &str = r#"
[check]
#exclude = ["vendor/**"]
#ignore = ["linux-pod-unpinned"]
#fail-on = "error""#;

fn images(images: &[Gap]) -> Vec<String> {
    if images.is_empty() {
        return Vec::new();
    }
    let head = [
        "",
        "# Images of unknown version: \"ltsc2022\", \"10.0.20348.2700\" or \"linux\"; or run `hostfit images --online`.",
        "[images]",
    ];
    let of = |gap: &Gap| format!("#{} = \"\" # {}", quoted(&gap.key), line(&gap.place));
    let more = images.len().saturating_sub(MOST);
    let more = (more > 0).then(|| format!("# {}: `hostfit images --unknown` lists them.", number(more, "more image")));
    head.into_iter().map(str::to_owned).chain(images.iter().take(MOST).map(of)).chain(more).collect()
}

fn build_args(args: &[Gap]) -> Vec<String> {
    if args.is_empty() {
        return Vec::new();
    }
    let head = ["", "# Build args that only the build command sets.", "[build-args]"];
    let of = |gap: &Gap| format!("#{} = \"\" # {}", gap.key, line(&gap.place));
    head.into_iter().map(str::to_owned).chain(args.iter().take(MOST).map(of)).collect()
}

fn hosts(survey: &Survey) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (file, hosts) in &survey.fleets {
        let hosts = number(*hosts, "host");
        lines.push(format!(
            "# {} declares {hosts}: use it with `hostfit check --fleet`, or for some files:",
            line(file)
        ));
        let file = line(file).replace(['\\', '"'], "?");
        lines.extend(["#[[target]]".to_owned(), "#paths = [\"deploy/**\"]".to_owned(), format!("#fleet = \"{file}\"")]);
        lines.push(String::new());
    }
    if let Some(nodes) = &survey.nodes {
        let nodes = line(nodes);
        lines.push(format!("# Until a Kubernetes host is declared here, the nodes in {nodes} are the hosts."));
    }
    lines.extend(survey.declarations.iter().take(MOST_DECLARATIONS).map(|it| format!("# {}", line(&it.offer()))));
    lines.push(
        "# Your hosts, all of them: each workload is checked on every host that it can be scheduled on.".to_owned(),
    );
    if survey.needs.is_empty() {
        lines.extend(host("win2022", "ltsc2022", Some(Orchestrator::Kubernetes)));
    }
    let several = survey.needs.len() > 1;
    let suggested: Vec<_> = survey.needs.iter().map(|need| suggestions(need, several, &survey.releases)).collect();
    lines.extend(suggested.join(&String::new()));
    lines
}

/// A host for each release that one orchestrator needs.
fn suggestions(need: &Need, several: bool, releases: &Releases) -> Vec<String> {
    let word = need.orchestrator.map(Orchestrator::name);
    let prefix = word.filter(|_| several).map_or(String::new(), |word| format!("{word}-"));
    let mut hosts = Vec::new();
    for build in need.builds.iter().take(MOST) {
        let os = os(*build, releases);
        hosts.push(host(&format!("{prefix}{}", name(&os)), &os, need.orchestrator));
    }
    if need.builds.is_empty() {
        hosts.push(host(&format!("{prefix}windows"), "", need.orchestrator));
    }
    // Every Kubernetes cluster has Linux nodes: those of its control plane at least.
    if need.orchestrator == Some(Orchestrator::Kubernetes) || need.linux {
        hosts.push(host(&format!("{prefix}linux"), "linux", need.orchestrator));
    }
    hosts.join(&String::new())
}

fn host(name: &str, os: &str, orchestrator: Option<Orchestrator>) -> Vec<String> {
    let mut lines = vec!["#[[host]]".to_owned(), format!("#name = \"{name}\""), format!("#os = \"{os}\"")];
    lines.extend(orchestrator.map(|it| format!("#orchestrator = \"{}\"", it.name())));
    lines
}

fn os(build: Build, releases: &Releases) -> String {
    releases.by_build(build).map_or_else(|| build.to_string(), |release| release.id.to_string())
}

/// `win2022` of `ltsc2022`, `win-1809` of others.
fn name(os: &str) -> String {
    match os.strip_prefix("ltsc") {
        Some(year) => format!("win{year}"),
        None if os.starts_with("win") => os.to_owned(),
        None => format!("win-{}", os.to_ascii_lowercase()),
    }
}
