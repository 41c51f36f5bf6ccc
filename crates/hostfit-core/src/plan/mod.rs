//! What has to change before the hosts move to another release of Windows, and in which order: a view of the tables of two
//! fleets, the hosts as they are and as they will be. Nothing is judged here.

pub mod bots;
mod change;
mod hosts;
mod landing;
mod pins;
mod steps;
mod verify;
mod written;

use std::collections::BTreeMap;

use crate::{
    check,
    config::Config,
    finding::Edit,
    front::Unit,
    judge::Answers,
    model::{BuildId, DockerfileBuild, ImageId, ImageUse, Project, Role},
    source::{Position, SourceId, Sources, Span},
    windows::{Build, Date, image::Alternative, release::Releases},
};

pub use hosts::{Deadline, HostMove, Next, NothingMoves};
use landing::Landed;

/// What is planned.
#[derive(Debug)]
pub struct Plan {
    /// The build that hosts move to.
    pub to: Build,
    /// The hosts that move.
    pub hosts: Vec<HostMove>,
    /// Until when, where support dates say so.
    pub deadline: Option<Deadline>,
    /// The workloads that are judged against hosts, in the order of the files.
    pub items: Vec<Item>,
    /// What to do, in order.
    pub steps: Vec<Step>,
    /// The errors that `check` will report once all edits are made and the hosts have moved, and does not report today.
    pub left: Vec<Left>,
}

/// A container, or the final stage of a Dockerfile that nothing deploys.
#[derive(Clone, Debug)]
pub struct Item {
    /// What findings call it.
    pub workload: String,
    /// What the fleet is called on which it is judged, where there are several.
    pub fleet: Option<String>,
    /// Its bytes.
    pub span: Span,
    /// The reference of its image; none where the file gives none.
    pub image: Option<String>,
    /// What becomes of it.
    pub class: Class,
    /// Why, in one sentence without a full stop.
    pub why: String,
    /// The image of the new release, where one is known.
    pub write: Option<Write>,
    /// The line of `[images]` that says what it is.
    pub declare: Option<String>,
    /// The numbers of the steps that change something for it.
    pub steps: Vec<usize>,
}

/// The reference of an image, and where it goes: where the workload names its image, or where its Dockerfile names its base.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Write {
    /// The reference.
    pub reference: String,
    /// The bytes of the one whose place it takes.
    pub place: Span,
    /// Whether that is the base of what the tree builds.
    pub is_base: bool,
}

/// What becomes of a workload when the hosts move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// It has to change with the hosts.
    WithHosts,
    /// It can change before: what it changes to runs on the hosts as they are.
    Before,
    /// No image of the new release is published.
    NoImage,
    /// What its image is is not known.
    Unknown,
    /// It runs on the new hosts as it is.
    Unchanged,
}

impl Class {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 5] = [Self::WithHosts, Self::Before, Self::NoImage, Self::Unknown, Self::Unchanged];

    /// As JSON has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::WithHosts => "with-hosts",
            Self::Before => "before",
            Self::NoImage => "no-image",
            Self::Unknown => "unknown",
            Self::Unchanged => "unchanged",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::WithHosts => "must change with the hosts",
            Self::Before => "can change before",
            Self::NoImage => "no image yet",
            Self::Unknown => "unknown",
            Self::Unchanged => "runs unchanged",
        }
    }
}

/// When a step is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// It can be done today.
    Today,
    /// While the hosts move.
    WithHosts,
    /// Once they have moved.
    Afterwards,
}

impl Phase {
    /// As JSON has it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::WithHosts => "with-hosts",
            Self::Afterwards => "afterwards",
        }
    }

    /// For people.
    pub fn title(self) -> &'static str {
        match self {
            Self::Today => "today",
            Self::WithHosts => "with the hosts",
            Self::Afterwards => "afterwards",
        }
    }
}

/// One step.
#[derive(Debug)]
pub struct Step {
    /// From 1.
    pub number: usize,
    /// When.
    pub phase: Phase,
    /// What kind of step it is, for programs: `declare`, `change`, `pin`, `publish`, `pool`, `rebuild`, `move`, `retire`,
    /// `unpin`, `renew`.
    pub kind: &'static str,
    /// What to do, in the imperative.
    pub title: String,
    /// What to do in detail.
    pub actions: Vec<Action>,
    /// The files that its safe edits change.
    pub patch: Vec<Patch>,
}

/// One thing to do.
#[derive(Clone, Debug, Default)]
pub struct Action {
    /// What to do, in the imperative, without a full stop.
    pub text: String,
    /// Where.
    pub place: Option<Span>,
    /// What makes that of the files as they are today, if it is safe; where there is none, a person does it.
    pub edits: Vec<Edit>,
    /// Why a person has to do it, where there is something to edit.
    pub by_hand: Option<String>,
    /// The items that it is for.
    pub items: Vec<usize>,
}

/// What a step makes of a file: edits of the text as it is today that stand before it, and after it.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The file.
    pub source: SourceId,
    /// Those that were made by the steps before, in order.
    pub before: Vec<Edit>,
    /// Those that are made after it, in order.
    pub after: Vec<Edit>,
}

/// An error that will be reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// The rule.
    pub rule: &'static str,
    /// Its headline.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The file.
    pub path: String,
    /// Where it will stand there, once the edits are made.
    pub start: Position,
    /// Where it will end.
    pub end: Position,
    /// The workload concerned.
    pub workload: Option<String>,
}

/// All that a plan is made of.
struct Cx<'a> {
    sources: &'a Sources,
    project: &'a Project,
    releases: &'a Releases,
    now: Answers<'a>,
    next: Answers<'a>,
    to: Build,
    /// The images that each build starts or copies from.
    images_of: Vec<Vec<ImageId>>,
    /// The images that each build makes, wherever they are used.
    uses_of: Vec<Vec<ImageId>>,
}

