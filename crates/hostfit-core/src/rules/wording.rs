//! What several rules say in the same words.

use std::sync::Arc;

use rustc_hash::FxHashSet;

use crate::{
    finding::{Finding, Message, Severity},
    fleet::HostId,
    judge::{Case, Failing, On},
    model::{Container, ImageId, ImageUse, Orchestrator, Role, Workload, WorkloadId, WorkloadPart},
    phrase,
    rule::Cx,
    source::Span,
    text::Text,
    windows::{
        Build, Os,
        compat::Step,
        image::{Canonical, Proof},
        matcher::Matcher,
    },
};

/// Returns the hosts of `cases` with their versions: "`web` (10.0.20348) and `db` (10.0.26100)", or "hosts of build 10.0.17763"
/// where none is declared.
pub(super) fn hosts(cx: &Cx, cases: &[Case]) -> String {
    if !is_declared(cases) {
        return undeclared_hosts(cases);
    }
    let classes = cases.iter().filter_map(|case| case.on.class());
    cx.host_words(classes, |ids| list(&with_versions(cx, ids))).to_string()
}

/// Returns the same without versions, as headlines have them.
pub(super) fn host_names(cx: &Cx, cases: &[Case]) -> String {
    if is_declared(cases) { host_list(cx, &host_ids(cx, cases)) } else { undeclared_hosts(cases) }
}

fn is_declared(cases: &[Case]) -> bool {
    cases.iter().all(|case| case.on != On::Build)
}

fn undeclared_hosts(cases: &[Case]) -> String {
    let mut builds: Vec<_> = cases.iter().map(|case| case.facts.version).collect();
    let mut seen = FxHashSet::default();
    builds.retain(|build| seen.insert(*build));
    let noun = if builds.len() == 1 { "build" } else { "builds" };
    let builds: Vec<_> = builds.iter().map(ToString::to_string).collect();
    format!("hosts of {noun} {}", list(&builds))
}

/// Returns the names of these Windows hosts with their versions, each once.
fn with_versions(cx: &Cx, ids: &[HostId]) -> Vec<String> {
    let hosts = ids.iter().filter_map(|id| cx.fleet.host(*id));
    let mut named: Vec<_> = hosts.filter_map(|host| Some((host.name.as_str(), host.windows()?))).collect();
    let mut seen = FxHashSet::default();
    named.retain(|it| seen.insert(*it));
    named.into_iter().map(|(name, version)| format!("`{name}` ({version})")).collect()
}

/// The declared hosts of `cases`, each once.
pub(super) fn host_ids(cx: &Cx, cases: &[Case]) -> Arc<[HostId]> {
    cx.hosts(cases.iter().filter_map(|case| case.on.class()))
}

/// What the kubelet says on Windows where `runAsUser` or `fsGroup` has it change the owner of a volume's files
/// (kubernetes/kubernetes#102849).
pub(super) const CHOWN: &str = "`chown …: not supported by windows`";

/// The names of these hosts, as messages list them.
pub(super) fn host_list(cx: &Cx, ids: &[HostId]) -> String {
    let names = ids.iter().filter_map(|id| cx.fleet.host(*id)).map(|host| format!("`{}`", host.name));
    list_of(ids.len(), names)
}

/// Returns `a`, `a and b` or `a, b and c`; of many the first three and how many more.
pub(crate) fn list<T: AsRef<str>>(words: &[T]) -> String {
    list_of(words.len(), words.iter())
}

/// How many words of a list are shown.
const MAX_LISTED: usize = 3;

/// The same of `count` words, of which only those that are shown are made.
pub(super) fn list_of<T: AsRef<str>>(count: usize, words: impl Iterator<Item = T>) -> String {
    let words: Vec<_> = words.take(MAX_LISTED).collect();
    match count.checked_sub(MAX_LISTED) {
        None | Some(0) => phrase::and(&words),
        Some(more) => {
            let words: Vec<_> = words.iter().map(AsRef::as_ref).collect();
            format!("{} and {more} more", words.join(", "))
        }
    }
}

/// `Windows Server 2022 (10.0.20348)`.
pub(super) fn release(cx: &Cx, build: Build) -> String {
    match cx.config.releases.by_build(build) {
        Some(release) => format!("{} ({build})", release.title),
        None => build.to_string(),
    }
}

