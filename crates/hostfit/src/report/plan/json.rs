//! For programs: the shape is a promise.

use std::io::{self, Write};

use hostfit_core::{
    finding::Edit,
    fleet::Orchestrator,
    plan::{Action, Item, Left, Step},
    source::{Position, Span},
};
use serde::Serialize;

use super::Page;
use crate::report::{
    VERSION,
    json::{Range, path, point, range, write_value},
};

/// What the shape is called.
const SCHEMA: &str = "hostfit-plan/1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    version: &'static str,
    as_of: String,
    to: To<'a>,
    hosts: Vec<Host<'a>>,
    deadline: Option<Deadline<'a>>,
    workloads: Vec<Entry<'a>>,
    steps: Vec<JsonStep<'a>>,
    left: Vec<JsonLeft<'a>>,
}

#[derive(Serialize)]
struct To<'a> {
    release: Option<&'a str>,
    title: String,
    build: String,
}

#[derive(Serialize)]
struct Host<'a> {
    name: &'a str,
    fleet: Option<&'a str>,
    orchestrator: Option<&'static str>,
    count: u32,
    version: String,
    path: Option<&'a str>,
    range: Option<Range>,
}

#[derive(Serialize)]
struct Deadline<'a> {
    date: String,
    days_left: i64,
    why: &'a str,
    sources: &'a [&'static str],
}

#[derive(Serialize)]
struct Entry<'a> {
    workload: &'a str,
    fleet: Option<&'a str>,
    path: &'a str,
    range: Range,
    image: Option<&'a str>,
    class: &'static str,
    why: &'a str,
    write: Option<JsonWrite<'a>>,
    declare: Option<&'a str>,
    steps: &'a [usize],
}

#[derive(Serialize)]
struct JsonWrite<'a> {
    image: &'a str,
    path: &'a str,
    range: Range,
}

#[derive(Serialize)]
struct JsonStep<'a> {
    number: usize,
    phase: &'static str,
    kind: &'static str,
    title: &'a str,
    actions: Vec<JsonAction<'a>>,
}

#[derive(Serialize)]
struct JsonAction<'a> {
    text: &'a str,
    path: Option<&'a str>,
    range: Option<Range>,
    workloads: Vec<&'a str>,
    by_hand: Option<&'a str>,
    edits: Vec<JsonEdit<'a>>,
}

#[derive(Serialize)]
struct JsonEdit<'a> {
    path: &'a str,
    range: Range,
    text: &'a str,
}

#[derive(Serialize)]
struct JsonLeft<'a> {
    rule: &'static str,
    message: &'a str,
    help: Option<&'a str>,
    workload: Option<&'a str>,
    path: &'a str,
    range: Range,
}

pub(crate) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    let plan = page.plan;
    let at = |span: Span| (path(span, page.sources), range(span, page.sources));
    let hosts = plan.hosts.iter().map(|host| {
        let place = host.is_declared.then(|| at(host.span));
        let (path, range) = place.unzip();
        Host {
            name: &host.name,
            fleet: host.fleet.as_deref(),
            orchestrator: host.orchestrator.map(|it| match it {
                Orchestrator::Kubernetes => "kubernetes",
                Orchestrator::Swarm => "swarm",
                Orchestrator::Docker => "docker",
            }),
            count: host.count,
            version: host.from.to_string(),
            path,
            range,
        }
    });
    let report = Report {
        schema: SCHEMA,
        version: VERSION,
        as_of: page.as_of.to_string(),
        to: To {
            release: page.releases.by_build(plan.to).map(|release| &*release.id),
            title: page.releases.title(plan.to).into_owned(),
            build: plan.to.to_string(),
        },
        hosts: hosts.collect(),
        deadline: plan.deadline.as_ref().map(|it| Deadline {
            date: it.date.to_string(),
            days_left: it.days_left,
            why: &it.why,
            sources: &it.sources,
        }),
        workloads: plan.items.iter().map(|item| workload(item, page)).collect(),
        steps: plan.steps.iter().map(|it| step(it, page)).collect(),
        left: plan.left.iter().map(left).collect(),
    };
    write_value(&report, out)
}

fn workload<'a>(item: &'a Item, page: &Page<'a>) -> Entry<'a> {
    Entry {
        workload: &item.workload,
        fleet: item.fleet.as_deref(),
        path: path(item.span, page.sources),
        range: range(item.span, page.sources),
        image: item.image.as_deref(),
        class: item.class.id(),
        why: &item.why,
        write: item.write.as_ref().map(|write| JsonWrite {
            image: &write.reference,
            path: path(write.place, page.sources),
            range: range(write.place, page.sources),
        }),
        declare: item.declare.as_deref(),
        steps: &item.steps,
    }
}

fn step<'a>(step: &'a Step, page: &Page<'a>) -> JsonStep<'a> {
    JsonStep {
        number: step.number,
        phase: step.phase.id(),
        kind: step.kind,
        title: &step.title,
        actions: step.actions.iter().map(|it| action(it, page)).collect(),
    }
}

fn action<'a>(action: &'a Action, page: &Page<'a>) -> JsonAction<'a> {
    let items = action.items.iter().filter_map(|item| page.plan.items.get(*item));
    let edit = |edit: &'a Edit| JsonEdit {
        path: path(edit.span, page.sources),
        range: range(edit.span, page.sources),
        text: &edit.text,
    };
    JsonAction {
        text: &action.text,
        path: action.place.map(|place| path(place, page.sources)),
        range: action.place.map(|place| range(place, page.sources)),
        workloads: items.map(|item| item.workload.as_str()).collect(),
        by_hand: action.by_hand.as_deref(),
        edits: action.edits.iter().map(edit).collect(),
    }
}

fn left(left: &Left) -> JsonLeft<'_> {
    let at = |position: Position| point(position);
    JsonLeft {
        rule: left.rule,
        message: &left.message,
        help: left.help.as_deref(),
        workload: left.workload.as_deref(),
        path: &left.path,
        range: Range { start: at(left.start), end: at(left.end) },
    }
}
