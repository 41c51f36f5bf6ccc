//! Which programs the instructions of a stage start.

use rustc_hash::FxHashMap;

use super::{StageWritten, builder};
use crate::{
    front::command,
    model::{ProgramUse, ShellKind},
    source::Span,
    syntax::dockerfile::{Form, Instruction, Keyword, Written},
    windows::nano_server::Missing,
};

/// What the shell form is read by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Cmd,
    /// PowerShell 7.
    Pwsh,
    /// Windows PowerShell, the Desktop edition, which is reported where it is chosen.
    Desktop,
    /// Anything else.
    Other,
}

impl Shell {
    /// The shell that a stage begins with: that of the stage it starts from. Images of Windows have `cmd`, unless
    /// somebody chose another one for them; then the words mostly read the same. `places` are the numbers of the stages
    /// before it, by their names in lower case.
    pub(super) fn inherited(stage: &StageWritten, before: &[StageWritten], places: &FxHashMap<String, usize>) -> Self {
        let base = stage.base.as_ref().map(Written::as_str).unwrap_or_default();
        let place = places.get(&base.to_ascii_lowercase());
        place.and_then(|&place| before.get(place)).map_or(Self::Cmd, |it| it.shell)
    }

    /// What it makes of text that is not meant for it.
    pub(super) fn kind(self) -> ShellKind {
        match self {
            Self::Cmd => ShellKind::Cmd,
            Self::Pwsh | Self::Desktop => ShellKind::PowerShell,
            Self::Other => ShellKind::Other,
        }
    }

    fn chosen(word: &str) -> Self {
        let name = word.rsplit(['\\', '/']).next().unwrap_or_default().to_ascii_lowercase();
        match name.trim_end_matches(".exe") {
            "cmd" => Self::Cmd,
            "pwsh" => Self::Pwsh,
            "powershell" => Self::Desktop,
            _ => Self::Other,
        }
    }
}

/// As many programs of one CMD are kept.
const MAX_STARTED: usize = 4;

/// Takes note of what `instruction` starts.
pub(super) fn add(instruction: &Instruction, stage: &mut StageWritten) {
    let Some(keyword) = instruction.keyword else { return };
    stage.brings_powershell |= brings_powershell(keyword, instruction.arguments.as_str());
    match keyword {
        Keyword::Run | Keyword::Shell => {}
        // The last one counts.
        Keyword::Cmd | Keyword::Entrypoint | Keyword::Healthcheck => {
            stage.started.retain(|it| it.by != keyword.name());
        }
        _ => return,
    }
    let is_built = matches!(keyword, Keyword::Run | Keyword::Shell);
    let programs = if is_built { &mut stage.programs } else { &mut stage.started };
    let most = if is_built { builder::MAX_NOTED } else { programs.len() + MAX_STARTED };
    let mut add = |missing: Missing, span: Span| {
        if programs.len() < most {
            programs.push(ProgramUse { missing, by: keyword.name(), span });
        }
    };
    match &instruction.form {
        Form::Exec(elements) => {
            let words: Vec<_> = elements.iter().map(|it| it.value.as_str()).collect();
            if let Some((at, _, missing)) = command::in_words(&words)
                && let Some(element) = elements.get(at)
            {
                add(missing, element.span);
            }
            if keyword == Keyword::Shell {
                stage.shell = words.first().map_or(Shell::Other, |word| Shell::chosen(word));
            }
        }
        Form::Shell if keyword != Keyword::Shell && matches!(stage.shell, Shell::Cmd | Shell::Pwsh) => {
            let text = instruction.arguments.as_str();
            let from = if keyword == Keyword::Healthcheck { builder::after_cmd(text) } else { Some(0) };
            let Some(from) = from else { return };
            let text = text.get(from..).unwrap_or_default();
            for (at, missing) in command::in_text(text, stage.shell == Shell::Pwsh) {
                add(missing, instruction.arguments.span(from + at.start..from + at.end));
            }
        }
        Form::Shell | Form::NotStrings => {}
    }
}

/// Whether a `powershell` may come with it: copied or linked, or named in a PATH that only holds on the host of a
/// `HostProcess` container.
fn brings_powershell(keyword: Keyword, arguments: &str) -> bool {
    let arguments = arguments.as_bytes();
    let has = |word: &str| {
        let first = word.as_bytes().first().copied().unwrap_or_default();
        let is_here =
            |at: usize| arguments.get(at..at + word.len()).is_some_and(|it| it.eq_ignore_ascii_case(word.as_bytes()));
        memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), arguments).any(is_here)
    };
    match keyword {
        Keyword::Copy | Keyword::Add => has("powershell"),
        Keyword::Env => has("WindowsPowerShell"),
        Keyword::Run => has("mklink") && has("powershell"),
        _ => false,
    }
}
