//! Whole trees, in memory, through `link`.

use super::link;
use crate::{
    config::{BuildArg, Config},
    fleet::{Host, HostOs},
    front::{Content, Unit, bake, compose, dockerfile, env},
    model::{Container, EvidenceKind, IsolationBy, Known, Orchestrator, Placement, Project, Role, Workload},
    source::{Source, SourceId, Sources, Span},
    syntax::yaml::Tree,
    windows::{Isolation, Os},
};

mod merged;

struct Linked {
    sources: Sources,
    project: Project,
}

fn linked_with(config: &Config, files: &[(&str, &str)]) -> Linked {
    let sources: Vec<_> =
        files.iter().zip(0..).map(|((path, text), number)| Source::from_text(SourceId(number), *path, *text)).collect();
    let units: Vec<_> = sources
        .iter()
        .map(|source| {
            let name = source.path.rsplit('/').next().unwrap_or_default();
            let content = match name.rsplit('.').next() {
                Some("env" | "vars") => Content::Env(env::File::read(source)),
                Some("hcl") => Content::Bake(bake::File::read(source).0),
                Some("yml" | "yaml") => Content::Compose(compose::File::read(source, &Tree::parse(source))),
                _ => Content::Dockerfile(dockerfile::File::read(source).0),
            };
            Unit { source: source.id, content, errors: Vec::new(), comments: Vec::new() }
        })
        .collect();
    let sources = Sources::new(sources);
    let project = link(&sources, &units, config);
    Linked { sources, project }
}

fn linked(files: &[(&str, &str)]) -> Linked {
    linked_with(&Config::default(), files)
}

impl Linked {
    fn workload(&self, name: &str) -> &Workload {
        let name = format!("service {name}");
        let mut found = self.project.workloads.iter().filter(|workload| workload.name == name);
        let workload = found.next().unwrap_or_else(|| panic!("no {name}"));
        assert!(found.next().is_none(), "{name} is there twice");
        workload
    }

    fn container(&self, name: &str) -> &Container {
        &self.workload(name).containers[0]
    }

    /// The image of a service: `name`, and `<- base` of the final stage of what builds it.
    fn image(&self, name: &str) -> String {
        self.image_of(self.container(name))
    }

    fn image_of(&self, container: &Container) -> String {
        let Some(id) = container.image else { return "none".into() };
        let image = self.project.image(id).expect("there");
        let Some(build) = image.built_by else { return image.text.value.clone() };
        let base = self.project.build(build).and_then(|build| self.project.image(build.base_image()?));
        format!("{} <- {}", image.text.value, base.map_or("nothing", |base| &base.text.value))
    }

    fn names(&self) -> Vec<&str> {
        self.project.workloads.iter().filter_map(|workload| workload.name.strip_prefix("service ")).collect()
    }

    /// `path:text` of a span.
    fn place(&self, span: Span) -> String {
        let path = self.sources.get(span.source).map_or("?", |source| &source.path);
        format!("{path}:{}", self.sources.slice(span))
    }
}

const CORE: &str = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\n";

#[test]
fn build_is_followed_into_the_dockerfile() {
    for (compose, path) in [
        ("services: {web: {build: .}}", "app/Dockerfile"),
        ("services: {web: {build: ./web}}", "app/web/Dockerfile"),
        ("services: {web: {build: {context: ..\\Web}}}", "web/dockerfile"),
        ("services: {web: {build: {context: .., dockerfile: docker/Web.Dockerfile}}}", "docker/Web.Dockerfile"),
        ("services: {web: {build: {dockerfile: Dockerfile.win}}}", "app/Dockerfile.win"),
        ("web: {build: ./web}", "app/web/Dockerfile"),
        ("web: {build: ., dockerfile: Dockerfile.v1}", "app/Dockerfile.v1"),
        ("services: {web: {build: '${DIR:-web}'}}", "app/web/Dockerfile"),
    ] {
        let linked = linked(&[("app/docker-compose.yml", compose), (path, CORE)]);
        assert_eq!(linked.image("web"), " <- mcr.microsoft.com/windows/servercore:ltsc2022", "{compose}");
        assert_eq!(linked.project.builds.len(), 1);
        let build = &linked.project.builds[0];
        assert!(build.used);
        assert_eq!(build.built_at.len(), 1);
        let image = linked.project.image(linked.container("web").image.expect("built")).expect("there");
        assert!(!image.is_named() && !image.is_pulled());
    }
}

