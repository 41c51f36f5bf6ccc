//! Files to units: read and lowered in parallel, in an order that depends on their names only.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::{Read, stdin},
    path::{Path, PathBuf},
    sync::Once,
    time::{Duration, Instant},
};

use hostfit_core::{
    front::{
        self, Memory, Outcome, Skip, Unit,
        charts::Kept,
        detect::{NameHint, may_be_ours},
        wanted,
    },
    source::{MAX_BYTES, NotText, Source, SourceId},
};
use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::{
    args::Inputs,
    charts::Charts,
    error::Error,
    files::{Bounds, Candidate, EXCLUDED, Folder, Found, STDIN, Skipped},
    parallel,
    tree::{self, Refused, Trees},
};

/// What was read.
#[derive(Debug)]
pub(crate) struct Files {
    /// By id; files that hostfit does not read have no text.
    pub(crate) sources: Vec<Source>,
    /// Those that are ours.
    pub(crate) units: Vec<Unit>,
    /// What was passed over under the given paths, by name.
    pub(crate) skipped: Vec<Skipped>,
    /// The files that lie under a given path, what is rendered with one of them, and what stdin stands for: the run reports on
    /// these.
    pub(crate) given: BTreeSet<SourceId>,
    /// Those of them that were found by looking there, not by a reference: these may be written.
    pub(crate) meant: BTreeMap<SourceId, PathBuf>,
    /// What stdin held, and its id if it was looked at.
    pub(crate) stdin: Option<(Option<SourceId>, Vec<u8>)>,
    /// The texts that were rendered and are not files.
    pub(crate) rendered: BTreeSet<SourceId>,
    /// What was passed over and may be a template that can be rendered by itself.
    pub(crate) templates: Vec<String>,
    /// The charts among them.
    pub(crate) charts: Charts,
    /// What it takes to render these again.
    pub(crate) kept: Kept,
    /// Whether the texts are held. Else a text is read again where something is found.
    pub(crate) texts: Texts,
    /// How many of the first sources are the configuration, its fleets and the lock file.
    pub(crate) settings: usize,
}

impl Files {
    /// The files under the given paths that are ours.
    pub(crate) fn checked(&self) -> impl Iterator<Item = &Unit> {
        let is_file = |unit: &&Unit| !self.rendered.contains(&unit.source);
        self.units.iter().filter(|unit| self.given.contains(&unit.source)).filter(is_file)
    }
}

/// What becomes of texts that were read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Texts {
    /// They are held: what is read again may be another by then.
    Held,
    /// They are let go of.
    LetGo,
}

