//! A Dockerfile under some build args.

use std::cell::Cell;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{BuildArgs, Copy, CopyBy, Evaluated, File, FoundImage, StageWritten};
use crate::{
    model::{ImageId, Stage, StageBase},
    source::Span,
    syntax::dockerfile::{Environment, Value, Written, expand},
    text::{Origin, Text},
};

/// What all expansions of one evaluation may cost together, in bytes copied and compared.
const MAX_STEPS: usize = 8 * 1024 * 1024;

/// Of more stages than people write none is looked for by a part of its name, so that hostile input costs nothing.
const MAX_CHOICE: usize = 64;

/// What BuildKit sets by itself, so that FROM can use it without an ARG (`platform.go`, `defaultArgs`).
const PREDEFINED: [&str; 11] = [
    "BUILDPLATFORM",
    "BUILDOS",
    "BUILDOSVERSION",
    "BUILDARCH",
    "BUILDVARIANT",
    "TARGETPLATFORM",
    "TARGETOS",
    "TARGETOSVERSION",
    "TARGETARCH",
    "TARGETVARIANT",
    "TARGETSTAGE",
];

pub(super) fn evaluate(
    file: &File,
    args: &BuildArgs,
    target: Option<&str>,
    add: &mut dyn FnMut(FoundImage) -> ImageId,
) -> Evaluated {
    let scope = Scope::new(file, args);
    let all = StageNames::of(&file.stages);
    let mut before = StageNames::default();
    let mut stages = Vec::with_capacity(file.stages.len());
    for (number, written) in (0..).zip(&file.stages) {
        let base = match written.base.as_ref().map(|base| scope.expand(base)) {
            None => StageBase::Scratch,
            Some(base) => base_of(base, number, &before, add),
        };
        let mut stage = Stage {
            name: written.name.clone(),
            span: written.span,
            base,
            platform: written.platform.as_ref().map(|platform| scope.expand(platform)),
            runs: written.runs.clone(),
            copies_from: Vec::new(),
            lost_backslashes: written.lost_backslashes.clone(),
            not_json: written.not_json.clone(),
            programs: written.programs.iter().chain(&written.started).cloned().collect(),
            may_have_powershell: written.brings_powershell || inherits_powershell(base, &stages),
            windows_hint: windows_hint(written, base, &stages),
        };
        let mut seen = FxHashSet::default();
        for copy in &written.copies {
            match source(copy, number, &all) {
                Source::Stage(earlier) if seen.insert(earlier) => stage.copies_from.push(earlier),
                Source::Stage(_) | Source::Nothing => {}
                Source::Image => {
                    add(FoundImage { text: as_it_stands(&copy.from), stage: number, is_base: false });
                }
            }
        }
        stages.push(stage);
        before.add(number, written);
    }
    let final_stage = match target.filter(|target| !target.is_empty()) {
        None => last(stages.len()),
        Some(target) => all.find(target).or_else(|| target.parse().ok().filter(|&it| it < count(stages.len()))),
    };
    let is_set = |name: &str| args.values.iter().any(|(set, _)| set == name);
    let broken_defaults = file.broken_defaults.iter().filter(|(name, _)| !is_set(name));
    Evaluated {
        stages,
        final_stage,
        escape_directive: file.escape_directive.clone(),
        broken_defaults: broken_defaults.map(|(_, error)| (error.span, error.message.clone())).collect(),
    }
}

fn base_of(base: Text, stage: u32, before: &StageNames, add: &mut dyn FnMut(FoundImage) -> ImageId) -> StageBase {
    match base.known() {
        // BuildKit refuses a blank base.
        Some("") => StageBase::Scratch,
        Some(name) => match before.find(name) {
            Some(earlier) => StageBase::Stage(earlier),
            None if name == "scratch" => StageBase::Scratch,
            None => StageBase::Image(add(FoundImage { text: base, stage, is_base: true })),
        },
        None if before.may_have(&base) => StageBase::Scratch,
        None => StageBase::Image(add(FoundImage { text: base, stage, is_base: true })),
    }
}

/// The text that shows that a stage is for Windows, in it or in the stage that it starts from.
fn windows_hint(written: &StageWritten, base: StageBase, stages: &[Stage]) -> Option<Span> {
    let inherited = || match base {
        StageBase::Stage(earlier) if !written.hints.is_linux() => stages.get(earlier as usize)?.windows_hint,
        _ => None,
    };
    written.hints.windows().or_else(inherited)
}

fn inherits_powershell(base: StageBase, stages: &[Stage]) -> bool {
    match base {
        StageBase::Stage(earlier) => stages.get(earlier as usize).is_some_and(|stage| stage.may_have_powershell),
        StageBase::Image(_) | StageBase::Scratch => false,
    }
}

