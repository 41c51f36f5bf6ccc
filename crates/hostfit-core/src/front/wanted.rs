//! What a file refers to: further files that have to be read to know what it means. They may lie outside the paths of
//! the command line, or be ignored by git, as `.env` mostly is.

use super::{Content, Unit, bake, compose, link::path::join};
use crate::{
    source::{Source, Span},
    syntax::SyntaxError,
    text::Text,
};

/// The paths of files that `unit` refers to, in the way in which [`Source::path`] is written. They may not exist.
pub fn wanted(unit: &Unit, source: &Source) -> Vec<String> {
    let (folder, name) = source.path.rsplit_once('/').unwrap_or(("", &source.path));
    match &unit.content {
        Content::Compose(file) => of_compose(file, folder, name),
        Content::Bake(file) => of_bake(file, folder),
        Content::Dockerfile(_) | Content::Kubernetes(_) | Content::Daemon(_) | Content::Env(_) | Content::Chart(_) => {
            Vec::new()
        }
    }
}

fn of_compose(file: &compose::File, folder: &str, name: &str) -> Vec<String> {
    let mut paths: Vec<_> = siblings(name).into_iter().filter_map(|name| join(folder, &name)).collect();
    let mut add = |path: Option<&str>| paths.extend(path.and_then(|path| join(folder, path)));
    for include in &file.includes {
        include.paths.iter().chain(&include.env_files).for_each(|path| add(plain(path)));
        let own = include.project_directory.as_ref().and_then(plain).map(|path| format!("{path}/.env"));
        add(own.as_deref());
    }
    for service in &file.services {
        add(service.extends.as_ref().and_then(|extends| extends.file.as_ref()).and_then(plain));
    }
    for build in file.services.iter().filter_map(|service| service.build.as_ref()) {
        if build.inline.is_none() {
            paths.extend(dockerfile(folder, build.context.as_ref(), build.dockerfile.as_ref()));
        }
    }
    paths
}

/// Those of them that set variables, whatever they are called.
pub fn env_files(unit: &Unit, source: &Source) -> Vec<String> {
    let Content::Compose(file) = &unit.content else { return Vec::new() };
    let folder = source.path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let paths = file.includes.iter().flat_map(|include| &include.env_files).filter_map(plain);
    paths.filter_map(|path| join(folder, path)).collect()
}

fn of_bake(file: &bake::File, folder: &str) -> Vec<String> {
    let targets = file.targets().into_iter().filter(|target| target.inline.is_none());
    let dockerfiles =
        targets.filter_map(|target| dockerfile(folder, target.context.as_ref(), target.dockerfile.as_ref()));
    let together = bake::NAMES.iter().filter_map(|name| join(folder, name));
    together.chain(dockerfiles).collect()
}

/// The Dockerfile of a build, unless a variable hides it.
fn dockerfile(folder: &str, context: Option<&Text>, name: Option<&Text>) -> Option<String> {
    let context = context.map_or(Some("."), plain)?;
    let name = name.map_or(Some("Dockerfile"), plain)?;
    join(&join(folder, context)?, name)
}

/// A path without variables: their values are known only when all files are.
fn plain(path: &Text) -> Option<&str> {
    path.known().filter(|path| !path.contains('$'))
}

/// What Compose reads beside a file of this name by itself: variables and, for the default names, the other of base
/// and override.
fn siblings(name: &str) -> Vec<String> {
    let mut names = vec![".env".to_owned()];
    let Some((stem, "yml" | "yaml")) = name.rsplit_once('.') else { return names };
    let other = match stem {
        "compose" | "docker-compose" => format!("{stem}.override"),
        "compose.override" => "compose".to_owned(),
        "docker-compose.override" => "docker-compose".to_owned(),
        _ => return names,
    };
    names.extend(["yml", "yaml"].map(|end| format!("{other}.{end}")));
    names
}

/// A file that is one of ours and too long to be read: nothing but the error that says so.
/// `unit` was made from its first bytes.
pub fn too_large(unit: &Unit) -> Unit {
    Unit {
        source: unit.source,
        // No variables: of all kinds the one that nothing can be made of.
        content: Content::Env(super::env::File::default()),
        errors: vec![SyntaxError::new(
            Span::at(unit.source, 0),
            "the file is longer than 8 MiB, so hostfit does not read it",
        )],
        comments: Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        front::{Outcome, read},
        source::SourceId,
    };

    fn wanted_by(path: &str, text: &str) -> Vec<String> {
        let source = Source::from_text(SourceId(0), path, text);
        match read(&source) {
            Outcome::Unit(unit) => wanted(&unit, &source),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_compose_file_wants_what_it_builds_includes_and_extends() {
        let text = "include: [other/compose.yaml]\nservices:\n  a: {build: ../a}\n  b:\n    build:\n      context: .\n      \
                    dockerfile: docker/b.Dockerfile\n  c:\n    extends: {file: base.yml, service: c}\n  d:\n    build: \
                    ${D}\n  e:\n    build: https://github.com/x/y.git\n";
        let expected = [
            "deploy/.env",
            "deploy/compose.override.yml",
            "deploy/compose.override.yaml",
            "deploy/other/compose.yaml",
            "deploy/base.yml",
            "a/Dockerfile",
            "deploy/docker/b.Dockerfile",
        ];
        assert_eq!(wanted_by("deploy/compose.yaml", text), expected);
    }

    #[test]
    fn a_compose_file_wants_the_variables_of_what_it_includes() {
        let text = "include:\n- {path: a/b.yaml, env_file: [one.env, ../two.vars, /dev/null]}\n- {path: c.yaml, \
                    project_directory: d, env_file: three}\n";
        let source = Source::from_text(SourceId(0), "deploy/compose.yaml", text);
        let Outcome::Unit(unit) = read(&source) else { panic!("a Compose file") };
        assert_eq!(env_files(&unit, &source), ["deploy/one.env", "two.vars", "deploy/three"]);
        let all = wanted(&unit, &source);
        let included =
            ["deploy/a/b.yaml", "deploy/one.env", "two.vars", "deploy/c.yaml", "deploy/three", "deploy/d/.env"];
        assert!(all.ends_with(&included.map(str::to_owned)), "{all:?}");
    }

    #[test]
    fn only_default_names_have_overrides() {
        let text = "services:\n  a: {image: x}\n";
        assert_eq!(wanted_by("docker-compose.prod.yml", text), [".env"]);
        let base = [".env", "docker-compose.yml", "docker-compose.yaml"];
        assert_eq!(wanted_by("docker-compose.override.yml", text), base);
    }
}
