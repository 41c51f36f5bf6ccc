//! Services to workloads.

use rustc_hash::FxHashSet;

use super::{
    build::{Builder, Dockerfile, Request},
    compose::{self, Composes, is_default_name},
    names::Names,
    path::{Files, join},
};
use crate::{
    front::{
        compose::{Build, Service},
        hints::{self, Hints},
    },
    model::{
        BuildId, Container, EvidenceKind, IsolationBy, IsolationSetting, Known, OnWindows, Orchestrator, OsEvidence,
        Placement, Project, Role, Setting, SettingKey, Workload, WorkloadId, platform_os,
    },
    placement::swarm::{Constraint, Subject, SwarmPlacement},
    source::{Span, saturating_u32},
    text::{Origin, Text},
    windows::{Isolation, Os},
};

/// Links the services of one Compose project.
pub(super) struct Linker<'l, 'run> {
    pub(super) files: &'l Files<'run>,
    pub(super) composes: &'l Composes<'run>,
    pub(super) compose: &'l compose::Project<'run>,
    /// The project's number.
    pub(super) number: u32,
}

impl<'run> Linker<'_, 'run> {
    pub(super) fn link(&self, project: &mut Project, builder: &mut Builder<'run>, names: &mut Names) {
        let orchestrator = if self.compose.is_stack { Orchestrator::Swarm } else { Orchestrator::Docker };
        for service in &self.compose.services {
            let id = WorkloadId(saturating_u32(project.workloads.len()));
            let built = service.build.as_ref().and_then(|build| self.build(build, project, builder));
            if let Some(built) = built {
                let tags = service.build.iter().flat_map(|build| &build.tags);
                service.image.iter().chain(tags).for_each(|name| names.add(name, built, self.compose.source));
            }
            let image = image_text(service).map(|text| {
                let image = builder.add_image(project, text, Role::Container { workload: id, container: 0 });
                if let Some(image) = project.images.get_mut(image.0 as usize) {
                    image.built_by = built;
                    image.names_build_result = service.build.is_some();
                }
                image
            });
            let container = Container {
                name: service.name.clone(),
                span: service.name_span,
                image,
                isolation: service.isolation.as_ref().map(|value| Box::new(self.isolation(value))),
                build_isolation: service
                    .build
                    .as_ref()
                    .and_then(|build| build.isolation.as_ref())
                    .map(|value| Box::new(build_isolation(value))),
                host_process: Known::Absent(service.name_span),
                // With an entrypoint, `command` is what that is told.
                platform: service.platform.clone(),
                programs: service.entrypoint.clone().or_else(|| service.command.clone()).unwrap_or_default(),
            };
            let placement = match orchestrator {
                Orchestrator::Swarm => Placement::Swarm(placement(service)),
                Orchestrator::Docker | Orchestrator::Kubernetes => Placement::Anywhere,
            };
            project.workloads.push(Workload {
                id,
                name: format!("service {}", service.name),
                source: service.name_span.source,
                name_span: service.name_span,
                namespace: None,
                orchestrator,
                evidence: evidence(service, &placement),
                containers: vec![container],
                placement,
                depends_on: depends_on(service),
                project: Some(self.number),
                settings: Some(settings(service).into()),
            });
        }
    }

    /// The evaluation of the Dockerfile that `build` names, if it is among the files.
    fn build(&self, build: &Build, project: &mut Project, builder: &mut Builder<'run>) -> Option<BuildId> {
        let dockerfile = match &build.inline {
            Some(inline) => Dockerfile::Inline(inline.clone()),
            None => self.dockerfile(build)?,
        };
        let request = Request {
            args: self.args(build),
            target: build.target.clone(),
            at: Some(build.span),
            ..Request::of(dockerfile)
        };
        Some(builder.build(project, request))
    }

    fn dockerfile(&self, build: &Build) -> Option<Dockerfile<'run>> {
        let (context, written_in) = match &build.context {
            Some(context) => (context.known()?, context.span.source),
            // A file that is given with `-f` over another one leaves the context to that.
            None if !is_default_name(self.files.name(self.compose.source)) => return None,
            None => (".", build.span.source),
        };
        let folder = join(self.compose.folder(self.files, written_in), context)?;
        let name = match &build.dockerfile {
            Some(name) => name.known()?,
            None => "Dockerfile",
        };
        Dockerfile::of(self.files.resolve(&folder, name)?)
    }

    /// Build args. One without a value of its own is taken from `.env`, and is unknown where that does not have it.
    fn args(&self, build: &Build) -> Vec<(String, Text)> {
        let args = build.args.iter().filter_map(|arg| {
            let (name, value) = arg.split()?;
            let at = arg.name.span;
            let value = value.unwrap_or_else(|| {
                let mut value = Text::empty(at);
                match self.compose.env.get(name) {
                    Some(set) => value.push_variable(name, set, at),
                    None => value.push(name, at, at, Origin::Hole(name.to_owned())),
                }
                value
            });
            Some((name.to_owned(), value))
        });
        args.collect()
    }

    fn isolation(&self, value: &Text) -> IsolationSetting {
        let lacking = self.composes.file(value.span.source).and_then(|file| {
            if file.is_v1 {
                return Some("1".to_owned());
            }
            let version = file.version.as_ref()?.known()?.trim();
            lacks_isolation(version).then(|| version.to_owned())
        });
        IsolationSetting { by: IsolationBy::Compose { lacking }, ..build_isolation(value) }
    }
}

