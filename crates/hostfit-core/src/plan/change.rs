//! What an image is changed to: the tag that was published of it for the new release, and the edits that write it.

use std::collections::BTreeMap;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Class, Cx, Landed, Write, chain, landing::Of, reference_of};
use crate::{
    finding::Edit,
    fleet::Orchestrator,
    model::{BuildId, ImageId, ImageUse, Role},
    placement::{Allowed, allows},
    rules,
    source::Span,
    text::{Origin, Text},
    windows::{
        Build,
        compat::{self, HostFacts, runs_on_all},
        image::{self, Alternative, Family, VariantStatus, release_in_name},
        respell::respelled,
    },
};

/// One image, wherever it is used, and what becomes of it.
pub(super) struct Change {
    /// The image use whose reference decides.
    pub(super) image: ImageId,
    /// The items that it is for.
    pub(super) items: Vec<usize>,
    /// What to write; none where a person has to find that.
    pub(super) write: Option<String>,
    /// Whether it can be made before the hosts move.
    pub(super) is_before: bool,
    /// The edits of Dockerfiles and of the names that builds give.
    pub(super) rebuild: Vec<Edit>,
    /// The edits of what is deployed.
    pub(super) deploy: Vec<Edit>,
    /// Why a person has to do it.
    pub(super) by_hand: Option<String>,
    /// The builds that make images of it, those first that others start from.
    pub(super) builds: Vec<BuildId>,
}

/// What is changed, in the order of the files; fills in the classes of the items.
pub(super) fn changes(cx: &Cx, landed: &mut [Landed]) -> Vec<Change> {
    let mut groups: BTreeMap<(Span, String), (ImageId, Vec<usize>)> = BTreeMap::new();
    for (number, item) in landed.iter().enumerate() {
        let Some(image) = item.image else { continue };
        let decider = cx.project.decider(image).unwrap_or(image);
        let Some(used) = cx.project.image(decider) else { continue };
        let key = (used.text.span, used.text.value.clone());
        groups.entry(key).or_insert_with(|| (decider, Vec::new())).1.push(number);
    }
    let mut changes = Vec::new();
    for (image, items) in groups.into_values() {
        if items.iter().any(|item| landed.get(*item).is_some_and(|it| it.is_blocked)) {
            changes.push(change(cx, image, &items, landed));
        }
    }
    changes.sort_by_key(|change| change.items.first().copied());
    changes
}

fn change(cx: &Cx, id: ImageId, items: &[usize], landed: &mut [Landed]) -> Change {
    let mut change = Change {
        image: id,
        items: items.to_vec(),
        write: None,
        is_before: false,
        rebuild: Vec::new(),
        deploy: Vec::new(),
        by_hand: None,
        builds: Vec::new(),
    };
    let Some(used) = cx.project.image(id) else { return change };
    let mut own: Vec<_> = items.iter().filter_map(|item| landed.get(*item)).collect();
    let hosts: Vec<_> = own.iter().flat_map(|it| it.facts_next(cx)).collect();
    own.retain(|it| it.is_blocked);
    let title = cx.title(cx.to);
    if used.identity.fault.is_some() {
        change.by_hand = Some(format!("fix `{}` first: `hostfit check` says what is wrong with it", used.text.value));
        set(landed, items, |it| it.item.class = Class::NoImage);
        return change;
    }
    match replacement(cx, used, &hosts) {
        Replacement::Unlisted => {
            let of_user = if used.identity.variants.is_some() {
                format!("check that `{}` has a variant for {title}, and declare it under `[images]`", used.text.value)
            } else {
                format!("no table has the tags of this image: publish it for {title}")
            };
            change.by_hand = Some(of_user);
            let declares_variants = used.identity.variants.is_some();
            set(landed, items, |it| {
                if declares_variants {
                    it.item.class = Class::NoImage;
                }
            });
        }
        Replacement::Nothing => {
            let repository = used.text.value.get(used.identity.reference.name()).unwrap_or(&used.text.value);
            change.by_hand = Some(format!("no image of `{repository}` is published that runs on {title}"));
            set(landed, items, |it| it.item.class = Class::NoImage);
        }
        Replacement::One(one) => {
            let reference = reference_of(used, &one);
            change.is_before = own.iter().all(|it| runs_before(cx, it, one.build));
            change.write = Some(reference.clone());
            let is_before = change.is_before;
            let is_base = matches!(used.role, Role::Base { .. });
            let write_it = Write { reference: reference.clone(), place: used.text.span, is_base };
            set(landed, items, |it| {
                it.item.write = Some(write_it.clone());
                if is_before {
                    it.item.class = Class::Before;
                }
            });
            write(cx, &mut change, used, &one, landed);
        }
    }
    change
}