/// What one file turned out to be.
enum Fate {
    Unit(Box<(Source, Unit)>),
    Skipped(&'static str, String),
    Template(Skip),
    NotOurs,
}

/// Reads the files and, round by round, what they refer to.
///
/// # Errors
/// When stdin cannot be read.
pub(crate) fn read(
    inputs: &Inputs,
    folder: &Folder,
    bounds: &Bounds,
    mut found: Found,
    sources: Vec<Source>,
    texts: Texts,
) -> Result<Files, Error> {
    let mut files = Files {
        sources,
        units: Vec::new(),
        skipped: found.skipped,
        given: BTreeSet::new(),
        meant: BTreeMap::new(),
        stdin: None,
        rendered: BTreeSet::new(),
        templates: Vec::new(),
        charts: Charts::default(),
        kept: Kept::default(),
        texts,
        settings: 0,
    };
    files.settings = files.sources.len();
    let mut seen = BTreeSet::new();
    let mut env_files = BTreeMap::new();
    if found.stdin {
        let name = inputs.stdin_filename.as_deref();
        let shown = name.map_or_else(|| STDIN.to_owned(), |name| folder.show(name));
        // An editor sends what is not saved yet: that stands for the file of this name.
        found.files.remove(&shown);
        files.skipped.retain(|skipped| skipped.path != shown);
        seen.insert(shown.clone());
        files.stdin(inputs, folder, bounds, shown)?;
    }
    seen.extend(found.files.keys().cloned());
    let mut round: Vec<Candidate> = found.files.into_values().collect();
    let first = files.sources.len();
    let meant = round.iter().enumerate().filter(|(_, it)| bounds.is_given(&it.path));
    files.meant = meant.map(|(place, it)| (id(first + place), it.path.clone())).collect();
    let progress = Progress::new(inputs.quiet);
    let followed = (!inputs.no_context).then_some(bounds);
    if let (Some(unit), Some(source)) = (files.units.last(), files.sources.last()) {
        // What stdin holds.
        let referred = Look { folder, seen: &seen, bounds: followed }.referred(unit, source);
        env_files.extend(referred.env_files);
        seen.extend(referred.others.keys().cloned());
        round.extend(referred.others.into_values());
    }
    // A reference of a reference of a reference is as deep as real projects go.
    for _ in 0..4 {
        let look = Look { folder, seen: &seen, bounds: followed };
        let referred = files.round(&round, &look, inputs.jobs, &progress, &env_files);
        let known = env_files.len();
        env_files.extend(referred.env_files);
        if env_files.len() > known {
            files.read_env_files(&env_files, folder);
        }
        seen.extend(referred.others.keys().cloned());
        round = referred.others.into_values().collect();
        if round.is_empty() {
            break;
        }
    }
    progress.finish();
    files.skipped.sort_by(|a, b| a.path.cmp(&b.path));
    let is_given = |path: &str| bounds.is_given(&folder.absolute(Path::new(path)));
    files.skipped.retain(|skipped| is_given(&skipped.path));
    files.given = files.sources.iter().filter(|source| is_given(&source.path)).map(|source| source.id).collect();
    Ok(files)
}

impl Files {
    /// Lets go of the texts, if they are not to be held.
    pub(crate) fn let_go(&mut self) {
        if self.texts == Texts::LetGo {
            self.sources.iter_mut().for_each(|source| source.text.let_go());
        }
    }

    /// Reads these files, and returns what they refer to.
    fn round(
        &mut self,
        round: &[Candidate],
        look: &Look,
        jobs: Option<u16>,
        progress: &Progress,
        env_files: &EnvFiles,
    ) -> Referred {
        progress.expect(round.len());
        let (first, texts) = (self.sources.len(), self.texts);
        let one = |(place, candidate): (usize, &Candidate)| {
            let is_env = env_files.contains_key(&candidate.shown);
            let mut read = if is_env { front::read_env } else { front::read };
            let mut read = open(id(first + place), candidate, look.folder, &mut read);
            let mut referred = Referred::default();
            if let Fate::Unit(both) = &mut read {
                referred = look.referred(&both.1, &both.0);
                if texts == Texts::LetGo {
                    // By the thread that read it, whose next file takes the place.
                    both.0.text.let_go();
                }
            }
            progress.tick();
            (read, referred)
        };
        let all = parallel::map(jobs, round, one);
        let mut together = Referred::default();
        self.sources.reserve(round.len());
        self.units.reserve(round.len());
        for (candidate, (read, referred)) in round.iter().zip(all) {
            self.add(&candidate.shown, read);
            together.env_files.extend(referred.env_files);
            together.others.extend(referred.others);
        }
        together
    }

    /// Files that hostfit does not read keep their place, so that ids stay places.
    fn add(&mut self, shown: &str, read: Fate) {
        let empty = |sources: &Vec<Source>| Source::from_text(id(sources.len()), shown, "");
        match read {
            Fate::Unit(both) => {
                let (source, unit) = *both;
                self.sources.push(source);
                self.units.push(unit);
            }
            Fate::Skipped(reason, advice) => {
                self.sources.push(empty(&self.sources));
                self.skipped.push(Skipped { path: shown.to_owned(), reason: reason.into(), line: None, advice });
            }
            Fate::Template(skip) => {
                self.templates.push(shown.to_owned());
                self.add(shown, Fate::Skipped(skip.reason, skip.advice.to_owned()));
            }
            Fate::NotOurs => self.sources.push(empty(&self.sources)),
        }
    }