/// Plans the move of the hosts of `config`. `is_given` says which files are reported on. The texts are as they were when it
/// returns.
///
/// # Errors
/// When no declared host moves.
pub fn plan(
    sources: &mut Sources,
    units: &mut [Unit],
    config: &Config,
    next: &Next,
    today: Date,
    is_given: impl Fn(SourceId) -> bool,
) -> Result<Plan, NothingMoves> {
    let report = check::check(sources, units, config, today);
    let present = report.config(config).clone();
    let (future, to) = next.config(&present)?;
    let hosts = hosts::moves(&present, &future, next, to, sources);
    if hosts.is_empty() {
        return Err(NothingMoves { to: Some(to) });
    }
    let later = check::check(sources, units, &future, today);
    let (landed, steps, state) = {
        let cx = Cx::new(sources, &present.releases, report.answers(config), later.answers(&future), to);
        let mut landed = landing::items(&cx, next);
        let changes = change::changes(&cx, &mut landed);
        let pins = pins::pins(&cx, &mut landed, &changes);
        let (steps, state) = steps::steps(&cx, &landed, &changes, &pins, &hosts);
        (landed, steps, state)
    };
    let left = verify::left(sources, units, &state, &future, today, (&report, &present));
    let deadline = hosts::deadline(&present, &hosts, today);
    let mut plan = Plan { to, hosts, deadline, items: landed.into_iter().map(|it| it.item).collect(), steps, left };
    plan.retain(is_given, sources);
    written::place(&mut plan.items, &mut plan.steps, sources);
    Ok(plan)
}

impl Plan {
    /// Leaves only what is about these files.
    fn retain(&mut self, is_given: impl Fn(SourceId) -> bool, sources: &Sources) {
        let kept: Vec<_> = self.items.iter().map(|item| is_given(item.span.source)).collect();
        let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
        for (old, _) in kept.iter().enumerate().filter(|(_, kept)| **kept) {
            numbers.insert(old, numbers.len());
        }
        let mut kept = kept.into_iter();
        self.items.retain(|_| kept.next().unwrap_or_default());
        for step in &mut self.steps {
            step.actions.retain_mut(|action| {
                let concerned = action.items.is_empty() || action.items.iter().any(|it| numbers.contains_key(it));
                action.items = action.items.iter().filter_map(|it| numbers.get(it).copied()).collect();
                concerned
            });
        }
        self.steps.retain(|step| !step.actions.is_empty());
        for (step, number) in self.steps.iter_mut().zip(1..) {
            step.number = number;
        }
        for step in &self.steps {
            for item in step.actions.iter().flat_map(|it| &it.items) {
                if let Some(item) = self.items.get_mut(*item).filter(|item| !item.steps.contains(&step.number)) {
                    item.steps.push(step.number);
                }
            }
        }
        let is_path_given = |path: &str| sources.iter().any(|it| it.path == path && is_given(it.id));
        self.left.retain(|left| is_path_given(&left.path));
    }
}

impl<'a> Cx<'a> {
    fn new(sources: &'a Sources, releases: &'a Releases, now: Answers<'a>, next: Answers<'a>, to: Build) -> Self {
        let project = now.project;
        let mut images_of = vec![Vec::new(); project.builds.len()];
        let mut uses_of = images_of.clone();
        let add = |lists: &mut Vec<Vec<ImageId>>, build: BuildId, id| {
            lists.get_mut(build.0 as usize).into_iter().for_each(|list| list.push(id));
        };
        for (id, image) in (0..).map(ImageId).zip(&project.images) {
            if let Role::Base { build, .. } | Role::CopiedFrom { build, .. } = image.role {
                add(&mut images_of, build, id);
            }
            image.built_by.into_iter().for_each(|build| add(&mut uses_of, build, id));
        }
        Self { sources, project, releases, now, next, to, images_of, uses_of }
    }

    /// The images that a build starts or copies from.
    fn images_of(&self, build: BuildId) -> impl Iterator<Item = &'a ImageUse> + use<'a, '_> {
        self.images_of.get(build.0 as usize).into_iter().flatten().filter_map(|id| self.project.image(*id))
    }

    /// The uses of what a build makes.
    fn uses_of(&self, build: BuildId) -> impl Iterator<Item = &'a ImageUse> + use<'a, '_> {
        self.uses_of.get(build.0 as usize).into_iter().flatten().filter_map(|id| self.project.image(*id))
    }

    /// `Windows Server 2022`.
    fn title(&self, build: Build) -> String {
        self.releases.title(build).into_owned()
    }

    fn path(&self, id: SourceId) -> &str {
        self.sources.get(id).map_or("", |source| source.path.as_str())
    }
}

/// The reference of `image` with another tag.
fn reference_of(image: &ImageUse, alternative: &Alternative) -> String {
    let name = image.text.value.get(image.identity.reference.name()).unwrap_or_default();
    format!("{}:{}", alternative.repository.unwrap_or(name), alternative.tag)
}

/// The images that an image is built from, itself first, down to what decides what it is.
fn chain(project: &Project, image: ImageId) -> Vec<ImageId> {
    let mut chain = vec![image];
    // Chains of real projects have a handful.
    while chain.len() < 32
        && let Some(build) = chain.last().and_then(|id| project.image(*id)).and_then(|it| it.built_by)
        && let Some(base) = project.build(build).and_then(DockerfileBuild::base_image)
        && !chain.contains(&base)
    {
        chain.push(base);
    }
    chain
}