/// Returns the label of the bytes that decide the image's Windows: "makes the image Windows Server 2022 (10.0.20348)".
pub(super) fn decides(cx: &Cx, case: &Case) -> String {
    let decides = decides_where_built(cx, case);
    match builder(cx, case) {
        Some(builder) => format!("{decides}, where `{builder}` builds it"),
        None => decides,
    }
}

/// The same without the Docker host that builds it.
fn decides_where_built(cx: &Cx, case: &Case) -> String {
    let release = release(cx, case.version.build);
    let is_variant_of = || {
        let (image, base) = (cx.project.image(case.image)?, cx.project.deciding_image(case.image)?);
        Some(&base.text.value).filter(|base| **base != image.text.value)
    };
    match builder(cx, case) {
        Some(_) if case.outcome.is_one_of_several => format!("may make the image {release}"),
        Some(_) => format!("makes the image {release}"),
        None if case.outcome.is_variant => match is_variant_of() {
            Some(base) => format!("the nearest variant of `{base}` is {release}"),
            None => format!("the nearest variant is {release}"),
        },
        None => version_of(cx, case, &release),
    }
}

/// The Docker host that picks the variant of the base by building the image.
fn builder<'r>(cx: &Cx<'r>, case: &Case) -> Option<&'r str> {
    cx.fleet.host(case.outcome.built_on?).map(|host| host.name.as_str())
}

/// Returns what the deciding bytes say of the image's `version`: they are its whole reference or a part of it.
pub(super) fn version_of(cx: &Cx, case: &Case, version: &str) -> String {
    let is_reference = cx.project.image(case.image).is_some_and(|image| image.text.span == case.span);
    if is_reference { format!("is {version}") } else { format!("makes the image {version}") }
}

/// The image reference as messages show it: of an image that the tree builds and does not name, the base that decides.
pub(super) fn reference<'p>(cx: &Cx<'p>, image: ImageId) -> &'p str {
    cx.project.reference(image).unwrap_or("the image")
}

/// Returns notes of what happens at run time to a container that `orchestrator` places, for each kind of failure: "on `win2019`
/// (10.0.17763.6893) the pull fails with `…`". A Dockerfile that nothing deploys has no orchestrator.
pub(super) fn symptoms(cx: &Cx, orchestrator: Option<Orchestrator>, cases: &[Case]) -> Vec<String> {
    let mut kinds: Vec<Vec<(Symptom, Case)>> = Vec::new();
    for case in cases {
        let symptom = Symptom::of(cx, orchestrator, case);
        match kinds.iter_mut().find(|kind| kind.first().is_some_and(|(first, _)| first.is_like(symptom))) {
            Some(kind) => kind.push((symptom, *case)),
            None => kinds.push(vec![(symptom, *case)]),
        }
    }
    let note = |kind: &Vec<(Symptom, Case)>| {
        let (first, _) = kind.first()?;
        let cases = |of: &dyn Fn(&Symptom) -> bool| -> Vec<Case> {
            kind.iter().filter(|(symptom, _)| of(symptom)).map(|(_, case)| *case).collect()
        };
        let (all, same) = (cases(&|_| true), cases(&|symptom| symptom == first));
        // The error names the build of the host that prints it.
        let by = (same.len() < all.len()).then(|| host_names(cx, &same));
        Some(format!("on {} {}", hosts(cx, &all), first.words(orchestrator, by.as_deref())))
    };
    kinds.iter().take(MAX_NOTES).filter_map(note).collect()
}

/// Why equal builds are not enough.
pub(super) const SAME_REVISION: &str = "Windows Server 2016 runs process-isolated only images of its own revision";

/// How many notes a finding has.
pub(super) const MAX_NOTES: usize = 2;

/// How a container fails that a host cannot run.
// facts: containerd/containerd#8348, moby/moby#36327, moby/moby#53397
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Symptom {
    /// The Hyper-V role is missing.
    NoRole,
    /// containerd's matcher accepts no entry of the index.
    NoMatch,
    /// Docker with containerd's image store accepts no entry of the index on this host.
    StoreNoMatch(Build),
    /// Docker drops all entries of the index, which are newer than this host.
    NoManifest(Build),
    /// Docker refuses the image, which is this one, on this host.
    Incompatible(Build, Build),
    /// It is pulled, and Windows refuses to start it.
    DoesNotStart,
}

