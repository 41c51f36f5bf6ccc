//! Bake files to builds: which of them are read together, and what their targets build.

use std::collections::BTreeMap;

use super::{
    build::{Builder, Dockerfile, Request},
    compose::is_default_name,
    names::Names,
    path::{Files, join},
};
use crate::{
    front::{
        Content, Unit,
        bake::{self, Target},
        compose::Build,
    },
    model::Project,
    text::Text,
};

/// Bake targets build their Dockerfiles too, and give them names.
pub(super) fn link<'run>(
    files: &Files<'run>,
    units: &'run [Unit],
    project: &mut Project,
    builder: &mut Builder<'run>,
    names: &mut Names,
) {
    let mut folders: BTreeMap<&str, Vec<(usize, &bake::File)>> = BTreeMap::new();
    for unit in units {
        let Content::Bake(file) = &unit.content else { continue };
        let name = files.name(unit.source).to_ascii_lowercase();
        let place = bake::NAMES.iter().position(|it| *it == name).unwrap_or(bake::NAMES.len());
        folders.entry(files.folder(unit.source)).or_default().push((place, file));
    }
    for (folder, mut together) in folders {
        together.sort_by_key(|(place, _)| *place);
        let together: Vec<_> = together.into_iter().map(|(_, file)| file).collect();
        let services = services(files, units, folder);
        for mut target in bake::targets(&together) {
            if let Some(service) = services.get(target.name.value.as_str()) {
                leave_unknown(&mut target, service);
            }
            let source = target.name.span.source;
            let Some(dockerfile) = dockerfile(files, folder, &target) else { continue };
            let Target { name, tags, target, args, other_args, .. } = target;
            let id = builder.build(project, Request { dockerfile, args, other_args, target, at: Some(name.span) });
            for tag in &tags {
                names.add(tag, id, source);
            }
        }
    }
}

fn dockerfile<'run>(files: &Files<'run>, folder: &str, target: &Target) -> Option<Dockerfile<'run>> {
    if let Some(inline) = &target.inline {
        return inline.known().map(|_| Dockerfile::Inline(inline.clone()));
    }
    let context = target.context.as_ref().map_or(Some("."), Text::known)?;
    let name = target.dockerfile.as_ref().map_or(Some("Dockerfile"), Text::known)?;
    Dockerfile::of(files.resolve(&join(folder, context)?, name)?)
}

/// The services of the Compose file beside bake files, which bake reads before them.
fn services<'run>(files: &Files<'run>, units: &'run [Unit], folder: &str) -> BTreeMap<&'run str, &'run Build> {
    let is_beside = |unit: &&Unit| files.folder(unit.source) == folder && is_default_name(files.name(unit.source));
    let services = units.iter().filter(is_beside).filter_map(|unit| match &unit.content {
        Content::Compose(file) => Some(&file.services),
        _ => None,
    });
    services.flatten().filter_map(|service| Some((service.name.as_str(), service.build.as_deref()?))).collect()
}

/// What a target leaves open and a service of its name says comes from there, variables and all: here it is unknown.
fn leave_unknown(target: &mut Target, service: &Build) {
    let unknown = bake::unknown(&target.name);
    let fields = [
        (&mut target.context, &service.context),
        (&mut target.dockerfile, &service.dockerfile),
        (&mut target.inline, &service.inline),
        (&mut target.target, &service.target),
    ];
    for (own, _) in fields.into_iter().filter(|(own, of_service)| own.is_none() && of_service.is_some()) {
        *own = Some(unknown.clone());
    }
    if !service.args.is_empty() {
        target.other_args.get_or_insert(unknown);
    }
}