#[test]
fn contexts_outside_the_tree_are_not_followed() {
    for context in ["https://github.com/a/b.git", "git@github.com:a/b.git", "/srv/web", "C:\\web", "../../..", "${DIR}"]
    {
        let compose = format!("services: {{web: {{build: '{context}'}}}}");
        let linked = linked(&[("app/docker-compose.yml", &compose), ("Dockerfile", CORE)]);
        assert_eq!(linked.image("web"), "", "{context}");
        assert!(!linked.project.builds[0].used);
    }
}

#[test]
fn args_come_from_compose_then_env_then_the_configuration() {
    let dockerfile = "ARG TAG=default\nFROM core:${TAG}\n";
    for (args, expected) in [
        ("{TAG: mapped}", "core:mapped"),
        ("[TAG=listed]", "core:listed"),
        ("[TAG]", "core:fromenv"),
        ("{TAG: }", "core:fromenv"),
        ("{TAG: '${TAG}'}", "core:fromenv"),
        ("{TAG: '${UNSET:-fallback}'}", "core:fallback"),
        ("{OTHER: x}", "core:default"),
        ("[]", "core:default"),
    ] {
        let compose = format!("services: {{web: {{build: {{args: {args}}}}}}}");
        let files = [("docker-compose.yml", compose.as_str()), ("Dockerfile", dockerfile), (".env", "TAG=fromenv\n")];
        assert_eq!(linked(&files).image("web"), format!(" <- {expected}"), "{args}");
    }
}

#[test]
fn an_arg_without_a_value_anywhere_is_unknown_unless_the_configuration_has_one() {
    let files = [
        ("docker-compose.yml", "services: {web: {build: {args: [TAG]}}}"),
        ("Dockerfile", "ARG TAG=default\nFROM core:${TAG}\n"),
    ];
    let unknown = linked(&files);
    assert_eq!(unknown.project.images[0].text.known(), None);
    let arg = |value: &str| BuildArg { name: "TAG".into(), value: value.into(), span: None };
    let config = Config { build_args: vec![arg("line"), arg("file")], ..Config::default() };
    assert_eq!(linked_with(&config, &files).image("web"), " <- core:line");
    let set = [("docker-compose.yml", "services: {web: {build: {args: [TAG=own]}}}"), files[1]];
    assert_eq!(linked_with(&config, &set).image("web"), " <- core:own");
}

#[test]
fn a_value_from_env_stands_in_the_env_file() {
    let linked =
        linked(&[("docker-compose.yml", "services: {web: {image: 'core:${TAG}'}}"), (".env", "TAG=ltsc2019\n")]);
    let image = &linked.project.images[0];
    assert_eq!(linked.place(image.text.locate(5..13)), ".env:ltsc2019");
    assert_eq!(linked.place(image.text.used_at(5..13)), "docker-compose.yml:${TAG}");
}

#[test]
fn equal_builds_are_evaluated_once() {
    let linked = linked(&[
        ("docker-compose.yml", "services: {a: {build: .}, b: {build: .}, c: {build: {target: one}}}"),
        ("Dockerfile", "FROM x:1 AS one\nFROM y:1\n"),
    ]);
    assert_eq!(linked.project.builds.len(), 2);
    assert_eq!(linked.project.builds[0].built_at.len(), 2);
    assert_eq!([linked.image("a"), linked.image("b"), linked.image("c")], [" <- y:1", " <- y:1", " <- x:1"]);
}

#[test]
fn a_dockerfile_nobody_builds_is_evaluated_with_the_configurations_args() {
    let config = Config {
        build_args: vec![BuildArg { name: "TAG".into(), value: "1809".into(), span: None }],
        ..Config::default()
    };
    let linked = linked_with(&config, &[("Dockerfile", "ARG TAG\nFROM core:${TAG}\n")]);
    assert_eq!(linked.project.images[0].text.known(), Some("core:1809"));
    let build = &linked.project.builds[0];
    assert!(!build.used && build.built_at.is_empty());
    assert!(matches!(linked.project.images[0].role, Role::Base { .. }));
}

