//! Which Windows release an image is moved to: the newest of which every host it may land on runs an image.

use super::{
    super::{tags, wording},
    Fix, MAX_STAGES,
};
use crate::{
    finding::Edit,
    fleet::HostId,
    judge::Case,
    model::{DockerfileBuild, ImageId, ImageUse, Role, Stage, WorkloadId},
    rule::Cx,
    text::Origin,
    windows::{
        Build, Date, Isolation, OsVersion,
        compat::{self, HostFacts, Step},
        image::{Alternative, Family, Fault, Identity, Proof, VariantStatus},
        release::Release,
    },
};

const NO_HOSTS: &str = "no host is declared; check that yours run it";
const OTHER_RELEASE: &str = "check that the image's content runs on it";

/// The tag of `family` to pin where none was: without hosts that of the other stages, or else the newest that is
/// supported, and why that is a choice.
pub(super) fn unpublished(cx: &Cx, image: &ImageUse, family: Family) -> Option<(String, Option<String>)> {
    let hosts = hosts_of(cx, image)?;
    if !hosts.is_empty() {
        let (release, tag) = newest(cx, family, &hosts)?;
        let doubt =
            (!is_supported(cx, release, family)).then(|| "check that a release out of support will do".to_owned());
        let mixed = || {
            let other = wording::release(cx, run_beside(cx, image, release.build)?);
            Some(format!("check the stage on {other}: no single host builds both"))
        };
        return Some((tag.to_owned(), doubt.or_else(mixed)));
    }
    let doubt = Some(NO_HOSTS.to_owned());
    if let Some(tag) = build_of_other_stages(cx, image).and_then(|build| cx.config.releases.tag_of(family, build)) {
        return Some((tag.to_owned(), doubt));
    }
    let published = cx.config.releases.published_tags(family);
    let supported = published.filter(|(_, release)| release.ltsc && is_supported(cx, release, family));
    let (tag, _) = supported.reduce(|best, next| if next.1.build > best.1.build { next } else { best })?;
    Some((tag.to_owned(), doubt))
}

/// The image that decides what `image` is, of a release that runs wherever it may land.
pub(in crate::rules) fn fitting(cx: &Cx, image: ImageId) -> Option<Fix> {
    let decider = cx.project.deciding_image(image)?;
    pin(cx, decider, &hosts_of(cx, decider)?)
}

/// The same for an image of a release that is no longer supported: one that is.
pub(in crate::rules) fn supported(cx: &Cx, image: &ImageUse) -> Option<Fix> {
    let hosts = hosts_of(cx, image)?;
    let family = image.identity.family.filter(|_| image.identity.is_base)?;
    let (release, _) = newest(cx, family, &hosts)?;
    if !is_supported(cx, release, family) {
        return None;
    }
    pin(cx, image, &hosts)
}

/// One release out of a multi-platform tag, or beside one that has none for Windows. Safe where every host would pull that
/// one anyway: `picked` is what they do.
pub(in crate::rules) fn out_of_several(cx: &Cx, image: &ImageUse, picked: &[Option<Build>]) -> Option<Fix> {
    let hosts = hosts_of(cx, image)?;
    let all = alternatives(cx, image)?;
    let best = best_on(all.iter().filter(|it| it.is_same_version()), &hosts)?;
    let Alternative { build, tag, .. } = best;
    let doubt = if image.identity.variants.as_ref().is_some_and(|shared| shared.windows.is_empty()) {
        Some("check that the workload is meant for Windows".to_owned())
    } else if picked.is_empty() || picked.iter().any(|pick| *pick != Some(*build)) {
        Some(format!("check the hosts that pull another release than {} now", cx.config.releases.title(*build)))
    } else {
        (!best.is_made()).then(|| "check that an image without further updates will do".to_owned())
    };
    Some(write_tag(cx, image, tag)?.with_caveat(doubt))
}

/// The Windows variant of an image without one that runs on all of `hosts`, by its tag.
pub(in crate::rules) fn windows_variant(cx: &Cx, image: &ImageUse, hosts: &[HostFacts]) -> Option<(String, Fix)> {
    image.identity.variants.as_ref().filter(|shared| shared.windows.is_empty())?;
    let all = alternatives(cx, image)?;
    let best = best_on(all.iter().filter(|it| it.is_same_version()), hosts)?;
    let fix = write_tag(cx, image, &best.tag)?;
    Some((best.tag.clone(), fix.with_caveat(Some("check that the image's content runs on Windows".to_owned()))))
}

/// The repository and the tag of what is released of a preview, and why that is a choice. `windows` has no release that is
/// still made: `windows/server` took its place.
pub(super) fn in_place_of_preview(
    cx: &Cx,
    image: &ImageUse,
    preview: &Identity,
) -> Option<(&'static str, String, Option<String>)> {
    let family = match preview.family? {
        Family::Windows => Family::Server,
        family => family,
    };
    let (tag, doubt) = unpublished(cx, image, family)?;
    Some((family.repository(), tag, doubt))
}