impl Symptom {
    /// Whether it is the same but for builds.
    fn is_like(self, other: Self) -> bool {
        std::mem::discriminant(&self) == std::mem::discriminant(&other)
    }

    /// What users see; `by` are the hosts that print this error, where others print another one.
    fn words(self, orchestrator: Option<Orchestrator>, by: Option<&str>) -> String {
        let seen = match self {
            Self::NoRole => {
                return "the container does not start because the host lacks the Hyper-V role".into();
            }
            Self::NoMatch => "`no match for platform in manifest: not found`".to_owned(),
            Self::StoreNoMatch(host) => format!("`no matching manifest for windows({host})/amd64`"),
            Self::NoManifest(host) => format!("`no matching manifest for windows/amd64 {host}`"),
            Self::Incompatible(image, host) => {
                format!("`a Windows version {image}-based image is incompatible with a {host} host`")
            }
            Self::DoesNotStart => {
                "`The operating system of the container does not match the operating system of the host. (0xc0370101)`"
                    .to_owned()
            }
        };
        let with = by.map_or_else(|| " with".to_owned(), |by| format!(", on {by} with"));
        match (orchestrator, self) {
            (Some(Orchestrator::Swarm), Self::DoesNotStart) => {
                format!("the service stays at 0/1 with {}", seen.replacen('`', "`starting container failed: … ", 1))
            }
            (Some(Orchestrator::Swarm), _) => format!("the service stays at 0/1{with} {seen}"),
            (Some(Orchestrator::Kubernetes), Self::DoesNotStart) => {
                format!("the pod goes to CrashLoopBackOff with {seen}")
            }
            (_, Self::DoesNotStart) => format!("the container does not start: {seen}"),
            (_, _) => format!("the pull fails{with} {seen}"),
        }
    }

    fn of(cx: &Cx, orchestrator: Option<Orchestrator>, case: &Case) -> Self {
        let (own, host) = (case.version.build, case.facts.version.build);
        let is_kubernetes = orchestrator.map_or(case.facts.kubernetes, |it| it == Orchestrator::Kubernetes);
        // Others pull what was built, which is one image whatever it was built from; Docker pulls what it builds from.
        let is_built = cx.project.decider(case.image) != Some(case.image) || orchestrator.is_none();
        let is_index = || !(is_built && is_kubernetes) && is_index(cx, case.image);
        let is_graphdriver = case.facts.picks_by() == Matcher::Graphdriver;
        match case.step() {
            Some(Step::HypervRole) => Self::NoRole,
            _ if !is_graphdriver && own != host && is_index() => {
                if is_kubernetes || case.facts.containerd {
                    Self::NoMatch
                } else {
                    Self::StoreNoMatch(host)
                }
            }
            Some(Step::NewerThanHost) if !is_graphdriver => Self::DoesNotStart,
            Some(Step::NewerThanHost) if is_index() => Self::NoManifest(host),
            Some(Step::NewerThanHost) => Self::Incompatible(own, host),
            _ => Self::DoesNotStart,
        }
    }
}

fn is_index(cx: &Cx, image: ImageId) -> bool {
    let Some(image) = cx.project.deciding_image(image) else { return false };
    image.identity.variants.is_some() || Canonical::of(&image.text, &image.identity).is_some_and(|it| it.is_index())
}

/// Reports a failing container on the bytes that decide its image's version, with its use as a related place.
pub(super) fn report_failing<'f>(
    cx: &'f mut Cx,
    failing: &Failing,
    cases: &[Case],
    message: Message,
) -> Option<&'f mut Finding> {
    let first = cases.first()?;
    let base = cx.project.deciding_image(first.image).filter(|_| failing.is_certain);
    let message = match (message.label.is_empty(), builder(cx, first).zip(base)) {
        (false, _) => message,
        (true, None) => message.label(decides(cx, first)),
        // Programs get notes, and no labels.
        (true, Some((builder, base))) => {
            let mut message = message.label(decides_where_built(cx, first));
            message.notes.truncate(MAX_NOTES - 1);
            message.note(format!("`{builder}` builds it, and picks its variant of `{}`", base.text.value))
        }
    };
    report_failing_at(cx, failing, cases, first.span, message)
}