#[test]
fn inline_dockerfiles_have_their_bytes_in_the_compose_file() {
    let text = "services:\n  web:\n    build:\n      dockerfile_inline: |\n        ARG TAG=1809\n        FROM core:$${TAG} AS one\n        RUN <<EOF\n        FROM not:this\n        EOF\n        FROM other:${V:-2}\n";
    let linked = linked(&[("compose.yaml", text)]);
    let build = &linked.project.builds[0];
    let texts: Vec<_> = linked.project.images.iter().map(|image| image.text.value.as_str()).collect();
    assert_eq!(texts, ["core:1809", "other:2", ""]);
    let first = &linked.project.images[0].text;
    assert_eq!(linked.place(first.locate(5..9)), "compose.yaml:1809");
    assert_eq!(linked.place(build.stages[0].span), "compose.yaml:FROM core:$${TAG} AS one");
    let second = &linked.project.images[1].text;
    assert_eq!(linked.place(second.locate(0..5)), "compose.yaml:other");
    assert_eq!(linked.place(second.locate(6..7)), "compose.yaml:2");
    assert_eq!(linked.image("web"), " <- other:2");
}

#[test]
fn override_files_join_their_base_by_composes_rules() {
    let linked = linked(&[
        (
            "docker-compose.yml",
            "services: {web: {image: a:1, build: {context: ., args: {A: 1, B: 1}}, isolation: process, depends_on: [db]}, db: {image: db:1}}",
        ),
        (
            "docker-compose.override.yml",
            "services: {web: {build: {args: [B=2], dockerfile: Dockerfile.o}, isolation: hyperv, depends_on: {cache: {}}}, cache: {image: c:1}}",
        ),
        ("Dockerfile.o", "ARG A\nARG B\nFROM x:$A-$B\n"),
        ("docker-compose.prod.yml", "services: {web2: {ports: ['80:80']}}"),
    ]);
    assert_eq!(linked.names(), ["web", "db", "cache", "web2"]);
    assert_eq!(linked.image("web"), "a:1 <- x:1-2");
    let container = linked.container("web");
    assert_eq!(container.isolation.as_ref().and_then(|it| it.mode), Some(Isolation::Hyperv));
    assert_eq!(linked.workload("web").depends_on, ["db", "cache"]);
    assert_eq!(linked.workload("web").project, linked.workload("cache").project);
    // An overlay that is given with `-f` is a project of its own, and says nothing of an image.
    assert_eq!(linked.image("web2"), "none");
    assert_ne!(linked.workload("web2").project, linked.workload("web").project);
}

#[test]
fn files_of_one_folder_are_projects_of_their_own() {
    let linked = linked(&[
        ("docker-compose.yml", "services: {a: {image: a:1}}"),
        ("docker-compose.windows.yml", "services: {b: {image: b:1}}"),
        ("compose/compose.override.yaml", "services: {c: {image: c:1}}"),
    ]);
    let projects: Vec<_> = linked.project.workloads.iter().map(|workload| workload.project).collect();
    assert_eq!(projects, [Some(0), Some(1), Some(2)]);
}

#[test]
fn extends_takes_over_what_the_service_does_not_say() {
    let linked = linked(&[
        (
            "docker-compose.yml",
            "services:\n  web: {extends: {file: common/base.yml, service: app}, isolation: process}\n  api: {extends: web, image: api:1}\n  gone: {extends: {file: missing.yml, service: app}}\n  loop: {extends: loop}\n",
        ),
        ("common/base.yml", "services: {app: {extends: root, build: ./app}, root: {isolation: hyperv, image: base:1}}"),
        ("common/app/Dockerfile", "FROM x:1\n"),
    ]);
    assert_eq!(linked.image("web"), "base:1 <- x:1");
    assert_eq!(linked.image("api"), "api:1 <- x:1");
    assert_eq!(linked.image("gone"), "none");
    let mode = |name| linked.container(name).isolation.as_ref().and_then(|it| it.mode);
    assert_eq!(mode("web"), Some(Isolation::Process));
    assert_eq!(mode("root"), Some(Isolation::Hyperv));
    // `app` is written to be extended, and seen where it is.
    assert_eq!(linked.names(), ["web", "api", "gone", "loop", "root"]);
}

#[test]
fn included_files_join_the_project() {
    let linked = linked(&[
        (
            "compose.yaml",
            "include:\n  - db/compose.yaml\n  - path: [infra/a.yaml, infra/a.over.yaml]\n    env_file: infra/x.env\n  - missing.yaml\nservices: {web: {image: 'web:${TAG}', depends_on: [db]}}",
        ),
        (".env", "TAG=top\n"),
        ("db/compose.yaml", "services: {db: {image: 'db:${TAG}-${OWN}', build: .}}"),
        ("db/.env", "TAG=low\nOWN=own\n"),
        ("db/Dockerfile", "FROM x:1\n"),
        ("infra/a.yaml", "services: {cache: {image: 'c:${OWN}'}}"),
        ("infra/a.over.yaml", "services: {cache: {isolation: hyperv}}"),
        ("infra/x.env", "OWN=infra\n"),
    ]);
    assert_eq!(linked.names(), ["web", "db", "cache"]);
    assert_eq!(linked.image("web"), "web:top");
    assert_eq!(linked.image("db"), "db:top-own <- x:1");
    assert_eq!(linked.image("cache"), "c:infra");
    assert!(linked.container("cache").isolation.is_some());
    assert!(linked.project.workloads.iter().all(|workload| workload.project == Some(0)));
}

