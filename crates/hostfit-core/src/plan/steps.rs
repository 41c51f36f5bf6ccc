//! The steps, in order, and what each makes of the files.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Action, Class, Cx, HostMove, Landed, Patch, Phase, Step,
    change::{self, Change},
    pins::{Pin, What},
    reference_of, written,
};
use crate::{
    finding::Edit,
    fleet::{Host, Orchestrator},
    model::BuildId,
    rules,
    source::{SourceId, Span},
    windows::Build,
};

type State = BTreeMap<SourceId, Vec<Edit>>;

/// All steps, and the edits that stand once they are done.
pub(super) fn steps(
    cx: &Cx,
    landed: &[Landed],
    changes: &[Change],
    pins: &[Pin],
    hosts: &[HostMove],
) -> (Vec<Step>, State) {
    let mut plan = Builder { cx, landed, steps: Vec::new(), edits: Vec::new() };
    let title = cx.title(cx.to);
    plan.declare();
    plan.change(changes, pins);
    plan.publish(changes, &title);
    plan.pin(pins);
    plan.pool(hosts, &title);
    plan.rebuild(changes, &title);
    plan.deploy(changes, pins);
    plan.retire(hosts);
    plan.unpin(pins);
    plan.renew(&title);
    let state = by_file(&plan.edits);
    (plan.steps, state)
}

struct Builder<'b, 'a> {
    cx: &'b Cx<'a>,
    landed: &'b [Landed],
    steps: Vec<Step>,
    /// The edits that stand after the steps so far.
    edits: Vec<Edit>,
}

impl Builder<'_, '_> {
    /// Adds a step, if there is anything to do in it. `gone` are edits of steps before that it takes back.
    fn add(&mut self, phase: Phase, kind: &'static str, title: impl Into<String>, actions: Vec<Action>, gone: &[Edit]) {
        if actions.is_empty() {
            return;
        }
        let before = by_file(&written::edits(&self.edits, self.cx.sources));
        self.edits.retain(|edit| !gone.contains(edit));
        let mut actions = actions;
        written::leave_to_a_person(&mut actions, &self.edits, self.cx.sources, self.cx.project);
        for action in &mut actions {
            let new: Vec<_> = action.edits.iter().filter(|edit| !self.edits.contains(edit)).cloned().collect();
            let files: BTreeSet<_> = new.iter().map(|edit| edit.span.source).collect();
            let beside = self.edits.iter().filter(|edit| files.contains(&edit.span.source));
            if change::overlap(beside.chain(&new)) {
                action.by_hand = Some("another change of the plan edits the same text".to_owned());
                action.edits.clear();
                continue;
            }
            self.edits.extend(new);
        }
        let after = by_file(&written::edits(&self.edits, self.cx.sources));
        let files = before.keys().chain(after.keys()).copied().collect::<BTreeSet<_>>();
        let of = |state: &State, id: SourceId| state.get(&id).cloned().unwrap_or_default();
        let patches = files.into_iter().map(|id| Patch { source: id, before: of(&before, id), after: of(&after, id) });
        let patch = patches.filter(|patch| patch.before != patch.after).collect();
        let number = self.steps.len() + 1;
        self.steps.push(Step { number, phase, kind, title: title.into(), actions, patch });
    }

    fn of_class(&self, class: Class) -> impl Iterator<Item = (usize, &Landed)> {
        self.landed.iter().enumerate().filter(move |(_, it)| it.item.class == class)
    }

    /// The line of `[images]` for each image of which nobody knows what it is.
    fn declare(&mut self) {
        let mut actions: Vec<Action> = Vec::new();
        for (number, it) in self.of_class(Class::Unknown) {
            let Some(line) = &it.item.declare else { continue };
            let text = format!("add `{}`, or the release that it is", line.replace('`', "'"));
            if let Some(action) = actions.iter_mut().find(|action| action.text == text) {
                action.items.push(number);
            } else {
                let place = Some(it.item.span);
                actions.push(Action { text, place, items: vec![number], ..Action::default() });
            }
        }
        self.add(
            Phase::Today,
            "declare",
            "Declare these images under `[images]` in hostfit.toml, and plan again",
            actions,
            &[],
        );
    }

