//! Asking registries.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use hostfit_core::{
    config::{ConfigError, lock},
    model::Project,
    source::{SourceId, Span},
    windows::{Date, image::Canonical},
};
use hostfit_registry::{Answer, Client, Credentials, Image, Kind, Limits, Site};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::{
    args::Inputs,
    error::Error,
    settings::{self, Settings},
    terminal::Style,
};

/// The images that registries are asked for, by name, with all places that name them.
pub(super) type Wanted = BTreeMap<String, (Canonical, Vec<Span>)>;

/// What a registry said of an image, or why it said nothing.
pub(super) type Said = Result<lock::Entry, Failure>;

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

/// What asks, as the configuration has it.
pub(super) fn client(settings: &mut Settings, inputs: &Inputs) -> Result<Client, Error> {
    let mut sites = BTreeMap::new();
    for registry in &settings.config.registries {
        let ca = match &registry.ca {
            Some((path, span)) => match certificates(path, &settings.root) {
                Ok(pem) => Some(pem),
                Err(why) => {
                    let help = "give a file in PEM form; its place is relative to hostfit.toml".to_owned();
                    let error = ConfigError { span: *span, message: why, help: Some(help) };
                    return Err(Error::config(
                        std::mem::take(&mut settings.sources),
                        vec![error],
                        Style::stderr(inputs.color),
                    ));
                }
            },
            None => None,
        };
        let site = Site { mirror: registry.mirror.clone(), ca, plain_http: registry.plain_http };
        sites.insert(registry.host.clone(), site);
    }
    Client::new(sites, Limits::default(), Credentials::docker()).map_err(|failure| Error::message(failure.to_string()))
}

/// The certificates of a file that a configuration in `root` names.
fn certificates(written: &str, root: &Path) -> Result<Vec<u8>, String> {
    /// All authorities that the world trusts are a quarter of this.
    const MAX_BYTES: u64 = 1024 * 1024;
    let bytes = settings::bytes_named(written, root, MAX_BYTES + 1)?;
    if bytes.len() as u64 > MAX_BYTES { Err("the certificates are longer than 1 MiB".to_owned()) } else { Ok(bytes) }
}

/// Asks for all of them, and shows on a terminal how far that is.
pub(super) fn ask(client: &Client, wanted: &Wanted, today: Date, quiet: bool) -> BTreeMap<String, Said> {
    let images: Vec<_> = wanted.values().map(|(name, _)| image(name)).collect();
    let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
    let bar = ProgressBar::with_draw_target(Some(images.len() as u64), target);
    if let Ok(style) = ProgressStyle::with_template("asking registries {wide_bar} {pos}/{len}") {
        bar.set_style(style);
    }
    let answers = client.ask_all(&images, || bar.inc(1));
    bar.finish_and_clear();
    let said = |(name, answer): (&String, Result<Answer, hostfit_registry::Failure>)| {
        let said = match answer {
            Ok(answer) => Ok(entry(name, answer, today)),
            Err(failure) => Err(Failure { is_gone: failure.kind == Kind::NotFound, words: failure.to_string() }),
        };
        (name.clone(), said)
    };
    wanted.keys().zip(answers).map(said).collect()
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