fn set(landed: &mut [Landed], items: &[usize], change: impl Fn(&mut Landed)) {
    for item in items {
        if let Some(item) = landed.get_mut(*item).filter(|it| it.is_blocked) {
            change(item);
        }
    }
}

enum Replacement {
    /// No table has the image.
    Unlisted,
    /// Nothing of it is published that runs there.
    Nothing,
    One(Alternative),
}

/// The best of what is published of an image that runs on all of `hosts`.
fn replacement(cx: &Cx, used: &ImageUse, hosts: &[HostFacts]) -> Replacement {
    let Some(all) = image::alternatives(&used.text, &used.identity, cx.releases) else { return Replacement::Unlisted };
    let runs = |it: &&Alternative| it.is_one_tag() && runs_on_all(it.build, hosts);
    all.iter().find(runs).map_or(Replacement::Nothing, |one| Replacement::One(one.clone()))
}

/// Whether an image of this build runs on hosts of the fleet as it is: for a workload that is scheduled, on a host of a release
/// that will be there too, which its placement leaves but for the build that it names.
fn runs_before(cx: &Cx, item: &Landed, build: Build) -> bool {
    let runs = |facts: HostFacts| runs_on_all(build, &[facts]);
    let mut now = item.now.iter().map(|spot| spot.facts);
    let Some(workload) = item.workload(cx) else { return now.any(runs) };
    if workload.orchestrator == Orchestrator::Docker {
        return now.all(runs);
    }
    let stays = item.builds_next();
    cx.now.judgements_of(workload.id).any(|(_, judgement)| {
        let spans: Vec<_> = judgement.named().iter().map(|(_, span)| *span).collect();
        let free = workload.placement.without(&spans);
        judgement.classes().any(|place| {
            let facts = HostFacts::of(place.host, workload.orchestrator);
            facts.is_some_and(|facts| stays.contains(&facts.version.build) && runs(facts))
                && allows(&free, place.host) == Allowed::Yes
        })
    })
}

/// The edits that write `one` in the place of an image, with the stages beside it and the names of what is built on it.
fn write(cx: &Cx, change: &mut Change, used: &ImageUse, one: &Alternative, landed: &[Landed]) {
    let mut edits = Edits::new(cx);
    edits.image(used, one);
    let old = used.identity.version.as_ref().map(|(version, _)| version.build);
    change.builds = builds(cx, change.items.iter().filter_map(|item| landed.get(*item)));
    for build in change.builds.clone() {
        edits.stages(build, old, one.build);
        edits.names(build, old, one.build);
    }
    if !one.is_same_version() {
        edits.doubt("check that this other version of the product fits".to_owned());
    } else if one.repository.is_some() {
        edits.doubt("check that this other image fits".to_owned());
    }
    let Edits { rebuild, deploy, by_hand, .. } = edits.finish();
    change.by_hand = by_hand;
    if change.by_hand.is_none() {
        (change.rebuild, change.deploy) = (rebuild, deploy);
    }
}