    /// What can change before the hosts do.
    fn change(&mut self, changes: &[Change], pins: &[Pin]) {
        let mut actions: Vec<_> = changes
            .iter()
            .filter(|it| it.is_before && it.write.is_some())
            .map(|it| self.image(it, &|it| it.rebuild.iter().chain(&it.deploy).cloned().collect()))
            .collect();
        for pin in pins.iter().filter(|pin| pin.is_before) {
            match &pin.what {
                What::Respelled(edits) => actions.extend(edits.iter().map(|(text, edit)| edited(text, edit, pin))),
                What::Inserted { new: Some((text, edit)), .. } | What::Removed(text, edit) => {
                    actions.push(edited(text, edit, pin));
                }
                What::Inserted { new: None, new_text: text, .. } | What::ByHand(text) => {
                    actions.push(by_hand(text, pin));
                }
            }
        }
        self.add(Phase::Today, "change", "Change what can change before the hosts do", actions, &[]);
    }

    /// One image, with these of its edits.
    fn image(&self, it: &Change, edits: &dyn Fn(&Change) -> Vec<Edit>) -> Action {
        let used = self.cx.project.image(it.image);
        let old = used.map_or("", |used| used.text.value.as_str());
        let text = match &it.write {
            Some(new) => format!("write `{new}` in the place of `{old}`"),
            None => format!("change `{old}`"),
        };
        let edits = if it.by_hand.is_none() { edits(it) } else { Vec::new() };
        let place = edits.first().map(|edit| edit.span).or(used.map(|used| used.text.span));
        Action { text, place, edits, by_hand: it.by_hand.clone(), items: self.changed(it) }
    }

    /// The items that an image change is for: those that do not run without it.
    fn changed(&self, change: &Change) -> Vec<usize> {
        let is_blocked = |item: &&usize| self.landed.get(**item).is_some_and(|it| it.is_blocked);
        change.items.iter().filter(is_blocked).copied().collect()
    }

    /// What is to be asked for: images that nobody publishes yet.
    fn publish(&mut self, changes: &[Change], title: &str) {
        let missing = changes.iter().filter(|it| it.write.is_none());
        let actions = missing.map(|it| Action {
            text: it.by_hand.clone().unwrap_or_default(),
            place: self.cx.project.image(it.image).map(|used| used.text.span),
            items: self.changed(it),
            ..Action::default()
        });
        self.add(Phase::Today, "publish", format!("Find or build images for {title}"), actions.collect(), &[]);
    }

    /// Pins to the hosts as they are, so that new ones beside them get nothing that they do not run.
    fn pin(&mut self, pins: &[Pin]) {
        let mut actions = Vec::new();
        for pin in pins.iter().filter(|pin| !pin.is_before) {
            match &pin.what {
                What::Inserted { old: Some((text, edit)), .. } => actions.push(edited(text, edit, pin)),
                What::Inserted { old: None, old_text, .. } => actions.push(by_hand(old_text, pin)),
                What::Respelled(_) | What::Removed(..) | What::ByHand(_) => {}
            }
        }
        self.add(Phase::Today, "pin", "Pin these workloads to the hosts that run them now", actions, &[]);
    }

    fn pool(&mut self, hosts: &[HostMove], title: &str) {
        let text = |host: &HostMove| {
            let old = format!("`{}`{}", host.name, machines(host));
            if let Some(other) = self.has_already(host) {
                return format!("move the capacity of {old} to `{other}`, which runs {title} already");
            }
            match host.orchestrator {
                Some(Orchestrator::Kubernetes) => format!("add a pool of {title} beside {old}"),
                Some(Orchestrator::Swarm) => {
                    format!("join nodes of {title} beside {old}, with labels that name their build")
                }
                Some(Orchestrator::Docker) | None => format!("prepare a host of {title} beside {old}"),
            }
        };
        let place = |host: &HostMove| Some(host.span).filter(|_| host.is_declared);
        let action = |host: &HostMove| Action { text: text(host), place: place(host), ..Action::default() };
        let actions = hosts.iter().map(action).collect();
        self.add(Phase::WithHosts, "pool", "Add the new hosts beside the old ones", actions, &[]);
    }

