//! How files and documents that describe one service are joined. The answers are those of compose-go e70e961 (v2.9 and
//! later): `loader/loader.go`, `loader/reset.go`, `loader/include.go`, `override/merge.go`.

use super::{Linked, linked};
use crate::{
    model::{Placement, Workload, WorkloadId},
    upstream,
    windows::Isolation,
};

impl Linked {
    /// The service `a`: image, `hyperv`, what it depends on, its constraints if it is one of a stack, `none` if it starts none.
    fn shown(&self) -> String {
        if self.names().contains(&"a") { self.shown_of(self.workload("a").id) } else { "gone".into() }
    }

    fn shown_of(&self, id: WorkloadId) -> String {
        let workload = self.project.workload(id).expect("there");
        let container = &workload.containers[0];
        let mut parts = vec![self.image_of(container)];
        let isolation = container.isolation.as_ref().and_then(|it| it.mode);
        parts.extend((isolation == Some(Isolation::Hyperv)).then(|| "hyperv".into()));
        parts.extend(workload.depends_on.clone());
        if let Placement::Swarm(placement) = &workload.placement {
            let texts: Vec<_> = placement.constraints.iter().map(|it| it.text.value.as_str()).collect();
            parts.push(format!("stack[{}]", texts.join(",")));
        }
        parts.extend(workload.starts_none().map(|_| "none".into()));
        parts.join(" ")
    }
}

const DOCKERFILE: (&str, &str) = ("Dockerfile", "ARG A\nARG B=\nFROM x:$A-$B\n");

#[test]
fn tags_take_from_the_base_what_stands_there() {
    let base = "services: {a: {image: 'a:1', isolation: hyperv, depends_on: [db], scale: 0, build: {context: ., args: {A: \
                '1', B: '2'}}, deploy: {mode: global, placement: {constraints: [m]}}}}";
    for (over, expected) in [
        ("{}", "a:1 <- x:1-2 hyperv db stack[m] none"),
        ("{image: !reset null}", " <- x:1-2 hyperv db stack[m] none"),
        ("{image: !override 'a:2'}", "a:2 <- x:1-2 hyperv db stack[m] none"),
        ("{isolation: !reset process}", "a:1 <- x:1-2 db stack[m] none"),
        ("{depends_on: !reset []}", "a:1 <- x:1-2 hyperv stack[m] none"),
        ("{depends_on: !override [mq]}", "a:1 <- x:1-2 hyperv mq stack[m] none"),
        ("{depends_on: [mq]}", "a:1 <- x:1-2 hyperv db mq stack[m] none"),
        ("{scale: !reset 0}", "a:1 <- x:1-2 hyperv db stack[m]"),
        ("{scale: 1}", "a:1 <- x:1-2 hyperv db stack[m]"),
        ("{build: !reset null}", "a:1 hyperv db stack[m] none"),
        ("{build: !override {context: ., args: {A: '3'}}}", "a:1 <- x:3- hyperv db stack[m] none"),
        ("{build: {args: !override {A: '3'}}}", "a:1 <- x:3- hyperv db stack[m] none"),
        ("{build: {args: !override [A=3]}}", "a:1 <- x:3- hyperv db stack[m] none"),
        ("{build: {args: {B: !reset null}}}", "a:1 <- x:1- hyperv db stack[m] none"),
        ("{build: {args: {A: !reset null, B: !override '3'}}}", "a:1 <- x:$A-3 hyperv db stack[m] none"),
        ("{build: {args: {B: '4'}}}", "a:1 <- x:1-4 hyperv db stack[m] none"),
        ("{deploy: !reset null}", "a:1 <- x:1-2 hyperv db none"),
        ("{deploy: {mode: !reset null}}", "a:1 <- x:1-2 hyperv db stack[m] none"),
        ("{deploy: {mode: !reset null, placement: !reset {}}}", "a:1 <- x:1-2 hyperv db none"),
        ("{deploy: {placement: {constraints: !reset []}}}", "a:1 <- x:1-2 hyperv db stack[] none"),
        ("{deploy: {placement: {constraints: !override [w]}}}", "a:1 <- x:1-2 hyperv db stack[w] none"),
        ("{deploy: {placement: {constraints: [w]}}}", "a:1 <- x:1-2 hyperv db stack[m,w] none"),
        ("!override {image: 'b:1'}", "b:1"),
        ("!reset null", "gone"),
    ] {
        let over = format!("services: {{a: {over}}}");
        let shown = linked(&[("compose.yaml", base), ("compose.override.yaml", &over), DOCKERFILE]).shown();
        assert_eq!(shown, expected, "{over}");
        // Documents of one file are joined in the same way.
        let both = format!("{base}\n---\n{over}\n");
        assert_eq!(linked(&[("compose.yaml", &both), DOCKERFILE]).shown(), expected, "{over}");
    }
}