/// The builds that take part in what these items run, those first that others start or copy from.
fn builds<'l>(cx: &Cx, items: impl Iterator<Item = &'l Landed>) -> Vec<BuildId> {
    let mut found = Vec::new();
    for item in items {
        let images = item.image.map(|image| chain(cx.project, image)).unwrap_or_default();
        found.extend(images.into_iter().filter_map(|id| cx.project.image(id)?.built_by));
        found.extend(match item.of {
            Of::FinalStage(build) => Some(build),
            Of::Container(..) => None,
        });
    }
    let wanted: FxHashSet<_> = found.iter().copied().collect();
    let (mut sorted, mut seen) = (Vec::new(), FxHashSet::default());
    for build in found {
        // Each with those that it needs below it, which are taken off first.
        let mut stack = vec![(build, false)];
        while let Some((build, is_ready)) = stack.pop() {
            if is_ready {
                sorted.push(build);
            } else if seen.insert(build) {
                stack.push((build, true));
                let needed = cx.images_of(build).filter_map(|image| image.built_by);
                stack.extend(needed.filter(|it| wanted.contains(it)).map(|it| (it, false)));
            }
        }
    }
    sorted
}

/// The edits of one change, and why a person has to make them.
struct Edits<'c, 'a> {
    cx: &'c Cx<'a>,
    rebuild: Vec<Edit>,
    deploy: Vec<Edit>,
    /// Variables that were changed: the bytes that state them, their names.
    variables: Vec<(Span, String)>,
    by_hand: Option<String>,
}

impl<'c, 'a> Edits<'c, 'a> {
    fn new(cx: &'c Cx<'a>) -> Self {
        Self { cx, rebuild: Vec::new(), deploy: Vec::new(), variables: Vec::new(), by_hand: None }
    }

    fn doubt(&mut self, why: String) {
        self.by_hand.get_or_insert(why);
    }

    /// Writes an image's tag, and its name where that changes.
    fn image(&mut self, used: &ImageUse, one: &Alternative) {
        let reference = &used.identity.reference;
        if reference.digest.is_some() {
            return self.doubt("it is pinned by a digest: write that of the new image".to_owned());
        }
        let shared = used.identity.family.filter(|_| used.identity.is_base && is_variable(used));
        let tag = shared.and_then(|family| shared_tag(self.cx, one.build, family)).unwrap_or(&one.tag).to_owned();
        match (reference.tag.clone(), one.repository) {
            (Some(at), None) => self.write(used, at, &tag),
            (Some(at), Some(repository)) => {
                self.write(used, reference.name(), repository);
                self.write(used, at, &tag);
            }
            (None, repository) => {
                let name = used.text.value.get(reference.name()).unwrap_or_default();
                let new = format!("{}:{tag}", repository.unwrap_or(name));
                self.write(used, reference.name(), &new);
            }
        }
    }

    /// The other stages that a build needs and that no host builds together with the new one.
    fn stages(&mut self, build: BuildId, old: Option<Build>, new: Build) {
        let cx = self.cx;
        for other in cx.images_of(build).filter(|it| matches!(it.role, Role::Base { .. })) {
            let Some((version, _)) = other.identity.version.as_ref().filter(|_| other.built_by.is_none()) else {
                continue;
            };
            if version.build == new
                || Some(version.build) != old && compat::share_a_host(version.build, new, cx.releases)
            {
                continue;
            }
            let all = image::alternatives(&other.text, &other.identity, cx.releases).unwrap_or_default();
            match all.iter().find(|it| it.build == new && it.is_same_version() && it.repository.is_none()) {
                Some(one) => self.image(other, one),
                None => self.doubt(format!("find an image for the stage on `{}` too", other.text.value)),
            }
        }
    }

    /// The names that are given to what a build makes, where they name the old release, and all uses of them.
    fn names(&mut self, build: BuildId, old: Option<Build>, new: Build) {
        let (cx, Some(old)) = (self.cx, old) else { return };
        let Some(made) = cx.project.build(build) else { return };
        for name in &made.names {
            self.rename(name, old, new, false);
        }
        for used in cx.uses_of(build).filter(|it| it.is_named()) {
            let is_deployed = matches!(used.role, Role::Container { .. }) && !used.names_build_result;
            self.rename(&used.text, old, new, is_deployed);
        }
    }

    fn rename(&mut self, name: &Text, old: Build, new: Build, is_deployed: bool) {
        let Some((version, at)) = release_in_name(name, self.cx.releases) else { return };
        if version.build != old {
            return;
        }
        let renamed = name.value.get(at.clone()).and_then(|own| respelled(own, old, new, self.cx.releases));
        match renamed {
            Some(renamed) => self.text(name, at, &renamed, is_deployed),
            None => self.doubt(format!("rename `{}`, which names another release", name.value)),
        }
    }

