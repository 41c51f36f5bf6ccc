//! Rules that keep bots from moving images to releases that no host runs: which tags of each Windows image are allowed.

use rustc_hash::FxHashMap;

use super::Next;
use crate::{
    check,
    config::Config,
    fleet::Host,
    front::Unit,
    model::ImageUse,
    source::Sources,
    windows::{Build, Date, image::Family, release::Releases},
};

/// What bots may do with one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The repository, with its registry, as files name it.
    pub repository: String,
    /// The builds that a tag may name, the oldest first.
    pub builds: Vec<Build>,
    /// The names of these in tags: `ltsc2019`, `1809`.
    pub names: Vec<String>,
    /// Whether its tags are a release and nothing else: a base image.
    pub is_base: bool,
}

/// One rule for each Windows image that the files name, in the order of their names: the releases of which the hosts run
/// images, as they are, and as they will be.
pub fn rules(sources: &Sources, units: &[Unit], config: &Config, next: Option<&Next>, today: Date) -> Vec<Rule> {
    let report = check::check(sources, units, config, today);
    let present = report.config(config);
    let future = next.and_then(|next| next.config(present).ok()).map(|(config, _)| config);
    let mut builds: Vec<Build> = std::iter::once(present).chain(&future).flat_map(of_hosts).collect();
    builds.sort_unstable();
    builds.dedup();
    let releases = &config.releases;
    let mut rules: FxHashMap<String, Rule> = FxHashMap::default();
    for image in &report.project.images {
        let Some(repository) = bumped(image) else { continue };
        let allowed = allowed(image.identity.family, &builds, releases);
        if allowed.is_empty() {
            continue;
        }
        rules.entry(repository.to_owned()).or_insert_with(|| Rule {
            repository: repository.to_owned(),
            names: names(&allowed, releases),
            builds: allowed,
            is_base: image.identity.is_base,
        });
    }
    let mut rules: Vec<_> = rules.into_values().collect();
    rules.sort_by(|a, b| a.repository.cmp(&b.repository));
    rules
}

fn of_hosts(config: &Config) -> impl Iterator<Item = Build> {
    config.fleets().flat_map(|fleet| &fleet.fleet.hosts).filter_map(Host::windows).map(|version| version.build)
}

/// The repository of an image whose tag names a release of Windows and comes from a registry.
fn bumped(image: &ImageUse) -> Option<&str> {
    let identity = &image.identity;
    let (_, at) = identity.version.as_ref().filter(|_| image.is_pulled() && identity.fault.is_none())?;
    let tag = identity.reference.tag.clone().filter(|tag| tag.start <= at.start && at.end <= tag.end)?;
    let is_known = image.text.hole_in(identity.reference.name()).is_none() && !tag.is_empty();
    // What no registry serves is not written into other files.
    let is_plain = |it: &u8| it.is_ascii_alphanumeric() || b"./_:-".contains(it);
    let name = image.text.value.get(identity.reference.name()).filter(|_| is_known)?;
    name.as_bytes().iter().all(is_plain).then_some(name)
}

/// The builds of images that a host of these builds runs process-isolated as its own: where a release has no images, as those
/// of the Annual Channel, the newest older one that has.
fn allowed(family: Option<Family>, hosts: &[Build], releases: &Releases) -> Vec<Build> {
    let family = family.unwrap_or(Family::ServerCore);
    let published = || releases.published_tags(family).map(|(_, release)| release.build);
    let newest = |host: &Build| published().filter(|build| build <= host).max();
    let mut allowed: Vec<_> = hosts.iter().filter_map(newest).collect();
    allowed.sort_unstable();
    allowed.dedup();
    allowed
}

/// What tags call these builds.
fn names(builds: &[Build], releases: &Releases) -> Vec<String> {
    let own = releases.iter().filter(|release| builds.contains(&release.build) && !release.images.is_empty());
    let tags =
        own.flat_map(|release| &*release.images).flat_map(|images| &*images.tags).map(|tag| tag.clone().into_owned());
    let mut names: Vec<_> = tags.filter(|tag| !tag.ends_with("-preview")).collect();
    names.sort_unstable();
    names.dedup();
    names
}