/// The released image in place of a preview.
pub(in crate::rules) fn released(cx: &Cx, image: &ImageUse) -> Option<Fix> {
    let identity = &image.identity;
    let reference = &identity.reference;
    let (family, Some(Fault::Insider { at })) = (identity.family?, identity.fault.as_deref()) else { return None };
    // Of other names that say `insider` it is not known what stands beside them.
    // And `windows` has no release that is still made: `windows/server` took its place.
    let is_insider_repository = at.end == reference.repository.end && family != Family::Windows;
    if identity.proof != Proof::Known || reference.digest.is_some() || !is_insider_repository {
        return None;
    }
    let (tag, doubt) = unpublished(cx, image, family)?;
    let doubt = doubt.unwrap_or_else(|| OTHER_RELEASE.to_owned());
    Some(write_image(cx, image, family.repository(), &tag)?.with_caveat(Some(doubt)))
}

/// The base image of this revision.
pub(in crate::rules) fn revision(cx: &Cx, image: ImageId, version: OsVersion) -> Option<Fix> {
    let image = cx.project.deciding_image(image).filter(|it| it.identity.is_base)?;
    let doubt = "check that an image of this revision was published".to_owned();
    Some(write_tag(cx, image, &version.to_string())?.with_caveat(Some(doubt)))
}

/// The revision that the hosts of `cases` have, and all others on which the image may land.
pub(in crate::rules) fn revision_of_all(cx: &Cx, image: ImageId, cases: &[Case]) -> Option<OsVersion> {
    let version = cases.first()?.facts.version;
    let landing = cx.project.deciding_image(image).and_then(|image| hosts_of(cx, image)).unwrap_or_default();
    let mut hosts = cases.iter().map(|case| case.facts).chain(landing);
    let refuses = |host: HostFacts| compat::judge(&host, Some(version), Isolation::Default).step == Step::Revision2016;
    (version.revision.is_some() && !hosts.any(refuses)).then_some(version)
}

/// The best of what takes the image's place and runs on all of `hosts`, if that is another release.
fn pin(cx: &Cx, image: &ImageUse, hosts: &[HostFacts]) -> Option<Fix> {
    let identity = &image.identity;
    let (version, _) = identity.version.as_ref()?;
    if identity.proof != Proof::Known || identity.fault.is_some() {
        return None;
    }
    let all = alternatives(cx, image)?;
    let best = best_on(all.iter().filter(|it| it.is_one_tag()), hosts)?;
    if best.build == version.build {
        return None;
    }
    let release = cx.config.releases.by_build(best.build)?;
    let shared = identity.family.filter(|_| identity.is_base && is_variable(image));
    let tag = shared.and_then(|family| shared_tag(release, family)).unwrap_or(&best.tag);
    let doubt = match identity.family {
        Some(family) if best.repository.is_none() && !is_supported(cx, release, family) => {
            "check that a release out of support will do"
        }
        _ => doubt_of(best),
    };
    let mut fix = match best.repository {
        None => write_tag(cx, image, tag)?,
        Some(repository) => write_image(cx, image, repository, tag)?,
    };
    fix = fix.with_caveat(Some(doubt.to_owned()));
    for edit in other_stages(cx, image, version.build, best.build) {
        if !fix.edits.contains(&edit) {
            fix.edits.push(edit);
        }
    }
    Some(fix)
}

/// What `image` can be moved to: what is out of support last, else the best and newest first.
pub(in crate::rules) fn alternatives(cx: &Cx, image: &ImageUse) -> Option<Vec<Alternative>> {
    let mut all = cx.alternatives(image)?.to_vec();
    sort_by_state(cx, image, &mut all);
    Some(all)
}

/// Sorts them so, the newest first as they are.
pub(in crate::rules) fn sort_by_state(cx: &Cx, image: &ImageUse, all: &mut [Alternative]) {
    let ends_soon = |it: &Alternative| end_of(cx, image, it).is_some_and(|end| tags::is_soon(cx, end));
    all.sort_by_cached_key(|it| (State::of(cx, image, it) == State::Unsupported, it.status, ends_soon(it)));
}

/// What is wrong with an image that could take another's place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::rules) enum State {
    /// Nothing.
    Supported,
    /// `retired-tag` would report it.
    Retired,
    /// `unsupported-release` would report it.
    Unsupported,
}

impl State {
    pub(in crate::rules) fn of(cx: &Cx, image: &ImageUse, it: &Alternative) -> Self {
        match end_of(cx, image, it) {
            Some(end) if end < cx.today => Self::Unsupported,
            _ if it.is_made() || image.identity.is_base => Self::Supported,
            _ => Self::Retired,
        }
    }