    fn write(&mut self, used: &ImageUse, at: std::ops::Range<usize>, new: &str) {
        let is_deployed = matches!(used.role, Role::Container { .. });
        self.text(&used.text, at, new, is_deployed);
    }

    fn text(&mut self, text: &Text, at: std::ops::Range<usize>, new: &str, is_deployed: bool) {
        if text.value.get(at.clone()) == Some(new) {
            return;
        }
        if text.hole_in(at.clone()).is_some() {
            return self.doubt("the files do not say its tag".to_owned());
        }
        let Some((edit, doubt)) = rules::edit(self.cx.sources, text, at.clone(), new) else {
            return self.doubt(format!("write `{new}` where `{}` is put together", text.value));
        };
        if doubt.is_some() {
            for (_, piece) in text.touched(at) {
                if let Origin::Variable(name) = &piece.origin {
                    self.variables.push((piece.at, name.clone()));
                }
            }
        }
        let list = if is_deployed { &mut self.deploy } else { &mut self.rebuild };
        if !list.contains(&edit) {
            list.push(edit);
        }
    }

    /// What is left to a person: a variable that more reads than what was changed, and edits that contradict each other.
    fn finish(mut self) -> Self {
        for (at, name) in std::mem::take(&mut self.variables) {
            if !self.is_whole(at, &name) {
                self.doubt(format!("check the other uses of `{name}`"));
            }
        }
        if overlap(self.rebuild.iter().chain(&self.deploy)) {
            self.doubt("several images share this text and need different tags".to_owned());
        }
        self
    }

    /// Whether nothing but the references of images reads a variable that was changed.
    fn is_whole(&self, at: Span, name: &str) -> bool {
        // The references that use it, and how often each file that has some uses it at all.
        let (mut uses, mut total) = (FxHashSet::default(), FxHashMap::default());
        for piece in self.cx.project.images.iter().flat_map(|image| &image.text.pieces).filter(|piece| piece.at == at) {
            uses.insert(piece.used_at);
            let count = total.entry(piece.used_at.source);
            count.or_insert_with(|| rules::uses_of(self.cx.sources, name, piece));
        }
        let total: Option<usize> = total.into_values().sum();
        let is_changed = self.rebuild.iter().chain(&self.deploy).any(|edit| at.holds(edit.span));
        is_changed && total == Some(uses.len())
    }
}

/// Whether two different edits change the same bytes.
pub(super) fn overlap<'e>(edits: impl Iterator<Item = &'e Edit>) -> bool {
    let mut all: Vec<_> = edits.collect();
    all.sort_by_key(|edit| (edit.span.source, edit.span.start, edit.span.end));
    all.dedup();
    all.windows(2).any(|pair| match pair {
        [a, b] => a.span.source == b.span.source && (b.span.start < a.span.end || a.span == b.span),
        _ => false,
    })
}

/// Whether the tag is a variable's value, which images of several families may have.
fn is_variable(image: &ImageUse) -> bool {
    let tag = image.identity.reference.tag.clone().unwrap_or_default();
    image.text.touched(tag).any(|(_, piece)| matches!(piece.origin, Origin::Variable(_)))
}

/// The release's own name, if there is such a tag: it is the one that most families have.
fn shared_tag<'a>(cx: &Cx<'a>, build: Build, family: Family) -> Option<&'a str> {
    let release = cx.releases.by_build(build)?;
    let tags = &release.images_of(family)?.tags;
    tags.iter().map(|tag| &**tag).find(|tag| *tag == release.id)
}

/// The image of the new release for one that runs there as it is, where there is one.
pub(super) fn newer(cx: &Cx, used: &ImageUse) -> Option<Alternative> {
    used.identity.version.as_ref().filter(|(version, _)| version.build < cx.to)?;
    let all = image::alternatives(&used.text, &used.identity, cx.releases)?;
    all.into_iter().find(|it| it.build == cx.to && it.status == VariantStatus::Current)
}