    fn stdin(&mut self, inputs: &Inputs, folder: &Folder, bounds: &Bounds, shown: String) -> Result<(), Error> {
        let name = inputs.stdin_filename.as_deref();
        let mut bytes = Vec::new();
        stdin()
            .lock()
            .take(MAX_BYTES as u64 + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| Error::message(format!("stdin cannot be read: {error}")))?;
        if inputs.force_exclude && name.is_some_and(|name| bounds.excludes(&folder.absolute(name))) {
            let advice = EXCLUDED.to_owned();
            self.skipped.push(Skipped { path: shown, reason: "excluded".into(), line: None, advice });
            self.stdin = Some((None, bytes));
            return Ok(());
        }
        self.stdin = Some((Some(id(self.sources.len())), bytes.clone()));
        let read = lower(id(self.sources.len()), &shown, bytes, false, true, &mut front::read);
        self.add(&shown, read);
        Ok(())
    }
}

/// What files refer to, as far as it may be read.
#[derive(Default)]
struct Referred {
    env_files: EnvFiles,
    /// What was not read yet.
    others: BTreeMap<String, Candidate>,
}

/// Where references of files are looked for.
#[derive(Clone, Copy)]
struct Look<'r> {
    folder: &'r Folder,
    /// What was read, or is being read, by the names that findings have for it.
    seen: &'r BTreeSet<String>,
    /// What may be read; none where references are not followed.
    bounds: Option<&'r Bounds>,
}

impl Look<'_> {
    fn referred(self, unit: &Unit, source: &Source) -> Referred {
        let (folder, Some(bounds)) = (self.folder, self.bounds) else { return Referred::default() };
        let absolute = |path: String| folder.absolute(Path::new(&path));
        let candidate = |path: PathBuf, shown: String| {
            let real = Some(bounds.resolve(&path).ok()?);
            Some(Candidate { path, real, shown, named: false })
        };
        let env_files = wanted::env_files(unit, source).into_iter().map(absolute).filter_map(|path| {
            let shown = folder.show_absolute(&path);
            Some((shown.clone(), candidate(path, shown)?))
        });
        // What an excluded file refers to belongs to it: that file was named.
        let is_excluded = || bounds.excludes(&folder.absolute(Path::new(&source.path)));
        let mut others = BTreeMap::new();
        for path in wanted::wanted(unit, source).into_iter().map(absolute) {
            let shown = folder.show_absolute(&path);
            let is_known = self.seen.contains(&shown) || others.contains_key(&shown);
            if !is_known && (!bounds.excludes(&path) || is_excluded()) {
                others.extend(candidate(path, shown.clone()).map(|it| (shown, it)));
            }
        }
        Referred { env_files: env_files.collect(), others }
    }
}

/// Files that others name as those of variables.
type EnvFiles = BTreeMap<String, Candidate>;

impl Files {
    /// Reads the files of variables that were taken for none of ours, since their names do not tell.
    fn read_env_files(&mut self, env_files: &EnvFiles, folder: &Folder) {
        let places: Vec<_> = self.sources.iter().enumerate().skip(self.settings).collect();
        let mut found = Vec::new();
        for (place, source) in places {
            let Some(candidate) = env_files.get(&source.path) else { continue };
            if let Err(at) = self.units.binary_search_by_key(&source.id, |unit| unit.source)
                && let Fate::Unit(both) = open(source.id, candidate, folder, &mut front::read_env)
            {
                found.push((place, at, both));
            }
        }
        // From the last on, so that places before it stay.
        for (place, at, both) in found.into_iter().rev() {
            let (source, unit) = *both;
            if let Some(empty) = self.sources.get_mut(place) {
                *empty = source;
                self.units.insert(at, unit);
            }
        }
    }
}

fn id(place: usize) -> SourceId {
    SourceId(u32::try_from(place).unwrap_or(u32::MAX))
}

/// One file by itself, again, with what is remembered of it; without a text where hostfit does not read it.
pub(crate) fn again(
    id: SourceId,
    candidate: &Candidate,
    folder: &Folder,
    memory: &mut Memory,
) -> (Source, Option<Unit>) {
    let mut candidate = candidate.clone();
    // It may be another file by now.
    let is_here = folder.open.contains_key(&candidate.path)
        || Trees::around(&folder.path).resolve(&candidate.path).is_ok_and(|real| {
            candidate.real = Some(real);
            true
        });
    let fate = is_here.then(|| open(id, &candidate, folder, &mut |source| front::read_again(source, memory)));
    match fate {
        Some(Fate::Unit(both)) => (both.0, Some(both.1)),
        Some(Fate::Skipped(..) | Fate::Template(_) | Fate::NotOurs) | None => {
            (Source::from_text(id, candidate.shown, ""), None)
        }
    }
}