#[test]
fn files_that_include_each_other_are_read_once() {
    let linked = linked(&[
        ("a.yaml", "include: [b.yaml]\nservices: {a: {image: a:1}}"),
        ("b.yaml", "include: [a.yaml]\nservices: {b: {image: b:1}}"),
    ]);
    assert_eq!(linked.names(), ["a", "b"]);
}

#[test]
fn a_file_is_a_stack_when_a_service_or_the_fleet_says_so() {
    let host = |orchestrator| Host::bare("h", HostOs::Linux, orchestrator);
    for (service, hosts, expected) in [
        ("{image: a:1}", vec![], Orchestrator::Docker),
        ("{image: a:1, deploy: {resources: {}}}", vec![], Orchestrator::Docker),
        ("{image: a:1, deploy: {mode: global}}", vec![], Orchestrator::Swarm),
        ("{image: a:1, deploy: {replicas: 2}}", vec![], Orchestrator::Docker),
        ("{image: a:1, deploy: {replicas: 2}}", vec![host(Some(Orchestrator::Swarm))], Orchestrator::Swarm),
        ("{image: a:1, deploy: {placement: {constraints: []}}}", vec![], Orchestrator::Swarm),
        ("{image: a:1}", vec![host(Some(Orchestrator::Swarm))], Orchestrator::Swarm),
        ("{image: a:1}", vec![host(Some(Orchestrator::Swarm)), host(Some(Orchestrator::Docker))], Orchestrator::Docker),
        ("{image: a:1}", vec![host(None)], Orchestrator::Docker),
        ("{image: a:1}", vec![host(Some(Orchestrator::Kubernetes))], Orchestrator::Docker),
    ] {
        let mut config = Config::default();
        config.fleet.hosts = hosts;
        let linked = linked_with(&config, &[("compose.yaml", &format!("services: {{a: {service}}}"))]);
        let workload = linked.workload("a");
        assert_eq!(workload.orchestrator, expected, "{service}");
        assert_eq!(matches!(workload.placement, Placement::Swarm(_)), expected == Orchestrator::Swarm);
    }
}

#[test]
fn constraints_keep_their_place() {
    let linked = linked(&[(
        "stack.yml",
        "services:\n  a:\n    image: a:1\n    deploy:\n      placement:\n        constraints: ['node.labels.os==${OS:-windows}', node.role = manager]\n",
    )]);
    let Placement::Swarm(placement) = &linked.workload("a").placement else { panic!("a stack") };
    assert_eq!(placement.constraints_key.map(|key| linked.place(key)), Some("stack.yml:constraints".into()));
    let first = &placement.constraints[0];
    let expression = first.parsed.as_ref().expect("good");
    assert_eq!(linked.place(first.text.locate(expression.value_at.clone())), "stack.yml:windows");
    assert!(placement.constraints[1].parsed.is_err());
}

