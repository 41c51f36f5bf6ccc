//! Dockerfiles: stages, ARG scope, what each stage starts from.
//!
//! Sources: BuildKit's `dockerfile2llb/convert.go` (`buildMetaArgs`, `buildDispatchStates`, `toCommand`,
//! `findStateByName`), `convert_runmount.go` and `platform.go`.

mod array;
mod builder;
mod escape;
mod evaluate;
mod programs;
mod sniff;

#[cfg(test)]
#[allow(clippy::string_slice, reason = "tests slice what they wrote themselves")]
mod tests;

use std::ops::Range;

use rustc_hash::FxHashMap;

pub use self::sniff::sniff;
use crate::{
    front::hints::{self, Hints},
    model::{ImageId, LostBackslashes, NotJson, ProgramUse, Stage},
    source::{Source, Span},
    syntax::{
        SyntaxError,
        dockerfile::{self as syntax, Flag, Form, Instruction, Keyword, Written},
    },
    text::Text,
    windows::Os,
};

/// A Dockerfile, ready to be evaluated with any build args.
#[derive(Debug)]
pub struct File {
    escape: char,
    /// ARGs before the first FROM, the only ones that FROM can use.
    globals: Vec<Arg>,
    stages: Vec<StageWritten>,
    /// Where an `# escape=` directive goes, and the text to insert there, if that restores every lost backslash
    /// and changes nothing else.
    escape_directive: Option<(Span, String)>,
    /// Defaults that are refused where the build does not set their ARG.
    broken_defaults: Vec<(String, SyntaxError)>,
    /// Whether it has instructions of a stage and starts none.
    pub is_fragment: bool,
}

impl Default for File {
    fn default() -> Self {
        Self {
            escape: '\\',
            globals: Vec::new(),
            stages: Vec::new(),
            escape_directive: None,
            broken_defaults: Vec::new(),
            is_fragment: false,
        }
    }
}

/// `ARG name` or `ARG name=default`.
#[derive(Debug)]
struct Arg {
    name: String,
    default: Option<Written<'static>>,
}

/// A stage before variables are filled in.
#[derive(Debug)]
struct StageWritten {
    name: Option<(String, Span)>,
    span: Span,
    base: Option<Written<'static>>,
    platform: Option<Written<'static>>,
    runs: Vec<Span>,
    copies: Vec<Copy>,
    lost_backslashes: Vec<LostBackslashes>,
    not_json: Vec<NotJson>,
    programs: Vec<ProgramUse>,
    /// The programs of the last CMD, ENTRYPOINT and HEALTHCHECK.
    started: Vec<ProgramUse>,
    shell: programs::Shell,
    brings_powershell: bool,
    hints: Hints,
}

/// A place that takes files out of an image or a stage.
#[derive(Debug)]
struct Copy {
    from: Written<'static>,
    by: CopyBy,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CopyBy {
    /// `COPY --from=`, which knows stages by number too.
    Copy,
    /// `RUN --mount=from=`.
    Mount,
    /// Either in an ONBUILD: done by the builds that start from this stage.
    Trigger,
}

/// What a build sets from outside. Later entries of a name win.
#[derive(Clone, Debug, Default)]
pub struct BuildArgs {
    /// Name and value. A value with a hole makes the ARG unknown, whatever its default.
    pub values: Vec<(String, Text)>,
    /// What any other may be, where it is not known which are set: a hole.
    pub others: Option<Text>,
}

/// An image reference found while evaluating.
#[derive(Debug)]
pub struct FoundImage {
    /// The reference, variables filled in.
    pub text: Text,
    /// The stage that names it.
    pub stage: u32,
    /// `FROM`, not `COPY --from` or `RUN --mount=from=`.
    pub is_base: bool,
}

/// The stages under some build args.
#[derive(Debug, Default)]
pub struct Evaluated {
    /// In order.
    pub stages: Vec<Stage>,
    /// Number of the stage that makes the image.
    pub final_stage: Option<u32>,
    /// Where an `# escape=` directive goes, and the text to insert there, if that restores every lost backslash
    /// and changes nothing else.
    pub escape_directive: Option<(Span, String)>,
    /// Defaults of ARGs that this build evaluates and BuildKit refuses, and why.
    pub broken_defaults: Vec<(Span, String)>,
}

impl File {
    /// Reads a Dockerfile; gives also what BuildKit would refuse, and the comments.
    pub fn read(source: &Source) -> (Self, Vec<SyntaxError>, Vec<Span>) {
        let tree = syntax::parse(source.id, &source.text);
        let mut file = Self { escape: tree.escape, ..Self::default() };
        let mut places = FxHashMap::default();
        for instruction in &tree.instructions {
            match instruction.keyword {
                Some(Keyword::From) => {
                    let stage = stage(instruction);
                    let shell = programs::Shell::inherited(&stage, &file.stages, &places);
                    if let Some((name, _)) = &stage.name {
                        places.insert(name.to_ascii_lowercase(), file.stages.len());
                    }
                    file.stages.push(StageWritten { shell, ..stage });
                }
                Some(Keyword::Arg) if file.stages.is_empty() => {
                    file.globals.extend(instruction.assignments(tree.escape).into_iter().map(|it| Arg {
                        name: instruction.arguments.slice(it.name).as_str().to_owned(),
                        default: it.value.map(|value| instruction.arguments.slice(value).into_owned()),
                    }));
                }
                _ => {
                    if let Some(stage) = file.stages.last_mut() {
                        stage.add(instruction);
                        programs::add(instruction, stage);
                        stage.note_hints(instruction, tree.escape);
                        builder::not_json(instruction, tree.escape, stage.shell.kind(), &mut stage.not_json);
                        if tree.escape == '\\' {
                            builder::lost_backslashes(instruction, &mut stage.lost_backslashes);
                        }
                    }
                }
            }
        }
        file.stages.shrink_to_fit();
        let is_of_stage = |it: &Instruction| !matches!(it.keyword, Some(Keyword::Arg) | None);
        file.is_fragment = file.stages.is_empty() && tree.instructions.iter().any(is_of_stage);
        if file.stages.iter().any(|stage| !stage.lost_backslashes.is_empty()) {
            file.escape_directive = escape::directive(source, &tree);
        }
        file.broken_defaults = tree.broken_defaults;
        (file, tree.errors, tree.comments)
    }