#[test]
fn tags_in_a_file_alone_leave_the_value_out_or_change_nothing() {
    for (service, expected) in [
        ("{image: 'a:1', isolation: !reset hyperv}", "a:1"),
        ("{image: 'a:1', isolation: !override hyperv}", "a:1 hyperv"),
        ("{extends: b, depends_on: !reset []}", "b:1 hyperv"),
        ("{extends: b, isolation: !reset null, image: 'a:1'}", "a:1 db"),
        ("{extends: b}", "b:1 hyperv db"),
    ] {
        let text = format!("services: {{a: {service}, b: {{image: 'b:1', isolation: hyperv, depends_on: [db]}}}}");
        assert_eq!(linked(&[("compose.yaml", &text)]).shown(), expected, "{service}");
    }
}

#[test]
fn all_documents_of_a_file_are_merged() {
    let text = "services: {a: {image: 'a:1'}}\n---\nname: x\n---\nservices: {a: {isolation: hyperv}, b: {image: 'b:1'}}\n---\n\
                include: [c.yaml]\nservices: {b: !reset null}\n";
    let linked = linked(&[("compose.yaml", text), ("c.yaml", "services: {c: {image: 'c:1'}}")]);
    assert_eq!(linked.names(), ["a", "c"]);
    assert_eq!(linked.shown(), "a:1 hyperv");
}

#[test]
fn an_included_service_that_is_described_again_is_one_service() {
    let included = ("db/compose.yaml", "services: {a: {image: 'a:1', isolation: hyperv}, b: {image: 'b:1'}}");
    for (files, expected) in [
        (vec![("compose.yaml", "include: [db/compose.yaml]\nservices: {a: {image: 'a:2'}}")], "a:2 hyperv"),
        (
            vec![
                ("compose.yaml", "include: [db/compose.yaml]"),
                ("compose.override.yaml", "services: {a: {depends_on: [b]}}"),
            ],
            "a:1 hyperv b",
        ),
        // The tag leaves the service out of its own file, or takes the place of what the files before it say.
        (vec![("compose.yaml", "include: [db/compose.yaml]\nservices: {a: !reset null}")], "a:1 hyperv"),
        (vec![("compose.yaml", "include: [db/compose.yaml]\nservices: {a: !override {image: 'a:2'}}")], "a:2 hyperv"),
        // Of two included files the earlier one wins.
        (
            vec![
                ("compose.yaml", "include: [other.yaml, db/compose.yaml]"),
                ("other.yaml", "services: {a: {image: 'a:3', isolation: process}}"),
            ],
            "a:3",
        ),
    ] {
        let files: Vec<_> = files.into_iter().chain([included]).collect();
        let linked = linked(&files);
        assert_eq!(linked.shown(), expected, "{files:?}");
        assert_eq!(linked.image("b"), "b:1");
        assert_eq!(linked.project.workloads.len(), 2, "{:?}", linked.names());
    }
}

/// compose-go e70e961, `cli.ProjectOptions.LoadProject`.
#[test]
fn variables_of_an_included_file_are_those_of_its_env_files() {
    let included = "services: {a: {image: 'a:${A-none}-${B-none}'}}";
    let over = "services: {a: {image: 'o:${A-none}-${B-none}'}}";
    let files = [
        ("db/compose.yaml", included),
        ("db/.env", "A=db\nB=$A.db\n"),
        ("one.env", "A=one\nB=1\n"),
        ("sub/two.vars", "B=${A}.two\n"),
        ("db/one.env", "A=wrong\n"),
        ("other/.env", "A=other\n"),
        ("over.yaml", over),
    ];
    for (include, env, expected) in [
        ("db/compose.yaml", "", "a:db-db.db"),
        ("db/compose.yaml", "A=top\n", "a:top-top.db"),
        ("{path: db/compose.yaml}", "B=top\n", "a:db-top"),
        ("{path: db/compose.yaml, env_file: one.env}", "", "a:one-1"),
        ("{path: db/compose.yaml, env_file: one.env}", "A=top\n", "a:top-1"),
        ("{path: db/compose.yaml, env_file: [one.env]}", "", "a:one-1"),
        ("{path: db/compose.yaml, env_file: [one.env, sub/two.vars]}", "", "a:one-one.two"),
        ("{path: db/compose.yaml, env_file: [sub/two.vars, one.env]}", "", "a:one-1"),
        ("{path: db/compose.yaml, env_file: sub/two.vars}", "A=top\n", "a:top-top.two"),
        ("{path: db/compose.yaml, env_file: ./sub/../sub/two.vars}", "A=top\n", "a:top-top.two"),
        ("{path: db/compose.yaml, env_file: []}", "", "a:db-db.db"),
        ("{path: db/compose.yaml, env_file: /dev/null}", "", "a:none-none"),
        ("{path: db/compose.yaml, project_directory: other}", "", "a:other-none"),
        ("{path: db/compose.yaml, project_directory: .}", "A=top\n", "a:top-none"),
        ("{path: db/compose.yaml, project_directory: other, env_file: one.env}", "", "a:one-1"),
        ("{path: 'db/${F}.yaml', env_file: '${E}.env'}", "F=compose\nE=one\n", "a:one-1"),
        ("{path: [db/compose.yaml, over.yaml], env_file: one.env}", "", "o:one-1"),
    ] {
        let own = [("compose.yaml", format!("include: [{include}]")), (".env", env.to_owned())];
        let own = own.iter().map(|(path, text)| (*path, text.as_str()));
        let linked = linked(&own.chain(files).collect::<Vec<_>>());
        let found = linked.project.workloads.iter().find(|it| it.project == Some(0)).map(|it| it.id);
        assert_eq!(linked.shown_of(found.expect("there")), expected, "{include} {env:?}");
    }
}