#[test]
fn what_a_service_states_of_its_operating_system_is_evidence() {
    for (service, expected) in [
        ("{image: a:1, platform: windows/amd64}", Some((Os::Windows, EvidenceKind::Platform))),
        ("{image: a:1, platform: linux}", Some((Os::Linux, EvidenceKind::Platform))),
        ("{image: a:1, platform: '${P}/amd64'}", None),
        ("{image: a:1, platform: '${P:-windows}/amd64'}", Some((Os::Windows, EvidenceKind::Platform))),
        ("{image: a:1, isolation: HyperV}", Some((Os::Windows, EvidenceKind::Isolation))),
        ("{image: a:1, isolation: default}", None),
        ("{image: a:1, isolation: '${ISOLATION}'}", None),
        (
            "{image: a:1, deploy: {placement: {constraints: [node.platform.os == windows]}}}",
            Some((Os::Windows, EvidenceKind::Constraint)),
        ),
        (
            "{image: a:1, deploy: {placement: {constraints: [node.platform.os != windows]}}}",
            Some((Os::Linux, EvidenceKind::Constraint)),
        ),
        (
            "{image: a:1, deploy: {placement: {constraints: [node.labels.OS == Windows]}}}",
            Some((Os::Windows, EvidenceKind::Constraint)),
        ),
        ("{image: a:1, deploy: {placement: {constraints: [node.labels.os != windows]}}}", None),
        ("{image: a:1, deploy: {placement: {constraints: [node.labels.tier == windows]}}}", None),
        (r"{image: a:1, volumes: ['C:\data:C:\data:ro']}", Some((Os::Windows, EvidenceKind::Hint))),
        (r"{image: a:1, volumes: ['data:D:/data']}", Some((Os::Windows, EvidenceKind::Hint))),
        (r"{image: a:1, volumes: ['C:\data']}", Some((Os::Windows, EvidenceKind::Hint))),
        (
            r"{image: a:1, volumes: ['\\.\pipe\docker_engine:\\.\pipe\docker_engine']}",
            Some((Os::Windows, EvidenceKind::Hint)),
        ),
        (
            r"{image: a:1, volumes: [{type: bind, source: ., target: 'C:\data'}]}",
            Some((Os::Windows, EvidenceKind::Hint)),
        ),
        (r"{image: a:1, secrets: [{source: s, target: 'C:\s'}]}", Some((Os::Windows, EvidenceKind::Hint))),
        (r"{image: a:1, working_dir: 'C:\site'}", Some((Os::Windows, EvidenceKind::Hint))),
        (r"{image: a:1, working_dir: 'C:\site', platform: linux}", Some((Os::Linux, EvidenceKind::Platform))),
        (r"{image: a:1, working_dir: 'C:\site', entrypoint: /bin/run.sh --now}", None),
        (r"{image: a:1, volumes: ['C:\data:/data']}", None),
        (r"{image: a:1, volumes: ['C:\data:/data:ro', 'C:/x:C:/x']}", None),
        (r"{image: a:1, volumes: ['//var/run/docker.sock:/var/run/docker.sock']}", None),
        (r"{image: a:1, volumes: [{type: bind, source: 'C:\data', target: /data}]}", None),
        (r"{image: a:1, environment: ['TOOLS=C:\tools'], labels: [windows], hostname: windows}", None),
    ] {
        let linked = linked(&[("compose.yaml", &format!("services: {{a: {service}}}"))]);
        let evidence = linked.workload("a").evidence.first().map(|evidence| (evidence.os, evidence.kind));
        assert_eq!(evidence, expected, "{service}");
    }
}

#[test]
fn a_dockerfile_that_nobody_knows_the_base_of_hints_at_its_system() {
    for (lines, expected) in [
        ("SHELL [\"powershell\", \"-Command\"]", true),
        ("SHELL [\"cmd\", \"/S\", \"/C\"]\nWORKDIR /app", true),
        ("WORKDIR C:\\app", true),
        ("COPY a b C:/a/", true),
        ("COPY [\"a\", \"C:/Program Files/a\"]", true),
        ("VOLUME D:/data", true),
        ("SHELL [\"pwsh\", \"-Command\"]", false),
        ("SHELL [\"/bin/bash\", \"-c\"]\nWORKDIR C:/app", false),
        ("RUN apt-get update\nENV A=1\nWORKDIR C:/app", false),
        ("COPY C:/a /app", false),
        ("ENV TOOLS=C:/tools\nLABEL os=windows\nRUN C:/a.exe", false),
        ("WORKDIR C:/app\nFROM base", true),
        ("WORKDIR C:/app\nFROM base\nRUN chmod +x /app/a", false),
        ("WORKDIR C:/app\nFROM other:1", false),
    ] {
        let dockerfile = format!("FROM contoso/a:1 AS base\n{lines}\n");
        let linked = linked(&[("compose.yaml", "services: {a: {build: .}}"), ("Dockerfile", &dockerfile)]);
        let found = &linked.workload("a").evidence;
        let kinds: Vec<_> = found.iter().map(|it| (it.os, it.kind)).collect();
        assert_eq!(kinds == [(Os::Windows, EvidenceKind::Hint)], expected, "{lines} {kinds:?}");
        assert!(!linked.workload("a").is_proven_windows());
    }
    let known =
        linked(&[("compose.yaml", "services: {a: {build: .}}"), ("Dockerfile", "FROM alpine:3.20\nWORKDIR C:/app\n")]);
    assert_eq!(
        known.workload("a").evidence.iter().map(|it| (it.os, it.kind)).collect::<Vec<_>>(),
        [(Os::Linux, EvidenceKind::Image)]
    );
}