enum Source {
    /// An earlier stage.
    Stage(u32),
    Image,
    /// `scratch`, what fails, and what is copied by other builds.
    Nothing,
}

/// What a stage copies from. BuildKit looks for the name among all stages, and fails if it is one that comes later.
fn source(copy: &Copy, number: u32, all: &StageNames) -> Source {
    let name = copy.from.as_str();
    let by_number = name.parse::<u32>().ok();
    let stage = by_number.filter(|_| copy.by == CopyBy::Copy).or_else(|| all.find(name));
    match stage {
        Some(earlier) if earlier < number && copy.by != CopyBy::Trigger => Source::Stage(earlier),
        Some(_) => Source::Nothing,
        None if name == "scratch" || by_number.is_some() => Source::Nothing,
        None => Source::Image,
    }
}

/// `--from=` expands nothing: BuildKit refuses a variable there. For us that one is unknown.
fn as_it_stands(written: &Written) -> Text {
    let text = written.as_str();
    let mut found = Text::empty(written.whole());
    match text.find('$') {
        None => {
            for (value, span) in written.pieces(0..text.len()) {
                found.push_literal(value, span);
            }
        }
        Some(_) => found.push(text, found.span, found.span, Origin::Hole(text.to_owned())),
    }
    found
}

/// Stages by their names, in lower case. A later one of the same name wins.
#[derive(Default)]
struct StageNames(FxHashMap<String, u32>);

impl StageNames {
    fn of(stages: &[StageWritten]) -> Self {
        let mut names = Self::default();
        for (number, stage) in (0..).zip(stages) {
            names.add(number, stage);
        }
        names
    }

    fn add(&mut self, number: u32, stage: &StageWritten) {
        if let Some((name, _)) = &stage.name {
            self.0.insert(name.to_lowercase(), number);
        }
    }

    fn find(&self, name: &str) -> Option<u32> {
        self.0.get(&name.to_lowercase()).copied()
    }

    /// Whether a name with unknown variables in it may be one of them: `final-$TARGETOS` after `final-windows`. What is
    /// nothing but a variable may be anything, and mostly is an image.
    fn may_have(&self, name: &Text) -> bool {
        let name = name.masked().to_lowercase();
        let start = name.split('\0').next().unwrap_or_default();
        let end = name.rsplit('\0').next().unwrap_or_default();
        let fits = |it: &String| it.len() >= start.len() + end.len() && it.starts_with(start) && it.ends_with(end);
        !(start.is_empty() && end.is_empty()) && self.0.len() <= MAX_CHOICE && self.0.keys().any(fits)
    }
}

fn last(stages: usize) -> Option<u32> {
    count(stages).checked_sub(1)
}

fn count(stages: usize) -> u32 {
    u32::try_from(stages).unwrap_or(u32::MAX)
}

/// The variables that FROM can use.
struct Scope {
    escape: char,
    values: FxHashMap<String, Text>,
    steps: Cell<usize>,
}

impl Scope {
    fn new(file: &File, args: &BuildArgs) -> Self {
        let set: FxHashMap<&str, &Text> = args.values.iter().map(|(name, value)| (name.as_str(), value)).collect();
        let mut scope = Self { escape: file.escape, values: FxHashMap::default(), steps: Cell::new(MAX_STEPS) };
        for &name in &PREDEFINED {
            if let Some(&value) = set.get(name) {
                scope.values.insert(name.to_owned(), value.clone());
            }
        }
        for arg in &file.globals {
            let value = match (set.get(arg.name.as_str()).copied().or(args.others.as_ref()), &arg.default) {
                (Some(value), _) => value.clone(),
                (None, Some(default)) => scope.expand(default),
                // It keeps what an earlier ARG of that name gave it.
                (None, None) => continue,
            };
            scope.values.insert(arg.name.clone(), value);
        }
        scope
    }

    /// The word with its variables filled in; wholly unknown if BuildKit refuses it.
    fn expand(&self, word: &Written) -> Text {
        expand(word, self.escape, self).unwrap_or_else(|_| {
            let mut text = Text::empty(word.whole());
            text.push(word.as_str(), text.span, text.span, Origin::Hole(word.as_str().to_owned()));
            text
        })
    }
}

impl Environment for Scope {
    fn value(&self, name: &str) -> Value<'_> {
        match self.values.get(name) {
            Some(value) => Value::Set(value),
            None if PREDEFINED.contains(&name) => Value::Unknown,
            None => Value::Unset,
        }
    }

    fn spend(&self, steps: usize) -> bool {
        let left = self.steps.get().checked_sub(steps);
        self.steps.set(left.unwrap_or(0));
        left.is_some()
    }
}