#[test]
fn numbers_of_build_args_are_what_compose_go_passes() {
    for (value, expected) in [
        ("8.0", "8"),
        ("1.50", "1.5"),
        ("0x10", "16"),
        ("012", "10"),
        ("1_000", "1000"),
        ("1e3", "1000"),
        ("'8.0'", "8.0"),
        ("!!str 8.0", "8.0"),
        ("ltsc2022", "ltsc2022"),
        ("True", "true"),
        ("2024-01-02", "2024-01-02 00:00:00 +0000 UTC"),
    ] {
        let text = format!("services: {{a: {{build: {{context: ., args: {{A: {value}}}}}}}}}");
        let linked = linked(&[("compose.yaml", &text), DOCKERFILE]);
        assert_eq!(linked.shown(), format!(" <- x:{expected}-"), "{value}");
    }
    // In a list they are text.
    let linked = linked(&[("compose.yaml", "services: {a: {build: {context: ., args: [A=8.0]}}}"), DOCKERFILE]);
    assert_eq!(linked.shown(), " <- x:8.0-");
}

#[test]
fn of_several_overrides_the_first_of_composes_order_counts() {
    let files = [
        ("compose.yaml", "services: {a: {image: 'a:1'}}"),
        ("compose.override.yaml", "services: {b: {image: 'b:1'}}"),
        ("compose.override.yml", "services: {a: {isolation: hyperv}}"),
    ];
    assert_eq!(linked(&files).shown(), "a:1 hyperv");
}

/// compose-go, `cli/options.go`, `WithConfigFileEnv`.
#[test]
fn compose_file_in_env_names_the_files_of_the_project() {
    let files = [
        ("compose.yaml", "services: {a: {image: 'a:1'}}"),
        ("compose.override.yaml", "services: {a: {depends_on: [dev]}}"),
        ("win.yml", "services: {a: {isolation: hyperv}}"),
        ("sub/more.yml", "services: {a: {scale: 0}}"),
    ];
    for (env, expected) in [
        ("A=1", "a:1 dev"),
        ("COMPOSE_FILE=compose.yaml:win.yml", "a:1 hyperv"),
        ("COMPOSE_FILE=compose.yaml;win.yml;sub/more.yml", "a:1 hyperv none"),
        ("COMPOSE_FILE=compose.yaml,win.yml\nCOMPOSE_PATH_SEPARATOR=,", "a:1 hyperv"),
        ("COMPOSE_FILE=compose.yaml", "a:1"),
        ("COMPOSE_FILE=gone.yml:missing.yml", "a:1 dev"),
    ] {
        let linked = linked(&[files.as_slice(), &[(".env", env)]].concat());
        let own = linked.project.workloads.iter().find(|it| it.source.0 == 0).map(|it| it.id);
        assert_eq!(linked.shown_of(own.expect("there")), expected, "{env}");
    }
}

/// Stacks with a `.env` beside them: a service of each field has its name, image, isolation and constraints.
#[test]
#[ignore = "by hand, with upstream's answers"]
fn stacks_are_read_as_a_table_says() {
    let mut wrong = Vec::new();
    for row in upstream::rows(&upstream::asked("stacks.tsv")) {
        let linked = linked(&[("stack.yml", &row[0]), (".env", &row[1])]);
        let images = row[3..].iter().filter_map(|service| service.split(" | ").nth(1));
        // A variable within a default stays in the name of the image, which is refused when it is deployed.
        let is_refused = row[2] == "refused" || images.clone().any(|image| image.contains('$'));
        let shown = |workload: &Workload| {
            let container = &workload.containers[0];
            let image = container.image.and_then(|image| linked.project.image(image)).expect("an image");
            let isolation = container.isolation.as_ref().map(|it| upstream::where_unset(&it.value));
            let Placement::Swarm(placement) = &workload.placement else { panic!("no stack: {}", row[0]) };
            let name = workload.name.trim_start_matches("service ").to_owned();
            let fields = [name, upstream::where_unset(&image.text), isolation.unwrap_or_default()];
            let constraints = placement.constraints.iter().map(|it| upstream::where_unset(&it.text));
            fields.into_iter().chain(constraints).collect::<Vec<_>>().join(" | ")
        };
        let mut ours: Vec<_> = linked.project.workloads.iter().map(shown).collect();
        ours.sort();
        let is_same = row[2] != "value" || ours == row[3..];
        if !is_same || row[2] != "missing" && is_refused == linked.project.refused.is_empty() {
            wrong.push(format!("{}: {:?}, not {ours:?} {:?}", row[0], &row[2..], linked.project.refused));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}