    /// Drops what it takes to evaluate it.
    pub(crate) fn forget(&mut self) {
        *self = Self { broken_defaults: std::mem::take(&mut self.broken_defaults), ..Self::default() };
    }

    /// Whether a build that does not set some ARG is refused for its default.
    pub fn has_broken_defaults(&self) -> bool {
        !self.broken_defaults.is_empty()
    }

    /// Evaluates it. `add` is called once for each image named, and gives it a number.
    pub fn evaluate(
        &self,
        args: &BuildArgs,
        target: Option<&str>,
        add: &mut dyn FnMut(FoundImage) -> ImageId,
    ) -> Evaluated {
        evaluate::evaluate(self, args, target, add)
    }
}

/// The stage that a FROM starts. One that BuildKit refuses is read as far as it goes.
fn stage(from: &Instruction) -> StageWritten {
    let words = from.words();
    let word = |at: usize| words.get(at).map(|range: &Range<usize>| from.arguments.slice(range.clone()));
    let named = word(1).is_some_and(|it| it.as_str().eq_ignore_ascii_case("as"));
    StageWritten {
        name: word(2).filter(|_| named).map(|name| (name.as_str().to_owned(), name.whole())),
        span: from.span,
        base: word(0).map(Written::into_owned),
        platform: from.flag("platform").and_then(Flag::value).map(Written::into_owned),
        runs: Vec::new(),
        copies: Vec::new(),
        lost_backslashes: Vec::new(),
        not_json: Vec::new(),
        programs: Vec::new(),
        started: Vec::new(),
        shell: programs::Shell::Cmd,
        brings_powershell: false,
        hints: Hints::default(),
    }
}

impl StageWritten {
    fn add(&mut self, instruction: &Instruction) {
        match (instruction.keyword, instruction.trigger.as_deref()) {
            (Some(Keyword::Run), _) => {
                self.runs.push(instruction.keyword_span);
                self.add_sources(instruction, CopyBy::Mount);
            }
            (Some(Keyword::Copy), _) => self.add_sources(instruction, CopyBy::Copy),
            (Some(Keyword::Onbuild), Some(trigger)) => self.add_sources(trigger, CopyBy::Trigger),
            _ => {}
        }
    }

    /// Records what shows the operating system of the stage: where it copies to and works, and its shell.
    fn note_hints(&mut self, instruction: &Instruction, escape: char) {
        let Some(keyword) = instruction.keyword else { return };
        match (keyword, &instruction.form) {
            (Keyword::Shell, Form::Exec(words)) => {
                let program = words.first().and_then(|word| hints::of_program(&word.value));
                self.hints.note(program, instruction.keyword_span);
            }
            (Keyword::Run, Form::Shell) => {
                let text = instruction.arguments.as_str();
                let program = text.split_ascii_whitespace().next().and_then(hints::of_program);
                self.hints.note(program.filter(|os| *os == Os::Linux), instruction.keyword_span);
            }
            // A folder of Linux may be one of the drive that Windows is on.
            (Keyword::Workdir | Keyword::Copy | Keyword::Add | Keyword::Volume, _) => {
                for word in builder::words(instruction, escape) {
                    let is_here = word.place != builder::Place::Source;
                    let os = hints::of_path(&word.text).filter(|os| is_here && *os == Os::Windows);
                    self.hints.note(os, word.span);
                }
            }
            _ => {}
        }
    }

    fn add_sources(&mut self, instruction: &Instruction, by: CopyBy) {
        let sources = instruction.flags.iter().filter_map(|flag| {
            let value = flag.value()?;
            match (instruction.keyword, flag.name()) {
                (Some(Keyword::Copy), "from") => Some(value),
                (Some(Keyword::Run), "mount") => Some(value.slice(syntax::mount_from(value.as_str())?)),
                _ => None,
            }
        });
        let sources = sources.filter(|it| !it.is_empty());
        self.copies.extend(sources.map(|from| Copy { from: from.into_owned(), by }));
    }
}