#[test]
fn isolation_is_lacking_in_old_schemas_alone() {
    for (head, expected) in [
        ("", None),
        ("version: '3.8'\n", None),
        ("version: '3.5'\n", None),
        ("version: '3.4'\n", Some("3.4")),
        ("version: 3\n", Some("3")),
        ("version: '2'\n", Some("2")),
        ("version: '2.0'\n", Some("2.0")),
        ("version: '2.1'\n", None),
        ("version: '${V}'\n", None),
    ] {
        let text = format!("{head}services: {{a: {{image: a:1, isolation: hyperv}}}}");
        let linked = linked(&[("docker-compose.yml", &text)]);
        let by = linked.container("a").isolation.as_ref().map(|isolation| isolation.by.clone());
        assert_eq!(by, Some(IsolationBy::Compose { lacking: expected.map(str::to_owned) }), "{head}");
    }
    let linked = linked(&[("docker-compose.yml", "a: {image: a:1, isolation: hyperv}")]);
    let by = linked.container("a").isolation.as_ref().map(|isolation| isolation.by.clone());
    assert_eq!(by, Some(IsolationBy::Compose { lacking: Some("1".into()) }));
}

#[test]
fn a_name_that_the_tree_builds_is_followed() {
    let linked = linked(&[
        ("build/compose.yaml", "services: {base: {build: ., image: contoso/base}}"),
        ("build/Dockerfile", "FROM x:1\n"),
        ("run/compose.yaml", "services: {run: {image: 'contoso/base:latest'}, other: {image: contoso/base:2}}"),
        ("app/Dockerfile", "FROM contoso/base:latest\n"),
        ("bake/docker-bake.hcl", "target \"web\" { \n context = \"../web\"\n tags = [\"contoso/web:1\"]\n}"),
        ("web/Dockerfile", "FROM w:1\n"),
        ("web/compose.yaml", "services: {web: {image: 'contoso/web:1'}}"),
    ]);
    assert_eq!(linked.image("run"), "contoso/base:latest <- x:1");
    assert_eq!(linked.image("other"), "contoso/base:2");
    assert_eq!(linked.image("web"), "contoso/web:1 <- w:1");
    let from = linked.project.images.iter().find(|image| image.text.value == "contoso/base:latest");
    assert!(from.is_some_and(|image| image.built_by.is_some() && !image.is_pulled()));
}

#[test]
fn of_two_builders_of_a_name_the_nearer_counts() {
    let linked = linked(&[
        ("a/compose.yaml", "services: {a: {build: ., image: app:1}, user-a: {image: app:1}}"),
        ("a/Dockerfile", "FROM a:1\n"),
        ("b/compose.yaml", "services: {b: {build: ., image: app:1}}"),
        ("b/Dockerfile", "FROM b:1\n"),
        ("b/more.yaml", "services: {user-b: {image: app:1}}"),
        ("c/compose.yaml", "services: {user-c: {image: app:1}}"),
    ]);
    assert_eq!(linked.image("user-a"), "app:1 <- a:1");
    assert_eq!(linked.image("user-b"), "app:1 <- b:1");
    assert_eq!(linked.image("user-c"), "app:1");
}

#[test]
fn an_image_built_from_itself_ends() {
    let linked = linked(&[
        ("compose.yaml", "services: {a: {build: ., image: 'x:1'}, b: {build: b, image: 'y:1'}}"),
        ("Dockerfile", "FROM y:1\n"),
        ("b/Dockerfile", "FROM x:1\n"),
    ]);
    for image in 0..linked.project.images.len() {
        let id = crate::model::ImageId(u32::try_from(image).expect("small"));
        assert_eq!(linked.project.image_os(id).known(), None);
    }
}

/// `os version @ place (kind of evidence)` of a service's image.
fn os(linked: &Linked, name: &str) -> String {
    let workload = linked.workload(name);
    let id = workload.containers[0].image.expect("an image");
    match linked.project.image_os(id) {
        Known::Unresolved(span, missing) => format!("{missing} @ {}", linked.place(span)),
        Known::Absent(span) => format!("absent @ {}", linked.place(span)),
        Known::Stated(os, span) | Known::Inferred(os, span) => {
            let version = os.version.map(|version| format!(" {version}")).unwrap_or_default();
            let kind = workload.evidence.last().map(|evidence| evidence.kind);
            format!("{:?}{version} @ {} ({kind:?})", os.os, linked.place(span))
        }
    }
}