    /// A host of the new release beside one that moves, in the fleet as it is.
    fn has_already(&self, host: &HostMove) -> Option<String> {
        let fleet = self.cx.now.config.fleet(host.id.0)?.fleet;
        let mut others = fleet.hosts.iter().filter(|other| other.is_of(self.cx.to));
        others.find(|other| other.orchestrator == host.orchestrator).map(|other| other.name.clone())
    }

    /// The images that are built in the tree, those first that others start from.
    fn rebuild(&mut self, changes: &[Change], title: &str) {
        let own = || changes.iter().filter(|it| !it.is_before && it.write.is_some());
        let mut actions: Vec<_> =
            own().filter(|it| !it.builds.is_empty()).map(|it| self.image(it, &|it| it.rebuild.clone())).collect();
        let mut seen: Vec<Span> = Vec::new();
        for (change, build) in own().flat_map(|it| it.builds.iter().map(move |build| (it, *build))) {
            let Some((text, place)) = self.build(build, change) else { continue };
            if !seen.contains(&place) {
                seen.push(place);
                actions.push(Action { text, place: Some(place), items: self.changed(change), ..Action::default() });
            }
        }
        let title = format!("Build the images on {title}, in this order and under tags of their own");
        self.add(Phase::WithHosts, "rebuild", title, actions, &[]);
    }

    /// What is built, and its place.
    fn build(&self, id: BuildId, change: &Change) -> Option<(String, Span)> {
        let build = self.cx.project.build(id)?;
        let stage = build.stages.get(build.final_stage? as usize)?;
        let names: Vec<_> = build.names.iter().map(|name| name_after(change, name.place(), &name.value)).collect();
        let path = self.cx.path(build.source);
        let text = if names.is_empty() {
            format!("build `{path}`")
        } else {
            format!("build `{path}` as {}", rules::list(&names))
        };
        Some((text, stage.span))
    }

    /// What goes to the new hosts.
    fn deploy(&mut self, changes: &[Change], pins: &[Pin]) {
        let images = changes.iter().filter(|it| !it.is_before && it.write.is_some());
        let images = images.filter(|it| it.builds.is_empty() || !it.deploy.is_empty());
        let mut actions: Vec<_> = images
            .map(|it| {
                let mut action = self.image(it, &|it| it.deploy.clone());
                if !it.builds.is_empty() {
                    "write the new name of the image that is built".clone_into(&mut action.text);
                }
                action
            })
            .collect();
        let mut gone = Vec::new();
        for pin in pins.iter().filter(|pin| !pin.is_before) {
            match &pin.what {
                What::Respelled(edits) => actions.extend(edits.iter().map(|(text, edit)| edited(text, edit, pin))),
                What::Inserted { old, new: Some((text, edit)), .. } => {
                    gone.extend(old.iter().map(|(_, edit)| edit.clone()));
                    let text = match old {
                        Some((old, _)) => format!("{text}, in the place of what the pin added (`{}`)", code(old)),
                        None => text.clone(),
                    };
                    actions.push(edited(&text, edit, pin));
                }
                What::Inserted { new: None, new_text: text, .. } => {
                    actions.push(by_hand(&format!("{text} once the image is there, in the place of the pin"), pin));
                }
                What::ByHand(text) => actions.push(by_hand(text, pin)),
                What::Removed(..) => {}
            }
        }
        self.add(Phase::WithHosts, "move", "Move the workloads to the new hosts", actions, &gone);
    }

    fn retire(&mut self, hosts: &[HostMove]) {
        let action = |host: &HostMove| {
            let verb = match host.orchestrator {
                Some(Orchestrator::Kubernetes) => "drain and remove",
                _ => "remove",
            };
            let declared = if host.is_declared { ", and declare its successor in the fleet file" } else { "" };
            Action {
                text: format!("{verb} `{}`{}{declared}", host.name, machines(host)),
                place: Some(host.span).filter(|_| host.is_declared),
                ..Action::default()
            }
        };
        let actions = hosts.iter().map(action).collect();
        self.add(Phase::WithHosts, "retire", "Remove the old hosts", actions, &[]);
    }

