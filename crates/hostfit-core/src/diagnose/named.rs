//! The images that the words around an error name, and how a command line asks to run them.

use std::ops::Range;

use super::{
    error::{Error, fault_of},
    message::{AFTER, BEFORE, Message, floor},
};
use crate::windows::Isolation;

impl Message {
    /// The image that the words around a place name.
    pub(super) fn image_near(&self, start: usize, end: usize) -> Option<String> {
        let before_from = floor(self.lower(), start.saturating_sub(BEFORE));
        let after_to = floor(self.lower(), (end + AFTER).min(self.lower().len()));
        let mut best: Option<(usize, bool, String)> = None;
        for words in NAMED {
            let window = self.lower().get(before_from..after_to).unwrap_or_default();
            let places = window.match_indices(words.before).map(|(at, _)| before_from + at);
            for at in places {
                let Some(image) = words.image(self, at) else { continue };
                let distance = at.abs_diff(start);
                let is_near = at < start || words.is_sure;
                let better = match &best {
                    _ if !is_near => false,
                    None => true,
                    Some((_, _, other)) if is_part(other, &image) => true,
                    Some((_, _, other)) if is_part(&image, other) => false,
                    Some((known, ..)) => distance < *known,
                };
                if better {
                    best = Some((distance, words.is_sure, image));
                }
            }
        }
        best.map(|(_, _, image)| image)
    }

    /// The images that could not be pulled, each with the bytes that say so.
    pub(super) fn refused_images(&self) -> impl Iterator<Item = (String, Range<usize>)> {
        let image = |words: &Words, at: usize| {
            let image = words.image(self, at)?;
            let end = at + words.before.len() + image.len();
            Some((image, at..end))
        };
        let of = move |words: &'static Words| {
            self.lower().match_indices(words.before).filter_map(move |(at, _)| image(words, at))
        };
        REFUSED.iter().flat_map(of)
    }

    /// The isolation that the command line before a place asks for, or the engine's own words behind it.
    pub(super) fn isolation_near(&self, start: usize, end: usize) -> Option<Isolation> {
        let from = floor(self.lower(), start.saturating_sub(BEFORE));
        let before = self.lower().get(from..start)?;
        let asked = before.rsplit_once("-isolation").and_then(|(_, rest)| match rest.get(1..)? {
            rest if rest.starts_with("hyperv") => Some(Isolation::Hyperv),
            rest if rest.starts_with("process") => Some(Isolation::Process),
            _ => None,
        });
        let to = floor(self.lower(), (end + EXTRA).min(self.lower().len()));
        let after = self.lower().get(end..to).unwrap_or_default();
        let made = || {
            let (_, value) = after.split_once("\"hvpartition\":")?;
            Some(if value.starts_with("true") { Isolation::Hyperv } else { Isolation::Process })
        };
        asked.or_else(made)
    }
}

/// What the engine asked the Host Compute Service for stands within so many bytes behind the error.
const EXTRA: usize = 4000;

/// Words before an image reference.
struct Words {
    before: &'static str,
    form: Form,
    /// Whether they speak of what fails, wherever they stand; else only what stands before it is meant.
    is_sure: bool,
    /// What has to follow the reference.
    after: &'static str,
}

/// How the reference is written behind its words.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Whole,
    /// `ltsc2022: Pulling from windows/nanoserver`
    Progress,
    /// `Pulling web (contoso/web:1)...`, as Compose 1 writes it.
    OfService,
    /// Behind the options of a command.
    Argument,
    /// `failed to resolve source metadata for IMAGE: IMAGE: not found`
    Missing,
}

const fn words(before: &'static str, is_sure: bool, after: &'static str) -> Words {
    Words { before, form: Form::Whole, is_sure, after }
}

const fn command(before: &'static str) -> Words {
    Words { before, form: Form::Argument, is_sure: false, after: "" }
}

const fn missing(before: &'static str) -> Words {
    Words { before, form: Form::Missing, is_sure: true, after: "" }
}

const NAMED: &[Words] = &[
    words("pull image \"", true, "\""),
    words("pulling image \"", true, "\""),
    words("unpack image \"", true, "\""),
    words("resolve reference \"", true, "\""),
    words("sandbox image \"", true, "\""),
    words("unable to find image '", true, "'"),
    words("the container image '", true, "'"),
    words("the os version of image '", true, "'"),
    words("imagename=", true, ""),
    words("source metadata for ", true, ""),
    words("load metadata for ", false, ""),
    words("failed to solve: ", true, ": "),
    words("failed to pull image ", true, ": "),
    command("docker pull "),
    command("docker.exe pull "),
    command("nerdctl pull "),
    command("crictl pull "),
    command("docker run "),
    command("docker.exe run "),
    command("docker create "),
    command("docker container run "),
    command("nerdctl run "),
    words(" : from ", false, ""),
    words("] from ", false, ""),
    words("pulling image ", false, ""),
    Words { before: "pulling from ", form: Form::Progress, is_sure: false, after: "" },
    Words { before: " (", form: Form::OfService, is_sure: false, after: ")..." },
    words("error pulling image ", true, ""),
];