/// `build.isolation`, read as any isolation.
fn build_isolation(value: &Text) -> IsolationSetting {
    let mode = value.known().and_then(|mode| match mode.to_ascii_lowercase().as_str() {
        "process" => Some(Isolation::Process),
        "hyperv" => Some(Isolation::Hyperv),
        "default" | "" => Some(Isolation::Default),
        _ => None,
    });
    IsolationSetting { value: value.clone(), mode, by: IsolationBy::Compose { lacking: None } }
}

/// What a service runs: `image`, or a text without a value at `build`. None for a service that has neither.
fn image_text(service: &Service) -> Option<Text> {
    let built = service.build.as_ref().map(|build| Text::empty(build.span));
    service.image.clone().or(built)
}

/// What of a service has other consequences on Windows, or with other services.
fn settings(service: &Service) -> Vec<Setting> {
    let setting = |key, span| Setting {
        key,
        on_windows: OnWindows::Depends,
        is: None,
        span,
        value: span,
        entry: None,
        container: Some(0),
    };
    let profiles = service.has_profiles.then(|| setting(SettingKey::Profiles, service.name_span));
    // `network_mode: service:db` and `container:db`: the network of another container.
    let network = service.network_mode.as_ref().and_then(|mode| {
        let text = mode.known()?;
        let other = text.starts_with("service:") || text.starts_with("container:");
        other.then(|| setting(SettingKey::NetworkOfContainer, mode.place()))
    });
    let count = service.scale.as_ref().or(service.replicas.as_ref());
    let none = count.filter(|count| count.known().is_some_and(|count| count.trim() == "0"));
    let none = none.map(|count| setting(SettingKey::NoReplicas, count.place()));
    profiles.into_iter().chain(network).chain(none).collect()
}

/// Names of services, each once.
fn depends_on(service: &Service) -> Vec<String> {
    let mut seen = FxHashSet::default();
    let known = service.depends_on.iter().filter_map(Text::known);
    known.filter(|name| seen.insert(*name)).map(str::to_owned).collect()
}

/// Whether a schema version has no `isolation` (docker/cli `cli/compose/schema/data`, Compose file reference 2.1):
/// it came with 2.1 and with 3.5.
fn lacks_isolation(version: &str) -> bool {
    let (major, minor) = version.split_once('.').unwrap_or((version, "0"));
    match (major, minor.parse::<u32>()) {
        ("1", _) => true,
        ("2", Ok(minor)) => minor < 1,
        ("3", Ok(minor)) => minor < 5,
        _ => false,
    }
}

