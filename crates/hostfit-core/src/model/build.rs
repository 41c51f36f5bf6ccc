//! Dockerfiles, each evaluated with the args and the target of what builds it.

use super::ImageId;
use crate::{
    source::{SourceId, Span},
    text::Text,
    windows::nano_server::Missing,
};

/// One evaluation of a Dockerfile: with the args and the target that one `build:` gives it, or with none.
#[derive(Clone, Debug)]
pub struct DockerfileBuild {
    /// The Dockerfile (or, for `dockerfile_inline`, the Compose file).
    pub source: SourceId,
    /// Stages in order.
    pub stages: Vec<Stage>,
    /// The stage that makes the image: the target, else the last one. None if there is no stage, or the target
    /// does not exist.
    pub final_stage: Option<u32>,
    /// The places that build it: `build:` of a Compose service, a bake target. Empty: nothing in the tree does.
    pub built_at: Vec<Span>,
    /// The names that these places give the image.
    pub names: Vec<Text>,
    /// Whether a workload runs what it makes.
    pub used: bool,
    /// Whether one of its stages is surely Windows, by more than a third party's image name.
    pub is_proven_windows: bool,
    /// Where an `# escape=` directive goes, and the text to insert there, if that restores every lost backslash
    /// and changes nothing else.
    pub escape_directive: Option<(Span, String)>,
    /// Defaults of ARGs that this build evaluates and BuildKit refuses, and why.
    pub broken_defaults: Vec<(Span, String)>,
    /// For each stage the image that it comes down to.
    bases: Vec<Option<ImageId>>,
    /// For each stage whether another one starts or copies from it.
    is_needed: Vec<bool>,
}

impl DockerfileBuild {
    /// The stages under some build args; nothing builds it yet.
    pub fn new(source: SourceId, stages: Vec<Stage>, final_stage: Option<u32>) -> Self {
        let mut bases: Vec<Option<ImageId>> = Vec::with_capacity(stages.len());
        for stage in &stages {
            bases.push(match stage.base {
                StageBase::Image(image) => Some(image),
                StageBase::Stage(earlier) => bases.get(earlier as usize).copied().flatten(),
                StageBase::Scratch => None,
            });
        }
        let mut is_needed = vec![false; stages.len()];
        for needed in stages.iter().flat_map(Stage::needed) {
            if let Some(is_needed) = is_needed.get_mut(needed as usize) {
                *is_needed = true;
            }
        }
        Self {
            source,
            stages,
            bases,
            is_needed,
            final_stage,
            built_at: Vec::new(),
            names: Vec::new(),
            used: false,
            is_proven_windows: false,
            escape_directive: None,
            broken_defaults: Vec::new(),
        }
    }

    /// The image that `stage` starts from, through the stages before it.
    pub fn base_of(&self, stage: u32) -> Option<ImageId> {
        self.bases.get(stage as usize).copied().flatten()
    }

    /// Whether no other stage needs this one: what people build, not what only feeds others.
    pub fn is_leaf_stage(&self, stage: u32) -> bool {
        self.is_needed.get(stage as usize).is_some_and(|needed| !needed)
    }

    /// The image that the final stage starts from.
    pub fn base_image(&self) -> Option<ImageId> {
        self.base_of(self.final_stage?)
    }

    /// The images that its stages start from, in order.
    pub fn bases(&self) -> impl Iterator<Item = ImageId> {
        self.bases.iter().copied().flatten()
    }
}

/// One stage of a Dockerfile.
#[derive(Clone, Debug)]
pub struct Stage {
    /// `FROM … AS name`.
    pub name: Option<(String, Span)>,
    /// The whole `FROM` instruction.
    pub span: Span,
    /// What it starts from.
    pub base: StageBase,
    /// `FROM --platform=`: the value, variables filled in.
    pub platform: Option<Text>,
    /// The keyword of each RUN instruction.
    pub runs: Vec<Span>,
    /// Numbers of the earlier stages it copies from.
    pub copies_from: Vec<u32>,
    /// Words from which the builder takes backslashes, in order.
    pub lost_backslashes: Vec<LostBackslashes>,
    /// Arrays that are not JSON, in order.
    pub not_json: Vec<NotJson>,
    /// Programs that it starts and Nano Server may lack; of CMD, ENTRYPOINT and HEALTHCHECK those of the last one.
    pub programs: Vec<ProgramUse>,
    /// Whether it, or a stage it starts from, may have a `powershell` of its own: one is copied in, or the image is
    /// made for `HostProcess` containers, which find the host's.
    pub may_have_powershell: bool,
    /// A path with a drive, or a shell of Windows, where nothing in the stage and in those that it starts from is of Linux.
    pub windows_hint: Option<Span>,
}

/// A command that starts a program which Nano Server may lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgramUse {
    /// What it starts.
    pub missing: Missing,
    /// `RUN`, `SHELL`, `CMD`, `command`.
    pub by: &'static str,
    /// The bytes of the program's name; the whole word of an array.
    pub span: Span,
}

/// A word of an instruction in which the builder reads backslashes as escapes, though they seem to be meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LostBackslashes {
    /// `COPY`.
    pub instruction: &'static str,
    /// The word.
    pub span: Span,
    /// What the builder makes of it, variables as they are written.
    pub read: String,
    /// The backslashes. None are known in a JSON array, which has escapes of its own.
    pub at: Vec<Span>,
    /// Whether one of them is in a path that starts with a drive.
    pub is_drive_path: bool,
}

/// The shells that print errors of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShellKind {
    /// `cmd`, which images of Windows start from.
    Cmd,
    /// Windows PowerShell or PowerShell 7.
    PowerShell,
    /// Any other.
    Other,
}

/// The arguments of an instruction that are meant as a JSON array but are not JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotJson {
    /// `CMD`.
    pub instruction: &'static str,
    /// From the bracket on.
    pub span: Span,
    /// What the shell form is read by there.
    pub shell: ShellKind,
    /// Whether the build of this file fails with it: not what the builder reads in shell form, or leaves to other builds.
    pub is_refused: bool,
    /// Whether there is a single backslash in it, which JSON wants doubled.
    pub has_backslash: bool,
    /// What makes JSON of it, if only one thing can be meant.
    pub edits: Vec<(Span, String)>,
    /// Why what it then starts may not be what is meant.
    pub doubt: Option<&'static str>,
}

impl Stage {
    /// Numbers of the earlier stages that building this one needs.
    pub fn needed(&self) -> impl Iterator<Item = u32> {
        let base = match self.base {
            StageBase::Stage(earlier) => Some(earlier),
            StageBase::Image(_) | StageBase::Scratch => None,
        };
        base.into_iter().chain(self.copies_from.iter().copied())
    }

    /// What it starts and Nano Server lacks, but for the PowerShell of a stage that may have brought one.
    pub fn lost_on_nano_server(&self) -> impl Iterator<Item = &ProgramUse> {
        self.programs.iter().filter(|used| !(self.may_have_powershell && used.missing.program == "powershell"))
    }

    /// Whether it starts from an image, not from an earlier stage or nothing.
    pub fn base_is_image(&self) -> bool {
        matches!(self.base, StageBase::Image(_))
    }
}

/// What a stage starts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StageBase {
    /// An image.
    Image(ImageId),
    /// An earlier stage.
    Stage(u32),
    /// `scratch`; an earlier stage, but a variable chooses which; or (on bad input) nothing.
    Scratch,
}
