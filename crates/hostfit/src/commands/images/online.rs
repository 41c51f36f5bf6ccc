//! `hostfit images --online`: what the registries say, into the lock file; or what has moved since.

use std::{
    collections::BTreeMap,
    fmt::Write as _,
    fs,
    io::{BufWriter, Read, Write, stdout},
    path::Path,
};

use hostfit_core::{
    config::lock::{Entry, Lock, Platform},
    front::link,
    printable,
    source::{MAX_BYTES, Source, SourceId, Sources},
};
use serde::Serialize;

use super::{
    registry::{self, Failure, Lookup, Wanted},
    show, unknown,
};
use crate::{
    Exit,
    args::{Format, Images},
    clock, commands,
    error::Error,
    files::Folder,
    read::Texts,
    report::{self, human, json},
    settings::Settings,
    terminal::say,
    tree, write,
};

/// An image that a registry could not be asked for.
#[derive(Serialize)]
pub(super) struct Failed<'a> {
    image: &'a str,
    /// `path:line` of each use.
    places: Vec<String>,
    message: &'a str,
}

/// An image of which the registry says something else than the lock file.
#[derive(Serialize)]
struct Moved<'a> {
    image: &'a str,
    change: Change,
    places: Vec<String>,
    locked: Option<State<'a>>,
    now: Option<State<'a>>,
}

#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Change {
    /// Another image has the name.
    Moved,
    /// No image has it any more.
    Vanished,
    /// The lock file does not have it yet.
    New,
}

#[derive(Serialize)]
struct State<'a> {
    digest: &'a str,
    date: String,
    platforms: Vec<String>,
}

#[derive(Serialize)]
struct CheckReport<'a> {
    asked: usize,
    moved: Vec<Moved<'a>>,
    failed: Vec<Failed<'a>>,
}

pub(super) fn run(args: &Images) -> Result<Exit, Error> {
    let inputs = &args.inputs;
    let folder = Folder::current()?;
    let (mut settings, errors) = Settings::load_or_lock_errors(inputs, &folder)?;
    let shown = folder.show(&settings.lock);
    if !errors.is_empty() {
        if args.check {
            return Err(settings.refused(errors, inputs));
        }
        say(&format!("warning: {shown} cannot be read, and is replaced"));
    }
    if args.check && settings.config.lock.is_none() {
        let message = format!("there is no {shown} to compare with; `hostfit images --online` writes it");
        return Err(Error::message(message));
    }
    if !args.check {
        // Nobody is asked for what cannot be written down.
        write::can_be(&settings.lock).map_err(|why| Error::message(format!("`{shown}` {why}")))?;
    }
    let client = registry::client(&mut settings, inputs)?;
    let roots = commands::roots(inputs, &folder, &settings);
    let mut files = commands::read_files(inputs, &folder, &mut settings, roots, Texts::Held)?;
    let Settings { mut config, lock: path, .. } = settings;
    let (mut texts, units) = (std::mem::take(&mut files.sources), files.units);
    // The lock file as it will be.
    let id = SourceId(u32::try_from(texts.len()).unwrap_or(u32::MAX));
    texts.push(Source::from_text(id, shown.clone(), ""));
    let mut sources = Sources::new(texts).in_folder(&folder.path.to_string_lossy());
    let project = link::link(&sources, &units, &config);
    let wanted = registry::wanted(&project, &files.given);
    let answers = registry::ask(&client, &wanted, clock::today(), inputs.quiet);
    let failed = failures(&wanted, &answers, &sources);
    tell(&failed, answers.len());
    let covers_all = covers(args, &folder, &path);
    let old = config.lock.take().unwrap_or_default();
    if args.check {
        return check(args, &old, &wanted, &answers, &sources, covers_all, failed);
    }
    let new = merged(&old, &wanted, &answers, covers_all);
    if !new.entries().is_empty() || fs::symlink_metadata(&path).is_ok() {
        save(&path, &shown, &new, &old, inputs.quiet)?;
    } else if !inputs.quiet {
        say("no image to write down: no lock file is written");
    }
    // What is shown is what later runs will read.
    let source = Source::from_text(id, shown, new.to_toml());
    config.lock =
        Lock::parse(&source).ok().map(|lock| lock.asked(|image| answers.get(image).is_some_and(Result::is_ok)));
    sources.replace(source);
    let project = link::link(&sources, &units, &config);
    let unknown = args.unknown.then(|| unknown(&sources, &units, &config));
    show(args, &project, &config, &sources, &files.given, unknown.as_ref(), Some(failed))?;
    Ok(Exit::Clean)
}

/// Whether all that the lock file is about was looked at, so that what nobody names can go.
fn covers(args: &Images, folder: &Folder, lock: &Path) -> bool {
    let home = lock.parent().unwrap_or(lock);
    args.inputs.paths.iter().any(|path| path.as_os_str() != "-" && home.starts_with(folder.absolute(path)))
}

/// What is known now. Who says the same keeps the day on which it was said first, and who could not be asked stays.
fn merged(old: &Lock, wanted: &Wanted, answers: &BTreeMap<String, Lookup>, covers_all: bool) -> Lock {
    let kept = old.entries().iter().filter(|entry| !covers_all || wanted.contains_key(&entry.image)).cloned();
    let now = answers.values().flatten().map(|now| match old.get(&now.image) {
        Some(before) if before.says_the_same(now) => before.clone(),
        _ => now.clone(),
    });
    Lock::new(kept.chain(now))
}