    /// What help says of it behind its name.
    pub(in crate::rules) fn words(self) -> &'static str {
        match self {
            Self::Supported => "",
            Self::Retired => " (without further updates)",
            Self::Unsupported => " (out of support)",
        }
    }
}

/// When the support of its Windows release ends.
fn end_of(cx: &Cx, image: &ImageUse, it: &Alternative) -> Option<Date> {
    let family = Family::ALL.into_iter().find(|family| Some(family.repository()) == it.repository);
    cx.config.releases.by_build(it.build)?.image_end(family.or(image.identity.family))
}

/// The first of them that runs on all of `hosts`.
fn best_on<'a>(mut of: impl Iterator<Item = &'a Alternative>, hosts: &[HostFacts]) -> Option<&'a Alternative> {
    of.find(|it| !hosts.is_empty() && compat::runs_on_all(it.build, hosts))
}

/// What takes the place of an image that is no longer made: where it is judged against hosts, what they run.
pub(in crate::rules) fn made_instead(cx: &Cx, image: &ImageUse) -> Option<Alternative> {
    let (version, _) = image.identity.version.as_ref()?;
    let here = version.build;
    let mut made = alternatives(cx, image)?;
    made.retain(|it| it.is_made() && (it.build != here || it.status == VariantStatus::OtherVersion));
    let hosts = hosts_of(cx, image)?;
    if let Some(best) = best_on(made.iter(), &hosts) {
        return Some(best.clone());
    }
    // Of an image that none of them runs, `build-mismatch` says what to do.
    let runs = |build: Build| hosts.iter().any(|host| compat::runs_on_all(build, &[*host]));
    if !hosts.is_empty() && !runs(here) {
        return None;
    }
    made.retain(|it| it.build >= here && (hosts.is_empty() || runs(it.build)));
    made.into_iter().min_by_key(|it| (it.status, it.build))
}

/// The tag of [`made_instead`].
pub(in crate::rules) fn made(cx: &Cx, image: &ImageUse, instead: &Alternative) -> Option<Fix> {
    if !instead.is_one_tag() || image.identity.reference.tag.is_none() {
        return None;
    }
    Some(write_tag(cx, image, &instead.tag)?.with_caveat(Some(doubt_of(instead).to_owned())))
}

fn doubt_of(alternative: &Alternative) -> &'static str {
    match alternative.repository {
        Some(_) => "check that this other image fits",
        None if !alternative.is_made() => "check that an image without further updates will do",
        None if alternative.is_same_version() => OTHER_RELEASE,
        None => "check that this other version of the product fits",
    }
}

/// The same move for the stages beside this one that start from the same release: one machine has to build them all.
fn other_stages(cx: &Cx, image: &ImageUse, from: Build, to: Build) -> Vec<Edit> {
    let Role::Base { build, .. } = image.role else { return Vec::new() };
    let bases = cx.project.build(build).into_iter().flat_map(DockerfileBuild::bases).take(MAX_STAGES);
    let others = bases.filter_map(|base| cx.project.image(base)).filter(|other| other.text.span != image.text.span);
    let moved = others.filter_map(|other| {
        let identity = &other.identity;
        let (version, _) = identity.version.as_ref().filter(|(version, _)| version.build == from)?;
        if !identity.is_base || identity.fault.is_some() || version.build == to {
            return None;
        }
        let family = identity.family?;
        let tag = cx.config.releases.tag_of(family, to)?;
        let shared = || cx.config.releases.by_build(to).and_then(|release| shared_tag(release, family));
        let tag = if is_variable(other) { shared().unwrap_or(tag) } else { tag };
        write_tag(cx, other, tag)
    });
    moved.flat_map(|fix| fix.edits).collect()
}

/// Whether the tag is a variable's value, which images of several families may have.
fn is_variable(image: &ImageUse) -> bool {
    let tag = image.identity.reference.tag.clone().unwrap_or_default();
    image.text.touched(tag).any(|(_, piece)| matches!(piece.origin, Origin::Variable(_)))
}

/// The release's own name, if there is such a tag: it is the one that most families have.
fn shared_tag(release: &Release, family: Family) -> Option<&str> {
    let tags = &release.images_of(family)?.tags;
    tags.iter().map(|tag| &**tag).find(|tag| *tag == release.id)
}

fn write_tag(cx: &Cx, image: &ImageUse, tag: &str) -> Option<Fix> {
    let reference = &image.identity.reference;
    if reference.digest.is_some() {
        return None;
    }
    let title = match reference.tag {
        Some(_) => format!("write `{tag}`"),
        None => format!("write `{}:{tag}`", image.text.value),
    };
    let fix = Fix::new(title);
    match reference.tag.clone() {
        Some(at) if image.text.hole_in(at.clone()).is_some() => None,
        Some(at) => fix.write(cx, &image.text, at, tag),
        None => fix.write(cx, &image.text, reference.repository.end..reference.repository.end, &format!(":{tag}")),
    }
}

