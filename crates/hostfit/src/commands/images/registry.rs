//! Asking registries.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    fs::File,
    io::Read,
    path::PathBuf,
};

use hostfit_core::{
    config::{self, ConfigError, Registry, lock},
    model::Project,
    source::{MAX_BYTES, Source, SourceId, Span},
    windows::{Date, image::Canonical},
};
use hostfit_registry::{Answer, Client, Credentials, Image, Kind, Limits, Origin, Site};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    ancestors,
    args::Inputs,
    error::Error,
    settings::{self, Settings},
    terminal::Style,
};

/// The images that registries are asked for, by name, with all places that name them.
pub(super) type Wanted = BTreeMap<String, (Canonical, Vec<Span>)>;

/// What a registry said of an image, or why it said nothing.
pub(super) type Lookup = Result<lock::Entry, Failure>;

/// Why nothing is known.
#[derive(Debug)]
pub(super) struct Failure {
    /// The registry knows no such image.
    pub(super) is_gone: bool,
    /// What happened, and what to do.
    pub(super) words: String,
}

/// All images that these files name, that have to come from a registry and have a name that one could have: nothing in the
/// tree builds them, all of the name is known, and something is published under it.
pub(super) fn wanted(project: &Project, files: &BTreeSet<SourceId>) -> Wanted {
    let mut wanted = Wanted::new();
    for image in project.images.iter().filter(|image| image.is_pulled() && super::is_of(image, files)) {
        let Some(name) = Canonical::of(&image.text, &image.identity).filter(|_| image.identity.can_be_pulled()) else {
            continue;
        };
        // Nothing, by that name.
        if name.registry == "docker.io" && name.repository == "library/scratch" {
            continue;
        }
        wanted.entry(name.to_string()).or_insert((name, Vec::new())).1.push(image.text.span);
    }
    wanted
}

/// What asks, as the configurations have it: that of the user goes before that of the repository.
pub(super) fn client(settings: &mut Settings, inputs: &Inputs) -> Result<Client, Error> {
    let style = Style::stderr(inputs.color);
    let of_repository = sites(&settings.config.registries, Origin::Repository, |path| {
        settings::bytes_named(path, &settings.root, MAX_CERTIFICATES + 1)
    });
    let mut sites =
        of_repository.map_err(|error| Error::config(std::mem::take(&mut settings.sources), vec![error], style))?;
    sites.extend(of_user(style)?);
    Client::new(sites, Limits::default(), Credentials::docker()).map_err(|failure| Error::message(failure.to_string()))
}

/// All authorities that the world trusts are a quarter of this.
const MAX_CERTIFICATES: u64 = 1024 * 1024;

/// How to talk with registries; `open` gives the bytes of a file of certificates.
fn sites(
    registries: &[Registry],
    origin: Origin,
    open: impl Fn(&str) -> Result<Vec<u8>, String>,
) -> Result<BTreeMap<String, Site>, ConfigError> {
    let mut sites = BTreeMap::new();
    for Registry { host, mirror, ca, plain_http } in registries {
        let certificates = |(path, span): &(String, Span)| {
            let pem = open(path).and_then(|pem| match pem.len() as u64 {
                0..=MAX_CERTIFICATES => Ok(pem),
                _ => Err("the certificates are longer than 1 MiB".to_owned()),
            });
            let help = || Some("give a file in PEM form; its path is relative to this file".to_owned());
            pem.map_err(|message| ConfigError { span: *span, message, help: help() })
        };
        let ca = ca.as_ref().map(certificates).transpose()?;
        sites.insert(host.clone(), Site { mirror: mirror.clone(), ca, plain_http: *plain_http, origin });
    }
    Ok(sites)
}

/// What the user's own configuration says, if there is one.
fn of_user(style: Style) -> Result<BTreeMap<String, Site>, Error> {
    let Some(path) = user_config() else { return Ok(BTreeMap::new()) };
    let Ok(file) = File::open(&path) else { return Ok(BTreeMap::new()) };
    let shown = path.display().to_string();
    let mut bytes = Vec::new();
    file.take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Error::message(format!("{shown} cannot be read: {error}")))?;
    let source = Source::decode(SourceId(0), shown.clone(), bytes)
        .map_err(|_| Error::message(format!("{shown} cannot be read: it is not a text of at most 8 MiB")))?;
    let sites = config::registry::of_user(&source).and_then(|registries| {
        let folder = path.parent().unwrap_or(&path);
        let open = |name: &str| {
            let mut bytes = Vec::new();
            let read =
                File::open(folder.join(name)).and_then(|file| file.take(MAX_CERTIFICATES + 1).read_to_end(&mut bytes));
            read.map(|_| bytes).map_err(|error| format!("`{name}` cannot be read: {error}"))
        };
        sites(&registries, Origin::User, open).map_err(|error| vec![error])
    });
    sites.map_err(|errors| Error::config(vec![source], errors, style))
}

/// Where the user's own configuration lies: in a folder that the environment gives in full, so that no repository has it.
fn user_config() -> Option<PathBuf> {
    let set = |name| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let own = if cfg!(windows) { set("APPDATA") } else { None };
    let folder = set("XDG_CONFIG_HOME").or(own).or_else(|| Some(ancestors::home()?.join(".config")))?;
    Some(folder.join("hostfit").join("config.toml"))
}

/// Asks for all of them, and shows on a terminal how far that is.
pub(super) fn ask(client: &Client, wanted: &Wanted, today: Date, quiet: bool) -> BTreeMap<String, Lookup> {
    let images: Vec<_> = wanted.values().map(|(name, _)| image(name)).collect();
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(images.len() as u64), target);
    if let Ok(style) = ProgressStyle::with_template("asking registries {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    let answers = client.ask_all(&images, || bar.inc(1));
    bar.finish_and_clear();
    let lookup = |(name, answer): (&String, Result<Answer, hostfit_registry::Failure>)| {
        let answer = match answer {
            Ok(answer) => Ok(entry(name, answer, today)),
            Err(failure) => Err(Failure { is_gone: failure.kind == Kind::NotFound, words: failure.to_string() }),
        };
        (name.clone(), answer)
    };
    wanted.keys().zip(answers).map(lookup).collect()
}

fn image(name: &Canonical) -> Image {
    Image { registry: name.registry.clone(), repository: name.repository.clone(), reference: name.reference.clone() }
}

fn entry(name: &str, answer: Answer, today: Date) -> lock::Entry {
    let platforms: BTreeSet<_> = answer
        .platforms
        .into_iter()
        .map(|it| lock::Platform { os: it.os, architecture: it.architecture, os_version: it.os_version })
        .collect();
    lock::Entry {
        image: name.to_owned(),
        digest: answer.digest,
        media_type: answer.media_type,
        date: today,
        platforms: platforms.into_iter().collect(),
        at: Span::NOWHERE,
        is_asked: true,
    }
}
