//! The text of a new `hostfit.toml`.

use hostfit_core::{
    config::{schema, write::quoted},
    model::Orchestrator,
    printable::line,
    windows::{Build, release::Releases},
};

use super::survey::{Gap, Need, Survey};
use crate::report::human::number;

/// The rest is told by `check`.
const MOST: usize = 100;

/// Hosts of older releases than these are somebody else's.
const NEWEST: usize = 3;

/// A configuration in which whatever the repository does not tell is a proposal in a comment.
///
/// A comment that goes on without a blank is TOML to be completed: a test takes the `#` away and reads it back.
pub(super) fn text(survey: &Survey) -> String {
    let mut lines = head(survey);
    lines.push(CHECK.to_owned());
    lines.extend(images(&survey.images));
    lines.extend(build_args(&survey.build_args));
    lines.extend(hosts(survey));
    lines.join("\n") + "\n"
}

fn head(survey: &Survey) -> Vec<String> {
    let mut head = vec![
        format!("#:schema {}", schema::URL),
        "# What hostfit can't see by itself. All that may stand here: https://github.com/hostfit/hostfit/blob/main/docs/configuration.md"
            .to_owned(),
        "#".to_owned(),
    ];
    if let Some(files) = survey.files() {
        head.push(format!("# Seen here: {files}."));
        head.extend(windows(survey));
    }
    head.push(
        "# A line that starts with `#` and no blank is a proposal: complete it and take the `#` away.".to_owned(),
    );
    head
}

/// `# Windows in the images: ltsc2022, ltsc2019.`
fn windows(survey: &Survey) -> Option<String> {
    let mut builds: Vec<_> = survey.needs.iter().flat_map(|need| &need.builds).copied().collect();
    builds.sort_unstable();
    builds.dedup();
    let names: Vec<_> = builds.iter().rev().map(|build| os(*build, &survey.releases)).collect();
    (!names.is_empty()).then(|| format!("# Windows in the images: {}.", names.join(", ")))
}

const CHECK: &str = r#"
[check]
# Rules that stay silent. `hostfit rules` lists them all.
#ignore = ["linux-pod-unpinned"]
# Files that are not looked at: patterns as in a .gitignore.
#exclude = ["vendor/**"]
# The least severity that makes the exit status 1; a warning, if nothing is said.
#fail-on = "error"
# Other severities than the rules' own.
#severity = { unsupported-release = "error" }

# What holds for some files in place of that.
#[[override]]
#paths = ["legacy/**"]
#ignore = ["unsupported-release"]"#;

fn images(images: &[Gap]) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "[images]".to_owned(),
        "# The Windows inside of images that don't tell: a release (\"ltsc2022\"), a version (\"10.0.20348.2700\"), or \
         \"linux\"."
            .to_owned(),
        "# `*` matches any characters; the first pattern that matches counts.".to_owned(),
    ];
    if images.is_empty() {
        lines.push("# No Windows workload here needs it. It would look like this:".to_owned());
        lines.push("#\"registry.contoso.com/web:*\" = \"ltsc2022\"".to_owned());
    }
    let of = |gap: &Gap| format!("#{} = \"\" # {}", quoted(&gap.key), line(&gap.place));
    lines.extend(images.iter().take(MOST).map(of));
    if images.len() > MOST {
        let more = number(images.len() - MOST, "more image");
        lines.push(format!("# {more}: `hostfit check --select undeclared-image-os` names them."));
    }
    lines
}

fn build_args(args: &[Gap]) -> Vec<String> {
    if args.is_empty() {
        return Vec::new();
    }
    let head = ["", "[build-args]", "# Args of Dockerfiles that only the build command sets."];
    let of = |gap: &Gap| format!("#{} = \"\" # {}", gap.key, line(&gap.place));
    head.into_iter().map(str::to_owned).chain(args.iter().take(MOST).map(of)).collect()
}

fn hosts(survey: &Survey) -> Vec<String> {
    let mut lines = vec![
        String::new(),
        "# The hosts. Once they are declared, each workload is judged on every host that it may land on; so declare all of \
         them."
            .to_owned(),
    ];
    for (file, hosts) in &survey.fleets {
        let hosts = number(*hosts, "host");
        lines.push(format!("# {} declares {hosts}: `hostfit check --fleet` takes these instead.", line(file)));
    }
    if let Some((file, _)) = survey.fleets.first() {
        lines.push("# So does a target, for the workloads of some files:".to_owned());
        let file = line(file).replace(['\\', '"'], "?");
        lines.extend(["#[[target]]".to_owned(), "#paths = [\"deploy/**\"]".to_owned(), format!("#fleet = \"{file}\"")]);
    }
    if let Some(nodes) = &survey.nodes {
        lines.push(format!("# Until a Kubernetes host is declared here, the nodes in {} are the hosts.", line(nodes)));
    }
    if survey.needs.is_empty() {
        lines.push("# No Windows container was seen here. A host would look like this:".to_owned());
        lines.extend(host("win2022", "ltsc2022", Some(Orchestrator::Kubernetes)));
    }
    let several = survey.needs.len() > 1;
    for need in &survey.needs {
        lines.extend(proposals(need, several, &survey.releases));
    }
    lines
}

/// A host for each of the newest releases that one orchestrator needs.
fn proposals(need: &Need, several: bool, releases: &Releases) -> Vec<String> {
    let word = need.orchestrator.map(word);
    let prefix = word.filter(|_| several).map_or(String::new(), |word| format!("{word}-"));
    let mut lines = vec![String::new(), about(need)];
    let mut hosts = Vec::new();
    for build in need.builds.iter().take(NEWEST) {
        let os = os(*build, releases);
        hosts.push(host(&format!("{prefix}{}", name(&os)), &os, need.orchestrator));
    }
    if need.builds.is_empty() {
        lines.push("# Nothing here tells which Windows that is.".to_owned());
        hosts.push(host(&format!("{prefix}windows"), "", need.orchestrator));
    }
    // Every Kubernetes cluster has Linux nodes: those of its control plane at least.
    if need.orchestrator == Some(Orchestrator::Kubernetes) || need.linux {
        hosts.push(host(&format!("{prefix}linux"), "linux", need.orchestrator));
    }
    lines.extend(hosts.join(&String::new()));
    lines
}

fn about(need: &Need) -> String {
    let windows = number(need.windows, "Windows workload");
    match need.orchestrator {
        Some(Orchestrator::Kubernetes) => {
            format!("# Kubernetes, {windows}. `kubectl get nodes -o wide` tells versions and runtimes.")
        }
        Some(Orchestrator::Swarm) => format!("# Docker Swarm, {windows}. `ver` on a host tells its version."),
        Some(Orchestrator::Docker) => {
            format!("# Docker without an orchestrator, {windows}. `ver` on a host tells its version.")
        }
        None => "# Nothing here tells what runs these images. `ver` on a host tells its version.".to_owned(),
    }
}

fn host(name: &str, os: &str, orchestrator: Option<Orchestrator>) -> Vec<String> {
    let mut lines = vec!["#[[host]]".to_owned(), format!("#name = \"{name}\""), format!("#os = \"{os}\"")];
    lines.extend(orchestrator.map(|it| format!("#orchestrator = \"{}\"", word(it))));
    lines
}

fn word(orchestrator: Orchestrator) -> &'static str {
    match orchestrator {
        Orchestrator::Kubernetes => "kubernetes",
        Orchestrator::Swarm => "swarm",
        Orchestrator::Docker => "docker",
    }
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