/// Reports a failing container at `span`, with the bytes that decide its image's version, the reference they are part
/// of and the container as related places.
pub(super) fn report_failing_at<'f>(
    cx: &'f mut Cx,
    failing: &Failing,
    cases: &[Case],
    span: Span,
    message: Message,
) -> Option<&'f mut Finding> {
    let project = cx.project;
    let subject = *cases.first()?;
    let image = project.image(subject.image)?;
    let by = project.decider(subject.image).unwrap_or(subject.image);
    let decider = project.image(by).unwrap_or(image);
    let used_in = decider.text.used_at(0..decider.text.value.len());
    let locked = registry_evidence(decider);
    let value = reference(cx, subject.image).to_owned();
    let hosts = host_ids(cx, cases);
    let part = failing.workload.map(|workload| workload.part(subject.container));
    let weak = match failing.workload {
        Some(workload) => !workload.is_proven_windows(),
        None => is_unproven(cx, decider),
    };
    let starts_none = failing.workload.and_then(Workload::starts_none);
    let label = (subject.span != span).then(|| decides(cx, &subject));
    let finding = cx.report(span, message);
    finding.image(value).hosts(hosts).decided_by(by);
    if !cases.iter().any(Case::fails) {
        finding.severity = finding.severity.min(Severity::Warning);
    }
    if weak || !failing.is_certain {
        finding.severity(Severity::Info);
    }
    lower_if_none_starts(starts_none, finding);
    if let Some(label) = label {
        finding.related(subject.span, label);
    }
    if let Some(part) = part {
        if !image.text.span.holds(subject.span) {
            finding.related(image.text.span, format!("{} runs it", project.name_of(part)));
        }
        finding.workload(part);
    }
    // A variable's value, from an ARG, a build arg or `.env`, is of use in a reference that stands elsewhere.
    if !used_in.holds(subject.span) && used_in != image.text.span {
        finding.related(used_in, "used here");
    }
    if let Some((at, label)) = locked {
        finding.related(at, label);
    }
    Some(finding)
}

/// Reports what is wrong with an image reference, on the bytes of the value's `range` that decide it. An empty range
/// is something missing: then it stands on the whole reference.
pub(super) fn report_image<'f>(
    cx: &'f mut Cx,
    image: &ImageUse,
    range: std::ops::Range<usize>,
    message: impl Into<Message>,
) -> &'f mut Finding {
    let part = match image.role {
        Role::Container { workload, container } => Some(WorkloadPart { workload, container: Some(container) }),
        Role::Base { .. } | Role::CopiedFrom { .. } => None,
    };
    let locked = registry_evidence(image);
    let finding = report_text(cx, &image.text, range, message);
    finding.image(image.text.value.clone());
    finding.parts.extend(part);
    if let Some((at, label)) = locked {
        finding.related(at, label);
    }
    finding
}

/// The place in the lock file that says what an image is, with the day on which its registry said so.
fn registry_evidence(image: &ImageUse) -> Option<(Span, String)> {
    let locked = image.locked?;
    Some((locked.at, format!("its registry said so on {}", locked.date)))
}

/// The same of the image that decides what `image` is.
pub(super) fn decided_by_registry(cx: &Cx, image: ImageId) -> Option<(Span, String)> {
    registry_evidence(cx.project.deciding_image(image)?)
}

/// Reports at the bytes that decide `range` of a text, or all of it where that is empty, with its use as a related place.
pub(super) fn report_text<'f>(
    cx: &'f mut Cx,
    text: &Text,
    range: std::ops::Range<usize>,
    message: impl Into<Message>,
) -> &'f mut Finding {
    let span = if range.is_empty() { text.place() } else { text.locate(range) };
    let used_at = text.used_at(0..text.value.len());
    let finding = cx.report(span, message);
    if !used_at.holds(span) {
        finding.related(used_at, "used here");
    }
    finding
}

/// The workload that runs this image.
pub(super) fn workload_of<'p>(cx: &Cx<'p>, image: &ImageUse) -> Option<&'p Workload> {
    match image.role {
        Role::Container { workload, .. } => cx.project.workload(workload),
        Role::Base { .. } | Role::CopiedFrom { .. } => None,
    }
}

/// How many containers are looked at for one image; real trees have fewer, and hostile ones end in time.
const MAX_ASKED: usize = 100;