fn save(path: &Path, shown: &str, new: &Lock, old: &Lock, quiet: bool) -> Result<(), Error> {
    let text = new.to_toml();
    let mut before = String::new();
    let read = tree::open_plain(path).map(|file| file.take(MAX_BYTES as u64).read_to_string(&mut before));
    // A checkout on Windows has other line ends.
    let is_same = matches!(read, Ok(Ok(_))) && before.replace("\r\n", "\n") == text;
    if !is_same {
        write::write(path, |out| out.write_all(text.as_bytes()))
            .map_err(|why| Error::message(format!("`{shown}` {why}")))?;
    }
    if !quiet {
        let is_new = |entry: &&Entry| old.get(&entry.image).is_none_or(|before| !before.says_the_same(entry));
        let changed = new.entries().iter().filter(is_new).count();
        let images = human::number(new.entries().len(), "image");
        let done = if is_same { "is as it was" } else { "written" };
        say(&format!("{shown} {done}: {images}, {changed} new or changed"));
    }
    Ok(())
}

fn places(name: &str, wanted: &Wanted, sources: &Sources) -> Vec<String> {
    let spans = wanted.get(name).map(|(_, spans)| spans.as_slice()).unwrap_or_default();
    let mut places: Vec<_> = spans.iter().map(|span| report::place(*span, sources)).collect();
    places.sort();
    places.dedup();
    places
}

fn failures<'a>(wanted: &Wanted, answers: &'a BTreeMap<String, Lookup>, sources: &Sources) -> Vec<Failed<'a>> {
    let failed = |(image, answer): (&'a String, &'a Lookup)| {
        let Failure { words, .. } = answer.as_ref().err()?;
        Some(Failed { image, places: places(image, wanted, sources), message: words })
    };
    answers.iter().filter_map(failed).collect()
}

/// Says what failed; the run goes on.
fn tell(failed: &[Failed], asked: usize) {
    for Failed { image, places, message } in failed {
        let place = places.first().map(|place| format!(" ({place})")).unwrap_or_default();
        say(&format!("warning: {image}{place}: {message}"));
    }
    if !failed.is_empty() {
        let of = human::number(asked, "image");
        say(&format!("{} of {of} could not be asked for; what is known of them stays as it is", failed.len()));
    }
}

/// What has moved, with exit status 1 if anything has.
fn check(
    args: &Images,
    old: &Lock,
    wanted: &Wanted,
    answers: &BTreeMap<String, Lookup>,
    sources: &Sources,
    covers_all: bool,
    failed: Vec<Failed>,
) -> Result<Exit, Error> {
    let mut moved = Vec::new();
    for (image, answer) in answers {
        let before = old.get(image);
        let change = match (before, answer) {
            (Some(before), Ok(now)) if before.says_the_same(now) => continue,
            (Some(_), Ok(_)) => Change::Moved,
            (None, Ok(_)) => Change::New,
            (Some(_), Err(Failure { is_gone: true, .. })) => Change::Vanished,
            // Nobody knows.
            (_, Err(_)) => continue,
        };
        let (locked, now) = (before.map(State::of), answer.as_ref().ok().map(State::of));
        moved.push(Moved { image, change, places: places(image, wanted, sources), locked, now });
    }
    let any = !moved.is_empty();
    let mut out = BufWriter::new(stdout().lock());
    match args.format {
        Format::Json => json::write_value(&CheckReport { asked: answers.len(), moved, failed }, &mut out)?,
        Format::Human => {
            for one in &moved {
                out.write_all(one.words().as_bytes())?;
            }
        }
    }
    out.flush()?;
    let unused = old.entries().iter().filter(|entry| covers_all && !wanted.contains_key(&entry.image)).count();
    if unused > 0 && !args.inputs.quiet {
        let entries = human::number(unused, "image");
        say(&format!("the lock file has {entries} that nothing here names; `hostfit images --online` takes them out"));
    }
    if !args.inputs.quiet && !any {
        say(&format!("nothing has moved: {} asked for", human::number(answers.len(), "image")));
    }
    Ok(if any { Exit::Findings } else { Exit::Clean })
}

impl<'a> State<'a> {
    fn of(entry: &'a Entry) -> Self {
        let words = |it: &Platform| match &it.os_version {
            Some(version) => format!("{}/{} {version}", it.os, it.architecture),
            None => format!("{}/{}", it.os, it.architecture),
        };
        let platforms = entry.platforms.iter().map(words).collect();
        Self { digest: &entry.digest, date: entry.date.to_string(), platforms }
    }
}

impl Moved<'_> {
    fn words(&self) -> String {
        let since = self.locked.as_ref().map(|it| it.date.as_str()).unwrap_or_default();
        let image = printable::line(self.image);
        let mut words = match self.change {
            Change::Moved => format!("{image} has moved since {since}\n"),
            Change::Vanished => format!("{image} has vanished since {since}\n"),
            Change::New => format!("{image} is not in the lock file\n"),
        };
        let mut line = |name: &str, was: Option<&str>, is: Option<&str>| {
            let value = match (was, is) {
                (Some(was), Some(is)) if was == is => return,
                (Some(was), Some(is)) => format!("{was} -> {is}"),
                (was, is) => was.or(is).unwrap_or_default().to_owned(),
            };
            // Writing to a String cannot fail.
            let _ = writeln!(words, "    {name:<10}{}", printable::line(&value));
        };
        let platforms = |state: &Option<State>| state.as_ref().map(|it| it.platforms.join(", "));
        line("digest", self.locked.as_ref().map(|it| it.digest), self.now.as_ref().map(|it| it.digest));
        line("platforms", platforms(&self.locked).as_deref(), platforms(&self.now).as_deref());
        line("used at", None, Some(&self.places.join(", ")));
        words
    }
}
