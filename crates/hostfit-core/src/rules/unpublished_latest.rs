use super::{
    fixes::{self, Fix},
    rule, tags, wording,
};
use crate::{
    finding::Message,
    fleet::Host,
    model::ImageUse,
    rule::Cx,
    windows::{
        Build,
        image::{Family, Fault},
    },
};

rule! {
    /// ## What it checks
    /// References to Windows base images (`nanoserver`, `servercore`, `windows`, `server`) with the tag `latest` or without a
    /// tag, which means `latest`.
    ///
    /// ## Why it matters
    /// Microsoft stopped publishing `latest` for these images on 2019-04-16. The pull fails with `manifest for
    /// mcr.microsoft.com/windows/servercore:latest not found: manifest unknown`.
    ///
    /// ## Example
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/servercore:latest
    /// #                                         ^^^^^^
    /// ```
    ///
    /// ```dockerfile bad
    /// FROM mcr.microsoft.com/windows/nanoserver
    /// #    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    /// ```
    ///
    /// ## Fix
    /// Write the release that your hosts run as the tag.
    ///
    /// ```dockerfile good
    /// FROM mcr.microsoft.com/windows/servercore:ltsc2022
    /// ```
    ///
    /// ## Sources
    /// - <https://techcommunity.microsoft.com/t5/containers/removing-the-latest-tag-an-update-on-mcr/ba-p/393045>
    /// - <https://learn.microsoft.com/virtualization/windowscontainers/deploy-containers/version-compatibility>
    id: "unpublished-latest",
    summary: "a Windows base image with the tag `latest` or without a tag, which is not published",
    severity: Error,
    check: Image(check),
}

fn check(image: &ImageUse, cx: &mut Cx) {
    let Some(Fault::UnpublishedLatest { at }) = image.identity.fault.as_deref() else { return };
    let repository = image.identity.reference.repository.end;
    let repository = image.text.value.get(..repository).unwrap_or(&image.text.value);
    let fix = fixes::image(cx, image);
    let mut message = Message::new(format!("`{repository}` has no `latest` tag"))
        .label(if at.is_empty() { "no tag means `latest`" } else { "" })
        .note(
            "Microsoft stopped publishing `latest` for Windows base images on 2019-04-16; the pull fails with \
             `manifest unknown`",
        );
    message.help = image.identity.family.and_then(|family| help(repository, family, fix.as_ref(), image, cx));
    let finding = wording::report_image(cx, image, at.clone(), message);
    if let Some(fix) = fix {
        fix.give(finding);
    }
}

/// What the hosts say about the tag beyond the fix's title.
fn help(repository: &str, family: Family, fix: Option<&Fix>, image: &ImageUse, cx: &Cx) -> Option<String> {
    let published = |mut builds: Vec<Build>| -> Vec<_> {
        builds.sort_unstable();
        builds.dedup();
        builds.into_iter().map(|build| cx.config.releases.tag_of(family, build)).collect()
    };
    if let Some(fix) = fix {
        let of_fleet = published(cx.fleet.hosts.iter().filter_map(Host::windows).map(|it| it.build).collect());
        let [Some(tag)] = of_fleet.as_slice() else { return None };
        return fix.is_safe().then(|| format!("write `{repository}:{tag}`, the release of every host in the fleet"));
    }
    let hosts = fixes::counted_hosts_of(cx, image).unwrap_or_default();
    let landing = published(hosts.iter().map(|(host, _)| host.version.build).collect());
    let landing: Vec<_> = landing.into_iter().flatten().map(|tag| format!("`{repository}:{tag}`")).collect();
    if landing.is_empty() {
        return Some(format!(
            "write the release of your hosts as the tag: {}",
            tags::one_of(&tags::supported(cx, family))
        ));
    }
    Some(format!("write {}, the release of the hosts that run it", tags::one_of(&landing)))
}