const REFUSED: &[Words] = &[
    words("manifest for ", true, " not found"),
    words("pull access denied for ", true, ""),
    words("repository ", true, " not found"),
    words("failed to resolve reference \"", true, "\""),
    words("back-off pulling image \"", true, "\""),
    missing("source metadata for "),
    missing("failed to create llb definition: "),
    missing("failed to resolve ref "),
];

impl Words {
    fn image(&self, message: &Message, at: usize) -> Option<String> {
        let from = at + self.before.len();
        let rest = message.plain().get(from..)?;
        if self.form == Form::Argument {
            return argument(message, from).map(str::to_owned);
        }
        let end = rest.find([' ', '"', '\'', ',', ';']).unwrap_or(rest.len());
        let image = rest.get(..end)?.trim_end_matches([':', '.', ')']);
        let after = rest.get(image.len()..)?;
        if !is_reference(image) || !after.starts_with(self.after) {
            return None;
        }
        match self.form {
            Form::Progress => {
                let tag = message.plain().get(..at)?.strip_suffix(": ")?.rsplit(' ').next()?;
                let image = image.strip_prefix("library/").unwrap_or(image);
                Some(of_microsoft(format!("{image}:{tag}")))
            }
            Form::OfService => {
                let (line, _) = message.line_of(at);
                let service = message.lower().get(line..at)?.rsplit_once("pulling ")?.1;
                (!service.contains(' ')).then(|| image.to_owned())
            }
            Form::Missing => {
                let after = after.strip_prefix(": ")?;
                let after = after.strip_prefix(image).and_then(|it| it.strip_prefix(": ")).unwrap_or(after);
                after.starts_with("not found").then(|| image.to_owned())
            }
            Form::Whole | Form::Argument => Some(image.to_owned()),
        }
    }
}

fn is_reference(text: &str) -> bool {
    let grammar = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b'_' | b'/' | b':' | b'@');
    text.starts_with(|it: char| it.is_ascii_alphanumeric()) && text.len() <= 500 && text.bytes().all(grammar)
}

/// The first word of a command that is neither an option nor an option's value, up to the end of its line.
fn argument(message: &Message, from: usize) -> Option<&str> {
    let (_, mut end) = message.line_of(from);
    let plain = message.plain();
    // PowerShell, cmd and sh each end a line that goes on in their own way.
    while plain.get(..end)?.trim_end().ends_with(['`', '^', '\\']) && end < plain.len() && end < from + BEFORE {
        end = message.line_of(end + 1).1;
    }
    let mut rest = plain.get(from..end)?;
    let mut is_value = false;
    loop {
        rest = rest.trim_start();
        let word_end = word_end(rest);
        let (word, after) = rest.split_at_checked(word_end).filter(|(word, _)| !word.is_empty())?;
        rest = after;
        let is_continued = matches!(word, "`" | "^" | "\\");
        if std::mem::take(&mut is_value) || is_continued {
            continue;
        }
        if !word.starts_with('-') {
            return Some(word.trim_matches(['"', '\''])).filter(|it| is_reference(it));
        }
        is_value = !word.contains('=') && !is_switch(word);
    }
}

/// Where a word ends, blanks in quotes included.
fn word_end(text: &str) -> usize {
    let mut quote = None;
    for (at, char) in text.char_indices() {
        match quote {
            Some(open) if open == char => quote = None,
            None if matches!(char, '"' | '\'') => quote = Some(char),
            None if char == ' ' => return at,
            _ => {}
        }
    }
    text.len()
}

/// Options of `docker run`, `docker create` and `docker pull` that take no value.
fn is_switch(option: &str) -> bool {
    let letters = option.strip_prefix('-').filter(|it| !it.starts_with('-'));
    letters.is_some_and(|it| it.bytes().all(|letter| b"aditPq".contains(&letter)) && it != "a")
        || matches!(
            option,
            "--rm"
                | "--init"
                | "--detach"
                | "--interactive"
                | "--tty"
                | "--privileged"
                | "--read-only"
                | "--publish-all"
                | "--no-healthcheck"
                | "--oom-kill-disable"
                | "--use-api-socket"
                | "--quiet"
                | "--all-tags"
        )
}

/// The whole name of what `docker pull` shows without its registry, where only Microsoft's has that.
fn of_microsoft(image: String) -> String {
    if fault_of(&image) != Some(Error::InvalidRepository) {
        return image;
    }
    let whole = format!("mcr.microsoft.com/{image}");
    if fault_of(&whole) == Some(Error::InvalidRepository) { image } else { whole }
}

/// Whether `part` is what `docker pull` shows of the reference `whole`.
fn is_part(part: &str, whole: &str) -> bool {
    whole.strip_suffix(part).is_some_and(|before| before.ends_with('/'))
}