#[test]
fn what_an_image_is_stands_where_it_is_decided() {
    let core = "mcr.microsoft.com/windows/servercore";
    for (service, dockerfile, expected) in [
        ("{image: CORE:ltsc2022}", "", "Windows 10.0.20348 @ compose.yaml:ltsc2022 (Some(Image))"),
        ("{build: .}", "FROM CORE:ltsc2019", "Windows 10.0.17763 @ Dockerfile:ltsc2019 (Some(Image))"),
        ("{build: ., image: a:1}", "FROM CORE:1809", "Windows 10.0.17763 @ Dockerfile:1809 (Some(Image))"),
        (
            "{build: .}",
            "FROM CORE:ltsc2022 AS a\nFROM a AS b\nFROM b",
            "Windows 10.0.20348 @ Dockerfile:ltsc2022 (Some(Image))",
        ),
        (
            "{build: {args: {TAG: ltsc2022}}}",
            "ARG TAG=1809\nFROM CORE:${TAG}",
            "Windows 10.0.20348 @ compose.yaml:ltsc2022 (Some(Image))",
        ),
        (
            "{build: {args: [TAG]}}",
            "ARG TAG\nFROM contoso/a:${TAG}",
            "TAG has no value the files tell @ Dockerfile:contoso/a:${TAG}",
        ),
        ("{image: 'contoso/a:${TAG}'}", "", "TAG has no value the files tell @ compose.yaml:contoso/a:${TAG}"),
        ("{image: contoso/a}", "", "absent @ compose.yaml:contoso/a"),
        ("{image: 'contoso/a:5-ltsc2022'}", "", "Windows 10.0.20348 @ compose.yaml:ltsc2022 (Some(ThirdPartyName))"),
        ("{build: gone}", "", "its Dockerfile is not among the files looked at @ compose.yaml:gone"),
        ("{build: {target: no}}", "FROM x:1", "its Dockerfile has no such stage @ compose.yaml:{target: no}"),
        ("{build: .}", "FROM scratch", "absent @ compose.yaml:."),
        ("{build: .}", "FROM --platform=windows/amd64 contoso/a:1", "Windows @ Dockerfile:windows/amd64 (Some(Image))"),
        // The name is asked where the Dockerfile does not tell.
        (
            "{build: ., image: 'a:ltsc2022'}",
            "FROM contoso/a:1",
            "Windows 10.0.20348 @ compose.yaml:ltsc2022 (Some(ThirdPartyName))",
        ),
    ] {
        let text = format!("services: {{a: {}}}", service.replace("CORE", core));
        let dockerfile = dockerfile.replace("CORE", core);
        let linked = linked(&[("compose.yaml", &text), ("Dockerfile", &dockerfile)]);
        assert_eq!(os(&linked, "a"), expected, "{service} {dockerfile}");
    }
}

#[test]
fn services_are_found_under_anchors_and_merges() {
    let text = "x-app: &app\n  image: app:1\n  isolation: process\nservices:\n  x-not: {image: no:1}\n  a:\n    <<: *app\n  b: *app\n";
    let linked = linked(&[("compose.yaml", text)]);
    assert_eq!(linked.names(), ["a", "b"]);
    assert_eq!([linked.image("a"), linked.image("b")], ["app:1", "app:1"]);
}

#[test]
fn version_1_has_its_services_at_the_top() {
    let text = "web:\n  build: .\n  links: ['db:database']\n  net: 'container:cache'\ndb: {image: db:1}\ncache: {image: c:1}\nx-common: {image: no:1}\n";
    let old = linked(&[("docker-compose.yml", text)]);
    assert_eq!(old.names(), ["web", "db", "cache"]);
    assert_eq!(old.workload("web").depends_on, ["db", "cache"]);
    // A file with a version and no services is no version 1 file.
    let empty = linked(&[("docker-compose.yml", "version: '3'\nvolumes: {image: {}}\n")]);
    assert!(empty.names().is_empty());
}

#[test]
fn wrong_shapes_are_passed_over() {
    for text in [
        "",
        "[]",
        "services:",
        "services: []",
        "services: {a: , b: text, c: [1], d: {image: {}, build: [], deploy: 1, depends_on: 1, extends: []}}",
        "services: {a: {deploy: {placement: {constraints: node.role==manager}}, build: {args: text, platforms: 1}}}",
        "include: {path: 1}\nservices: {a: {image: 1.0}}",
        "include: x\nextends: y",
    ] {
        linked(&[("compose.yaml", text)]);
    }
}

