//! What is known of an image, where that knowledge comes from, and which hosts of the fleet run it: for people who ask,
//! in an editor or on the command line. Rules ask [`judge`](crate::judge).

pub mod hosts;
#[cfg(test)]
mod tests;

use crate::{
    model::{ImageId, ImageUse, Known, Locked, Project},
    source::Span,
    windows::{
        Os, OsVersion,
        image::{Proof, well_known_linux},
    },
};

/// What is known of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// Its operating system.
    pub os: Option<Os>,
    /// The version of the Windows inside.
    pub version: Option<OsVersion>,
    /// Where that comes from, or why it is not known.
    pub provenance: Provenance,
}

/// Where knowledge of an image comes from, or why there is none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Provenance {
    /// The `[images]` table, at the span.
    Declared(Span),
    /// The Dockerfile that builds it, whose final stage comes down to the image named at the span.
    Dockerfile(Span),
    /// A Dockerfile that starts from no image, or that is not there.
    NoBase,
    /// A variable of this name has no value that the files tell.
    Variable(String),
    /// A multi-platform tag: the host decides.
    MultiPlatform,
    /// Its name and tag, as published.
    Published,
    /// A Windows release in a third party's name or tag.
    ReleaseInName,
    /// Its registry, as the lock file has it.
    Locked(Locked),
    /// Something else, and the revision from the lock file.
    Revision(Box<Self>, Locked),
    /// Its name, which gives only the operating system.
    Name,
    /// Its repository: the build configuration of its project, which is named, has Linux alone.
    WellKnown(&'static str),
    /// Nothing.
    Nothing,
}

impl Provenance {
    /// In words; `place` shows a place in a file.
    pub fn words(&self, place: &dyn Fn(Span) -> String) -> String {
        match self {
            Self::Declared(span) => format!("[images] at {}", place(*span)),
            Self::Dockerfile(span) => format!("the Dockerfile that builds it, FROM at {}", place(*span)),
            Self::NoBase => "the Dockerfile that builds it, which has no base image".to_owned(),
            Self::Variable(name) => format!("variable {name} has no value here"),
            Self::MultiPlatform => "a multi-platform tag: the host decides".to_owned(),
            Self::Published => "its name and tag, as published".to_owned(),
            Self::ReleaseInName => "a release in its name or tag".to_owned(),
            Self::Locked(Locked { date, is_asked: true, .. }) => format!("its registry, asked on {date}"),
            Self::Locked(Locked { at, date, .. }) => {
                format!("the lock file at {}, from its registry on {date}", place(*at))
            }
            Self::Revision(other, locked) => {
                format!("{}; its revision from {}", other.words(place), Self::Locked(*locked).words(place))
            }
            Self::Name => "its name; the version is not in it".to_owned(),
            Self::WellKnown(source) => format!("its name, built for Linux only: {source}"),
            Self::Nothing => "not known: add it to [images], or ask its registry with --online".to_owned(),
        }
    }
}

/// What is known of the image `id`.
pub fn of_image(project: &Project, id: ImageId) -> Knowledge {
    let os = project.image_os(id);
    let (os, version) = os.known().map_or((None, None), |(os, _)| (Some(os.os), os.version));
    Knowledge { os, version, provenance: provenance(project, id) }
}

fn provenance(project: &Project, id: ImageId) -> Provenance {
    let decider = project.decider(id);
    let Some(image) = decider.and_then(|decider| project.image(decider)) else { return Provenance::NoBase };
    if decider != Some(id) {
        return Provenance::Dockerfile(image.text.span);
    }
    by_itself(image, &project.image_os(id))
}

fn by_itself<T>(image: &ImageUse, known: &Known<T>) -> Provenance {
    match image.locked {
        Some(locked) if locked.is_revision => {
            return Provenance::Revision(Box::new(by_name(image, known)), locked);
        }
        Some(locked) => return Provenance::Locked(locked),
        None => {}
    }
    by_name(image, known)
}

fn by_name<T>(image: &ImageUse, known: &Known<T>) -> Provenance {
    let identity = &image.identity;
    if let Proof::Declared(span) = identity.proof {
        return Provenance::Declared(span);
    }
    match (image.text.hole(), &identity.variants, &identity.version, identity.proof) {
        (Some(name), _, None, _) => Provenance::Variable(name.to_owned()),
        (_, Some(shared), ..) if shared.windows.is_empty() => Provenance::Published,
        (_, Some(_), ..) => Provenance::MultiPlatform,
        (_, None, Some(_), Proof::Known) => Provenance::Published,
        (_, None, Some(_), _) => Provenance::ReleaseInName,
        (_, None, None, _) if known.known().is_some() => {
            let source = (identity.proof == Proof::ThirdPartyName).then(|| well_known_linux(&image.text)).flatten();
            source.map_or(Provenance::Name, Provenance::WellKnown)
        }
        (_, None, None, _) => Provenance::Nothing,
    }
}