/// The same under another name.
fn write_image(cx: &Cx, image: &ImageUse, repository: &str, tag: &str) -> Option<Fix> {
    let reference = &image.identity.reference;
    if reference.digest.is_some() {
        return None;
    }
    let fix = Fix::new(format!("write `{repository}:{tag}`"));
    match reference.tag.clone() {
        Some(at) if image.text.hole_in(at.clone()).is_some() => None,
        Some(at) => fix.write(cx, &image.text, reference.name(), repository)?.write(cx, &image.text, at, tag),
        None => fix.write(cx, &image.text, reference.name(), &format!("{repository}:{tag}")),
    }
}

fn newest<'c>(cx: &Cx<'c>, family: Family, hosts: &[HostFacts]) -> Option<(&'c Release, &'c str)> {
    if hosts.is_empty() {
        return None;
    }
    let releases = &cx.config.releases;
    releases.newest_long_term_for(family, hosts).or_else(|| releases.newest_for(family, hosts))
}

fn is_supported(cx: &Cx, release: &Release, family: Family) -> bool {
    release.image_end(Some(family)).is_none_or(|end| end >= cx.today)
}

/// Another Windows than this one that a stage of the same Dockerfile runs something on, as the stage of `image` does.
fn run_beside(cx: &Cx, image: &ImageUse, chosen: Build) -> Option<Build> {
    let Role::Base { build, stage } = image.role else { return None };
    let build = cx.project.build(build)?;
    let runs = |stage: &Stage| !stage.runs.is_empty();
    build.stages.get(stage as usize).filter(|stage| runs(stage))?;
    let others =
        (0..).zip(&build.stages).take(MAX_STAGES).filter(|(_, stage)| runs(stage)).filter_map(|(number, _)| {
            let (version, _) = cx.project.image(build.base_of(number)?)?.identity.version.as_ref()?;
            Some(version.build)
        });
    others.into_iter().find(|&build| build != chosen)
}

/// The Windows of the other stages of a Dockerfile, if they agree: stages of different builds can't be built on one host.
fn build_of_other_stages(cx: &Cx, image: &ImageUse) -> Option<Build> {
    let (Role::Base { build, .. } | Role::CopiedFrom { build, .. }) = image.role else { return None };
    let bases = cx.project.build(build)?.bases().take(MAX_STAGES).filter_map(|base| cx.project.image(base));
    let others = bases.filter(|base| base.identity.fault.is_none());
    let mut builds = others.filter_map(|base| base.identity.version.as_ref()).map(|(version, _)| version.build);
    let first = builds.next()?;
    builds.all(|build| build == first).then_some(first)
}

/// The Windows hosts that a container of this image may land on: those of every workload of which the same bytes decide
/// what it runs. None where there are too many to ask.
fn hosts_of(cx: &Cx, image: &ImageUse) -> Option<Vec<HostFacts>> {
    Some(counted_hosts_of(cx, image)?.into_iter().map(|(facts, _)| facts).collect())
}

/// The same with how many hosts are so.
pub(in crate::rules) fn counted_hosts_of(cx: &Cx, image: &ImageUse) -> Option<Vec<(HostFacts, usize)>> {
    let containers = wording::containers_of(cx, image)?;
    let of = |(workload, container): (WorkloadId, u32)| landing(cx, workload, container as usize);
    let mut hosts: Vec<_> = containers.into_iter().flat_map(of).collect();
    if hosts.is_empty() && !matches!(image.role, Role::Container { .. }) {
        hosts = every_windows_host(cx);
    }
    Some(hosts)
}

/// What the Windows hosts are that this container may land on, with the isolation that it asks for.
pub(in crate::rules) fn landing(cx: &Cx, id: WorkloadId, container: usize) -> Vec<(HostFacts, usize)> {
    let Some(workload) = cx.project.workload(id) else { return Vec::new() };
    let mut hosts: Vec<_> = cx.judgements_of(id).flat_map(|judgement| judgement.possible_windows()).collect();
    let asked = workload.containers.get(container).and_then(|it| it.isolation.as_ref()).and_then(|it| it.mode);
    if let Some(mode @ (Isolation::Process | Isolation::Hyperv)) = asked {
        for (host, _) in &mut hosts {
            host.default_isolation = mode;
        }
    }
    hosts
}

fn every_windows_host(cx: &Cx) -> Vec<(HostFacts, usize)> {
    let counted = |hosts: &[HostId]| {
        let first = cx.fleet.host(*hosts.first()?)?;
        Some((HostFacts::of(first, first.orchestrator_or_docker())?, hosts.len()))
    };
    cx.table.classes_for_images().filter_map(counted).collect()
}