    /// Takes back the pins that only the move needed, where all hosts are of one release again.
    fn unpin(&mut self, pins: &[Pin]) {
        let mut gone = Vec::new();
        let mut actions = Vec::new();
        for pin in pins {
            let What::Inserted { new: Some((text, edit)), .. } = &pin.what else { continue };
            let orchestrators =
                pin.items.iter().filter_map(|item| self.landed.get(*item)?.workload(self.cx)).map(|it| it.orchestrator);
            if !orchestrators.into_iter().all(|orchestrator| self.is_of_one_release(orchestrator)) {
                continue;
            }
            gone.push(edit.clone());
            let text = format!("remove `{}` again, or leave it for the next move", code(text));
            actions.push(Action { text, place: Some(pin.place), items: pin.items.clone(), ..Action::default() });
        }
        self.add(Phase::Afterwards, "unpin", "Remove the pins that only the move needed", actions, &gone);
    }

    fn is_of_one_release(&self, orchestrator: Orchestrator) -> bool {
        let hosts = self.cx.next.config.fleets().flat_map(|fleet| fleet.fleet.of(orchestrator));
        let mut builds: Vec<Build> = hosts.filter_map(Host::windows).map(|version| version.build).collect();
        builds.dedup();
        builds.len() == 1
    }

    /// Images that run as they are and of which there is one of the new release.
    fn renew(&mut self, title: &str) {
        let mut actions: Vec<Action> = Vec::new();
        for (number, it) in self.of_class(Class::Unchanged).filter(|(_, it)| it.builds_next() != it.builds_now()) {
            let decider = it.image.and_then(|image| self.cx.project.deciding_image(image));
            let Some((used, newer)) = decider.and_then(|used| Some((used, change::newer(self.cx, used)?))) else {
                continue;
            };
            let text = format!("`{}` may become `{}`", used.text.value, reference_of(used, &newer));
            match actions.iter_mut().find(|action| action.text == text && action.place == Some(used.text.span)) {
                Some(action) => action.items.push(number),
                None => {
                    actions.push(Action {
                        text,
                        place: Some(used.text.span),
                        items: vec![number],
                        ..Action::default()
                    });
                }
            }
        }
        self.add(
            Phase::Afterwards,
            "renew",
            format!("Move images that run unchanged to {title}, when it suits"),
            actions,
            &[],
        );
    }
}

/// A name of an image as it is once the edits of a change are made.
fn name_after(change: &Change, place: Span, name: &str) -> String {
    let edit = change.rebuild.iter().find(|edit| place.holds(edit.span));
    let Some((edit, start)) = edit.map(|edit| (edit, (edit.span.start - place.start) as usize)) else {
        return format!("`{name}`");
    };
    let (head, tail) = (name.get(..start).unwrap_or_default(), name.get(start + edit.span.len()..).unwrap_or_default());
    format!("`{head}{}{tail}`", edit.text)
}

/// What stands between the first backticks.
fn code(text: &str) -> &str {
    text.split('`').nth(1).unwrap_or(text)
}

fn edited(text: &str, edit: &Edit, pin: &Pin) -> Action {
    Action {
        text: text.to_owned(),
        place: Some(if edit.span.is_empty() { pin.place } else { edit.span }),
        edits: vec![edit.clone()],
        by_hand: None,
        items: pin.items.clone(),
    }
}

fn by_hand(text: &str, pin: &Pin) -> Action {
    Action { text: text.to_owned(), place: Some(pin.place), items: pin.items.clone(), ..Action::default() }
}

/// ` (4 machines)`, where it is more than one.
fn machines(host: &HostMove) -> String {
    if host.count == 1 { String::new() } else { format!(" ({} machines)", host.count) }
}

/// The edits of each file, in order.
fn by_file(edits: &[Edit]) -> State {
    let mut state = State::new();
    for edit in edits {
        let own = state.entry(edit.span.source).or_default();
        if !own.contains(edit) {
            own.push(edit.clone());
        }
    }
    for edits in state.values_mut() {
        edits.sort_by_key(|edit| (edit.span.start, edit.span.end));
    }
    state
}