/// The containers of which the same bytes decide what they run. None where there are too many to ask.
pub(super) fn containers_of(cx: &Cx, image: &ImageUse) -> Option<Vec<(WorkloadId, u32)>> {
    let mut containers: Vec<_> = Vec::new();
    for piece in image.text.pieces.iter().filter(|piece| !piece.at.is_nowhere()) {
        let decided = cx.project.decided_by(piece.at);
        if containers.len() + decided.len() > MAX_ASKED {
            return None;
        }
        containers.extend_from_slice(decided);
    }
    containers.sort_unstable();
    containers.dedup();
    Some(containers)
}

/// Whether only a third party's name says that this image is for Windows.
pub(super) fn is_unproven(cx: &Cx, image: &ImageUse) -> bool {
    image.identity.proof == Proof::ThirdPartyName && !is_in_proven_windows(cx, image)
}

/// Whether something better than a third party's name shows that this image is used on Windows.
pub(super) fn is_in_proven_windows(cx: &Cx, image: &ImageUse) -> bool {
    match image.role {
        Role::Container { .. } => workload_of(cx, image).is_some_and(Workload::is_proven_windows),
        Role::Base { build, .. } | Role::CopiedFrom { build, .. } => {
            cx.project.build(build).is_some_and(|build| build.is_proven_windows)
        }
    }
}

/// The Windows builds of the hosts of all fleets where a container of this image surely may land, from the oldest; if
/// there are no such hosts, those that its placement names.
pub(super) fn builds_where_it_lands(image: &ImageUse, cx: &Cx) -> Vec<Build> {
    let Role::Container { workload, .. } = image.role else { return Vec::new() };
    let versions = cx.judgements_of(workload).flat_map(|judgement| judgement.allowed_windows());
    let mut builds: Vec<_> = versions.map(|(_, version)| version.build).collect();
    if builds.is_empty() {
        let named = cx.judgements_of(workload).flat_map(|judgement| judgement.named());
        builds.extend(named.map(|(version, _)| version.build));
    }
    builds.sort_unstable();
    builds.dedup();
    builds
}

/// Where a finding about something missing in a placement stands: on its key, else on the image of the first container
/// concerned.
pub(super) fn absence(workload: &Workload, cx: &Cx) -> Option<Span> {
    workload.placement.anchor().or_else(|| {
        let container = workload.containers.get(first_windows(workload, cx))?;
        let image = container.image.and_then(|image| cx.project.image(image));
        Some(image.map_or(container.span, |image| image.text.span))
    })
}

/// The first container whose image is Windows, else the first.
fn first_windows(workload: &Workload, cx: &Cx) -> usize {
    let windows = |container: &Container| {
        let known = container.image.map(|image| cx.project.image_os(image));
        known.is_some_and(|it| it.known().is_some_and(|(os, _)| os.os == Os::Windows))
    };
    workload.containers.iter().position(windows).unwrap_or(0)
}

/// The build of that container's image.
pub(super) fn first_windows_build(workload: &Workload, cx: &Cx) -> Option<Build> {
    let image = workload.containers.get(first_windows(workload, cx))?.image?;
    let known = cx.project.image_os(image);
    known.known().and_then(|(os, _)| os.version).map(|version| version.build)
}

/// What the JSON names as the workload of a finding about all of it: its first container concerned.
pub(super) fn first_windows_part(workload: &Workload, cx: &Cx) -> WorkloadPart {
    workload.part(first_windows(workload, cx))
}

/// Lowers a finding about a workload of which only a third party's name says that it is Windows.
pub(super) fn unless_proven(workload: &Workload, finding: &mut Finding) {
    if workload.is_windows() && !workload.is_proven_windows() {
        finding.severity(Severity::Info);
    }
    lower_if_none_starts(workload.starts_none(), finding);
}

/// Lowers a finding about containers of which none starts by default; `at` says so.
fn lower_if_none_starts(at: Option<Span>, finding: &mut Finding) {
    if let Some(at) = at {
        finding.severity(Severity::Info).related(at, "no container of it starts by default");
    }
}

/// The reference of the first container's image.
pub(super) fn first_image(workload: &Workload, cx: &Cx) -> Option<String> {
    let image = workload.containers.get(first_windows(workload, cx))?.image?;
    cx.project.image(image).map(|image| image.text.value.clone())
}