fn placement(service: &Service) -> SwarmPlacement {
    SwarmPlacement {
        constraints: service.constraints.iter().cloned().map(Constraint::parse).collect(),
        constraints_key: service.constraints_key,
        places: service.places.clone(),
    }
}

/// What a service itself states of its operating system; its image is asked when all images are known.
fn evidence(service: &Service, placement: &Placement) -> Vec<OsEvidence> {
    let mut evidence = Vec::new();
    if let Some(platform) = &service.platform
        && let Some(os) = platform_os(platform)
    {
        evidence.push(OsEvidence { os, span: platform.place(), kind: EvidenceKind::Platform });
    }
    if let Some(isolation) = &service.isolation {
        let mode = isolation.known().unwrap_or_default();
        if ["process", "hyperv"].iter().any(|it| mode.eq_ignore_ascii_case(it)) {
            let span = isolation.place();
            evidence.push(OsEvidence { os: Os::Windows, span, kind: EvidenceKind::Isolation });
        }
    }
    if let Some(span) = hint(service) {
        evidence.push(OsEvidence { os: Os::Windows, span, kind: EvidenceKind::Hint });
    }
    if let Placement::Swarm(placement) = placement {
        evidence.extend(placement.constraints.iter().filter_map(|constraint| {
            let os = constraint_os(constraint)?;
            let span = constraint.text.place();
            Some(OsEvidence { os, span, kind: EvidenceKind::Constraint })
        }));
    }
    evidence
}

/// What shows the operating system of a service that does not name it. Where a volume comes from says nothing: Docker
/// Desktop mounts folders of Windows into Linux containers.
fn hint(service: &Service) -> Option<Span> {
    let mut hints = Hints::default();
    for volume in &service.volumes {
        hints.note(volume.known().and_then(volume_target).and_then(hints::of_path), volume.place());
    }
    for path in &service.paths {
        hints.note(path.known().and_then(hints::of_path), path.place());
    }
    for program in &service.starts {
        hints.note(program.known().and_then(hints::of_program), program.place());
    }
    hints.windows()
}

/// The path in the container of `SOURCE:TARGET:MODE`, `SOURCE:TARGET` or `TARGET`, as compose-go's `format.ParseVolume`
/// takes it apart: a colon behind a single letter is a drive's.
fn volume_target(volume: &str) -> Option<&str> {
    let mut fields = Vec::new();
    let mut start = 0;
    for (at, _) in volume.match_indices(':') {
        let field = volume.get(start..at)?;
        if field.len() == 1 && field.starts_with(|drive: char| drive.is_ascii_alphabetic()) {
            continue;
        }
        fields.push(field);
        start = at + 1;
    }
    fields.push(volume.get(start..)?);
    fields.get(1).or(fields.first()).copied()
}

/// Labels by which people tell Windows nodes from Linux ones.
const OS_LABELS: &[&str] = &["os", "ostype", "os_type", "os-type", "os.type", "platform"];

fn constraint_os(constraint: &Constraint) -> Option<Os> {
    let expression = constraint.parsed.as_ref().ok()?;
    let named = match expression.value.to_ascii_lowercase().as_str() {
        "windows" => Os::Windows,
        "linux" => Os::Linux,
        _ => return None,
    };
    match expression.subject() {
        Subject::Os => {}
        Subject::NodeLabel(name) | Subject::EngineLabel(name)
            // A label that is not there is not equal to anything: `!=` proves nothing.
            if expression.equal && OS_LABELS.iter().any(|it| name.eq_ignore_ascii_case(it)) => {}
        _ => return None,
    }
    Some(match (named, expression.equal) {
        (os, true) => os,
        (Os::Windows, false) => Os::Linux,
        (Os::Linux, false) => Os::Windows,
    })
}