/// Recognises and lowers a text.
type Lower<'l> = &'l mut dyn FnMut(&Source) -> Outcome;

fn open(id: SourceId, candidate: &Candidate, folder: &Folder, read: Lower<'_>) -> Fate {
    if let Some(text) = folder.open.get(&candidate.path) {
        return lower(id, &candidate.shown, text.as_bytes().to_vec(), false, candidate.named, read);
    }
    let path = candidate.real.as_ref().unwrap_or(&candidate.path);
    let (read_bytes, too_large) = match bytes(path) {
        Ok(read) => read,
        Err(refused) => return Fate::Skipped("unreadable", refused.to_string()),
    };
    let mut fate = lower(id, &candidate.shown, read_bytes, too_large, candidate.named, read);
    if let Fate::Unit(both) = &mut fate
        && !too_large
    {
        let path = path.clone();
        both.0.text.can_be_read(Box::new(move || Some(bytes(&path).ok()?.0)));
    }
    fate
}

/// So much of a file that is too long is read, to see whether it is one of ours.
const HEAD: usize = 64 * 1024;

/// The bytes of a file, or the first ones of a file that is too long, and whether it is.
pub(crate) fn bytes(path: &Path) -> Result<(Vec<u8>, bool), Refused> {
    let (file, length) = tree::open_listed(path)?;
    let too_large = length > MAX_BYTES as u64;
    let take = if too_large { HEAD } else { MAX_BYTES + 1 };
    let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or(HEAD).min(take));
    file.take(take as u64).read_to_end(&mut bytes)?;
    Ok((bytes, too_large))
}

fn lower(id: SourceId, shown: &str, mut bytes: Vec<u8>, too_large: bool, named: bool, read: Lower<'_>) -> Fate {
    // A file may have grown since it was measured, and stdin cannot be measured.
    let too_large = too_large || bytes.len() > MAX_BYTES;
    if too_large {
        bytes.truncate(HEAD);
        let whole_lines = bytes.iter().rposition(|&byte| byte == b'\n').map_or(HEAD, |end| end + 1);
        bytes.truncate(whole_lines);
    }
    let source = match Source::decode(id, shown, bytes) {
        Ok(source) => source,
        Err(NotText::Binary | NotText::TooLarge) if named || may_be_ours(shown) == NameHint::Ours => {
            return Fate::Skipped("binary", "it is not text".to_owned());
        }
        Err(_) => return Fate::NotOurs,
    };
    match read(&source) {
        Outcome::Unit(unit) if too_large => Fate::Unit(Box::new((source, wanted::too_large(&unit)))),
        Outcome::Unit(unit) => Fate::Unit(Box::new((source, unit))),
        Outcome::Skipped(skip) if skip.may_be_rendered && !too_large => Fate::Template(skip),
        Outcome::Skipped(skip) => Fate::Skipped(skip.reason, skip.advice.to_owned()),
        Outcome::NotOurs => Fate::NotOurs,
    }
}

/// A bar on stderr, if that is a terminal and the run lasts.
struct Progress {
    bar: ProgressBar,
    start: Instant,
    show: Once,
    quiet: bool,
}

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_millis(500);

impl Progress {
    fn new(quiet: bool) -> Self {
        let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::hidden());
        Self { bar, start: Instant::now(), show: Once::new(), quiet }
    }

    fn expect(&self, files: usize) {
        self.bar.inc_length(files as u64);
    }

    fn tick(&self) {
        if !self.quiet && self.start.elapsed() > PATIENCE {
            // Draws nothing where stderr is no terminal.
            self.show.call_once(|| self.bar.set_draw_target(ProgressDrawTarget::stderr()));
        }
        self.bar.inc(1);
    }

    fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