/// The configuration of `text`, which is not among the files.
fn configured(text: &str) -> Config {
    let source = Source::from_text(SourceId(9), "hostfit.toml", text);
    Config::parse(&source, &[]).expect("a configuration")
}

#[test]
fn an_image_that_ci_builds_is_what_its_dockerfile_makes() {
    let config = configured(
        "[build-args]\nFAMILY = \"servercore\"\n[images]\n\"contoso/worker:*\" = { dockerfile = \"src/worker/Dockerfile\", target = \
         \"final\", build-args = { VERSION = \"ltsc2025\" } }\n\"contoso/gone:*\" = { dockerfile = \"gone/Dockerfile\" }\n",
    );
    let dockerfile = "ARG FAMILY=nanoserver\nARG VERSION=ltsc2022\nFROM mcr.microsoft.com/windows/${FAMILY}:${VERSION} AS final\nFROM \
                      contoso/worker:cache\n";
    let compose = "services:\n  a: {image: 'contoso/worker:1-ltsc2019'}\n  b: {image: 'contoso/gone:1-ltsc2019'}\n  c: {image: \
                   'contoso/worker:2', build: own}\n";
    let linked = linked_with(
        &config,
        &[
            ("src/worker/Dockerfile", dockerfile),
            ("compose.yaml", compose),
            ("own/Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2016\n"),
        ],
    );
    assert_eq!(linked.image("a"), "contoso/worker:1-ltsc2019 <- mcr.microsoft.com/windows/servercore:ltsc2025");
    let os = |name: &str| linked.project.image_os(linked.container(name).image.expect("an image"));
    let (known, at) = os("a").known().map(|(os, at)| (*os, at)).expect("known");
    assert_eq!(known.version.expect("a version").build.0, 26100);
    assert_eq!(at.source, SourceId(9), "the build arg decides");
    // What is not read says so, whatever the name says.
    assert_eq!(
        os("b"),
        Known::Unresolved(
            linked.project.image(linked.container("b").image.expect("an image")).expect("there").text.span,
            "the Dockerfile that `[images]` names is not among the files looked at".to_owned()
        )
    );
    // The place that builds an image itself is nearer.
    assert_eq!(linked.image("c"), "contoso/worker:2 <- mcr.microsoft.com/windows/servercore:ltsc2016");
    // The Dockerfile is evaluated as CI builds it, and not once more; what it starts from was there before.
    let builds: Vec<_> = linked.project.builds.iter().filter(|build| build.source == SourceId(0)).collect();
    assert_eq!(builds.len(), 1);
    assert!(builds[0].used && builds[0].built_at.is_empty());
    let cache = linked.project.images.iter().find(|image| image.text.value.ends_with(":cache")).expect("there");
    assert_eq!((cache.built_by, cache.identity.declared_build()), (None, None));
}

#[test]
fn a_wrong_release_in_the_name_of_what_is_built_says_nothing() {
    let linked = linked(&[
        (
            "compose.yaml",
            "services:\n  a: {build: a, image: 'a:nanoserver-1803'}\n  b: {build: b, image: 'b:ltsc2019'}\n  c: {build: a, image: \
             'c:nanoserver-ltsc2022'}\n  d: {build: d, image: 'd:nanoserver-1803'}\n",
        ),
        ("a/Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
        ("b/Dockerfile", "FROM eclipse-temurin:25-jre\n"),
        ("d/Dockerfile", "FROM contoso/base:1\n"),
    ]);
    let of = |name: &str| {
        let id = linked.container(name).image.expect("an image");
        let build = |version: Option<crate::windows::OsVersion>| version.map(|version| version.build.0);
        let own = linked.project.image(id).expect("there").identity.version.as_ref().map(|(version, _)| *version);
        let known = linked.project.image_os(id).known().and_then(|(os, _)| os.version);
        (build(own), build(known))
    };
    assert_eq!(of("a"), (None, Some(20348)));
    // A base of Linux, 2022 and 2025: which of them is not known, but not 2019.
    assert_eq!(of("b"), (None, None));
    assert_eq!(of("c"), (Some(20348), Some(20348)));
    // Of an unknown base the name is the only sign.
    assert_eq!(of("d"), (Some(17134), Some(17134)));
}
