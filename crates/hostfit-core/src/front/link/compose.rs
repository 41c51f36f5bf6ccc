//! Compose files to projects: which files come up together, and what their services are once `.env`, `extends`,
//! `include` and override files were taken in.

use std::borrow::Cow;

use rustc_hash::{FxHashMap, FxHashSet};

use super::path::{Files, join};
use crate::{
    config::Config,
    fleet::Orchestrator,
    front::{
        Content, Unit,
        compose::{
            File, Include, Service, Services,
            interpolate::{self, stack},
        },
        env,
    },
    source::{SourceId, Span},
    syntax::SyntaxError,
    text::Text,
    workers::{self, Workers},
};

/// A service that extends one that extends one … beyond this depth is left as it is.
const MAX_EXTENDS: usize = 16;

/// Services that come up together.
pub(super) struct Project<'run> {
    /// Its first file.
    pub(super) source: SourceId,
    /// Its services, complete.
    pub(super) services: Vec<Service>,
    /// Whether it is a Swarm stack: a service says so, or the fleet has no other use for it.
    pub(super) is_stack: bool,
    /// Values of `.env`.
    pub(super) env: Env<'run>,
    /// What its reader refuses of the files.
    pub(super) refused: Vec<SyntaxError>,
    /// Folders that paths in a file are relative to, where that is not the file's own.
    pub(super) folders: FxHashMap<SourceId, String>,
}

impl Project<'_> {
    /// The folder that paths written in `source` start from.
    pub(super) fn folder<'p>(&'p self, files: &'p Files, source: SourceId) -> &'p str {
        self.folders.get(&source).map_or_else(|| files.folder(source), String::as_str)
    }
}

/// The variables of `.env` files, and who fills them in.
#[derive(Clone, Default)]
pub(super) struct Env<'run> {
    values: Vec<Cow<'run, Text>>,
    places: FxHashMap<&'run str, usize>,
    /// Whether `docker stack deploy` does, which knows none of them.
    is_of_stack: bool,
}

impl<'run> Env<'run> {
    /// What these files set beside what is set already, which wins. Of several files the last one wins.
    fn over(mut self, files: &[&'run env::File]) -> Self {
        let mut own = Self::default();
        for file in files {
            let values = if self.places.is_empty() && own.places.is_empty() {
                file.values()
            } else {
                file.values_within(&|name| self.get(name).or_else(|| own.get(name)))
            };
            for ((name, _), value) in file.variables.iter().zip(values) {
                own.set(name, value);
            }
        }
        let mut names: Vec<_> = own.places.iter().collect();
        names.sort_unstable_by_key(|(_, place)| **place);
        for (name, &place) in names {
            if let Some(value) = own.values.get(place).filter(|_| !self.places.contains_key(name)) {
                self.set(name, value.clone());
            }
        }
        self
    }

    fn set(&mut self, name: &'run str, value: Cow<'run, Text>) {
        if let Some(earlier) = self.places.get(name).and_then(|&place| self.values.get_mut(place)) {
            *earlier = value;
        } else {
            self.places.insert(name, self.values.len());
            self.values.push(value);
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Text> {
        self.values.get(*self.places.get(name)?).map(Cow::as_ref)
    }

    fn fill(&self, text: &Text) -> Text {
        if self.is_of_stack { stack::interpolate(text) } else { interpolate::interpolate(text, &|name| self.get(name)) }
    }

    fn refused(&self, text: &Text) -> Option<SyntaxError> {
        if self.is_of_stack { stack::refused(text) } else { interpolate::refused(text, &|name| self.get(name)) }
    }
}

/// All Compose files of a run.
pub(super) struct Composes<'run> {
    files: &'run Files<'run>,
    config: &'run Config,
    all: Vec<(SourceId, &'run File)>,
    by_source: FxHashMap<SourceId, &'run File>,
    /// The last service of a name in a file.
    services: FxHashMap<(SourceId, &'run str), &'run Service>,
    /// `.env` files.
    envs: Vec<(SourceId, &'run env::File)>,
}

impl<'run> Composes<'run> {
    pub(super) fn new(files: &'run Files<'run>, units: &'run [Unit], config: &'run Config) -> Self {
        let all: Vec<_> = units
            .iter()
            .filter_map(|unit| match &unit.content {
                Content::Compose(file) => Some((unit.source, file)),
                _ => None,
            })
            .collect();
        let services = all
            .iter()
            .flat_map(|(source, file)| file.services.iter().map(|service| ((*source, service.name.as_str()), service)));
        let envs = units.iter().filter_map(|unit| match &unit.content {
            Content::Env(file) => Some((unit.source, file)),
            _ => None,
        });
        let by_source = all.iter().copied().collect();
        Self { files, config, by_source, services: services.collect(), envs: envs.collect(), all }
    }

    /// The file that `source` is.
    pub(super) fn file(&self, source: SourceId) -> Option<&'run File> {
        self.by_source.get(&source).copied()
    }

    /// All projects. Every file is in one, or is extended or included by one.
    pub(super) fn projects(&self, workers: Workers<'_>) -> Vec<Project<'run>> {
        let mut overrides: FxHashMap<_, _> =
            self.overrides().into_iter().map(|(base, over)| (base, vec![over])).collect();
        overrides.extend(self.chosen());
        let joined: FxHashSet<SourceId> = overrides.values().flatten().copied().collect();
        let included = self.included();
        let templates = self.templates();
        let extended = self.extended_names();
        let mut projects = Vec::new();
        let mut seen = FxHashSet::default();
        // Files that only include each other are none's base; they are taken last, so that none is passed over.
        for wants_included in [false, true] {
            let is_base = |source: &SourceId| {
                !joined.contains(source) && !seen.contains(source) && included.contains(source) == wants_included
            };
            let bases: Vec<_> = self.all.iter().map(|(source, _)| *source).filter(is_base).collect();
            let loaded = workers::map(workers, &bases, |base| {
                let over = overrides.get(base).into_iter().flatten();
                let paths: Vec<_> = std::iter::once(base).chain(over).copied().collect();
                self.project(&paths, &templates)
            });
            for (base, (mut project, loaded)) in bases.into_iter().zip(loaded) {
                if seen.contains(&base) {
                    continue;
                }
                seen.extend(loaded);
                // What is written into a service that others extend is theirs too.
                let shared = project.services.iter_mut().filter(|it| extended.contains(it.name.as_str()));
                shared.for_each(|service| service.places.clear());
                projects.push(project);
            }
        }
        projects
    }

    /// A project, and the files that it has.
    fn project(
        &self,
        paths: &[SourceId],
        templates: &FxHashSet<(SourceId, String)>,
    ) -> (Project<'run>, FxHashSet<SourceId>) {
        let source = paths.first().copied().unwrap_or(Span::NOWHERE.source);
        let unit = self.files.resolve(self.files.folder(source), ".env");
        let file = unit.and_then(env_file);
        let env = Env::default().over(file.as_slice());
        let mut project = Project {
            source,
            services: Vec::new(),
            is_stack: false,
            env: env.clone(),
            refused: file.and_then(|file| file.refused.clone()).into_iter().collect(),
            folders: FxHashMap::default(),
        };
        let mut loaded = FxHashSet::default();
        project.services = self.load(paths, &env, &mut project, &mut loaded).into_list();
        project.is_stack = self.is_stack(&project);
        if project.is_stack && loaded.iter().all(|source| self.is_read_by_stacks(*source)) {
            self.read_as_stack(paths, &mut project);
        }
        project.services.retain(|service| !service.is_absent);
        project.services.retain(|service| !templates.contains(&(service.name_span.source, service.name.clone())));
        (project, loaded)
    }

    fn is_stack(&self, project: &Project) -> bool {
        let fleets = self.config.fleets_of(&[project.source]);
        let mut hosts = fleets.iter().flat_map(|it| &it.fleet.hosts);
        let has_swarm = hosts.any(|host| host.orchestrator == Some(Orchestrator::Swarm));
        project.services.iter().any(Service::is_swarm)
            || has_swarm && !fleets.iter().any(|it| it.serves(Orchestrator::Docker))
    }

    /// Whether `docker stack deploy` reads such a file itself. What has `extends` or `include` reaches it only as what
    /// `docker compose config` prints.
    fn is_read_by_stacks(&self, source: SourceId) -> bool {
        self.file(source)
            .is_some_and(|file| file.includes.is_empty() && file.services.iter().all(|it| it.extends.is_none()))
    }

    /// Reads the files as `docker stack deploy` does. What it does not read, `build`, stays as Compose reads it.
    fn read_as_stack(&self, paths: &[SourceId], project: &mut Project<'run>) {
        project.refused.clear();
        let env = Env { is_of_stack: true, ..Env::default() };
        let services = self.load(paths, &env, project, &mut FxHashSet::default()).into_list();
        let images = services.iter().filter_map(|service| service.image.as_ref());
        project.refused.extend(images.filter_map(stack::refused_image));
        let by_compose = std::mem::replace(&mut project.services, services);
        for (service, by_compose) in project.services.iter_mut().zip(by_compose) {
            service.build = by_compose.build;
            if let Some(build) =
                service.build.as_mut().filter(|_| service.image.as_ref().is_some_and(|it| it.hole().is_some()))
            {
                // The name that it is built under.
                build.tags.extend(by_compose.image);
            }
        }
    }

    /// The services of a file over those that it includes, and over all that those of its override files.
    fn load(
        &self,
        paths: &[SourceId],
        env: &Env<'run>,
        project: &mut Project<'run>,
        loaded: &mut FxHashSet<SourceId>,
    ) -> Services {
        let mut services = Services::default();
        for &source in paths {
            let Some(file) = self.file(source).filter(|_| loaded.insert(source)) else { continue };
            project.refused.extend(file.suspects.iter().filter_map(|text| env.refused(text)));
            let mut own = Services::from(self.complete(source, file, env));
            for include in &file.includes {
                for service in self.include(source, include, env, project, loaded) {
                    own.put_under(service);
                }
            }
            for service in own.into_list() {
                services.put(service);
            }
        }
        services
    }

    fn include(
        &self,
        source: SourceId,
        include: &Include,
        env: &Env<'run>,
        project: &mut Project<'run>,
        loaded: &mut FxHashSet<SourceId>,
    ) -> Vec<Service> {
        let folder = project.folder(self.files, source).to_owned();
        let known = |text: &Text| env.fill(text).known().map(str::to_owned);
        let paths: Vec<SourceId> = include
            .paths
            .iter()
            .filter_map(|path| Some(self.files.resolve(&folder, &known(path)?)?.source))
            .filter(|path| !loaded.contains(path))
            .collect();
        let Some(&first) = paths.first() else { return Vec::new() };
        let declared = include.project_directory.as_ref().and_then(known);
        let own = declared.and_then(|path| join(&folder, &path));
        if let Some(own) = &own {
            project.folders.extend(paths.iter().map(|path| (*path, own.clone())));
        }
        let own = own.unwrap_or_else(|| self.files.folder(first).to_owned());
        let mut units: Vec<_> =
            include.env_files.iter().filter_map(|path| self.files.resolve(&folder, &known(path)?)).collect();
        if include.env_files.is_empty() {
            units.extend(self.files.resolve(&own, ".env"));
        }
        let env_files: Vec<_> = units.into_iter().filter_map(env_file).collect();
        project.refused.extend(env_files.iter().filter_map(|file| file.refused.clone()));
        let env = env.clone().over(&env_files);
        self.load(&paths, &env, project, loaded).into_list()
    }

    /// The services of one file, variables filled in and `extends` followed.
    fn complete(&self, source: SourceId, file: &File, env: &Env<'run>) -> Vec<Service> {
        file.services.iter().map(|service| self.extended(source, service, env, MAX_EXTENDS)).collect()
    }

    fn extended(&self, source: SourceId, service: &Service, env: &Env<'run>, depth: usize) -> Service {
        let service = service.map_texts(&|text| env.fill(text));
        let base = service.extends.as_ref().filter(|_| depth > 0).and_then(|extends| {
            let name = extends.service.known()?;
            let source = match &extends.file {
                Some(file) => self.files.resolve(self.files.folder(source), file.known()?)?.source,
                None => source,
            };
            let base = self.services.get(&(source, name))?;
            let is_itself = base.name_span == service.name_span;
            (!is_itself).then(|| self.extended(source, base, env, depth - 1))
        });
        let Some(mut base) = base else { return service };
        base.overlay(&service);
        let Service { name, name_span, places, resets, .. } = service;
        Service { name, name_span, places, resets, extends: None, ..base }
    }

    /// The files that `COMPOSE_FILE` of a `.env` names: the first with those over it.
    fn chosen(&self) -> Vec<(SourceId, Vec<SourceId>)> {
        let chosen = self.envs.iter().filter_map(|(source, file)| {
            let names = file.get("COMPOSE_FILE")?.known()?;
            let separator = match file.get("COMPOSE_PATH_SEPARATOR") {
                Some(separator) => separator.known()?,
                // The list separator of the system that Compose runs on.
                None if names.contains(';') => ";",
                None => ":",
            };
            let folder = self.files.folder(*source);
            let units = names.split(separator).filter_map(|name| self.files.resolve(folder, name));
            let mut sources = units.map(|unit| unit.source).filter(|it| self.by_source.contains_key(it));
            let first = sources.next()?;
            Some((first, sources.filter(|it| *it != first).collect()))
        });
        chosen.collect()
    }

    /// The override file of each file that has one.
    fn overrides(&self) -> FxHashMap<SourceId, SourceId> {
        let mut bases: FxHashMap<(&str, String), SourceId> = FxHashMap::default();
        for &(source, _) in &self.all {
            bases.entry((self.files.folder(source), self.files.name(source).to_ascii_lowercase())).or_insert(source);
        }
        let mut overrides = FxHashMap::default();
        let mut sources: Vec<_> = self.all.iter().map(|(source, _)| *source).collect();
        // Of several overrides Compose takes the first of its own order (compose-go, `DefaultOverrideFileNames`).
        sources.sort_by_key(|source| self.files.name(*source).to_ascii_lowercase().ends_with(".yaml"));
        for source in sources {
            let name = self.files.name(source).to_ascii_lowercase();
            let Some((stem, _)) =
                name.split_once(".override.").filter(|_| is_default_name(&name.replace(".override", "")))
            else {
                continue;
            };
            // The base of the same stem, else any that Compose looks for.
            let folder = self.files.folder(source);
            let own = DEFAULT_NAMES.iter().filter(|name| name.split('.').next() == Some(stem));
            let base = own.chain(DEFAULT_NAMES).find_map(|&name| bases.get(&(folder, name.to_owned())).copied());
            if let Some(base) = base {
                overrides.entry(base).or_insert(source);
            }
        }
        overrides
    }

    /// Files that another file includes.
    fn included(&self) -> FxHashSet<SourceId> {
        let mut included = FxHashSet::default();
        for &(source, file) in self.all.iter().filter(|(_, file)| !file.includes.is_empty()) {
            let folder = self.files.folder(source);
            let env = Env::default().over(self.files.resolve(folder, ".env").and_then(env_file).as_slice());
            let paths = file.includes.iter().flat_map(|include| &include.paths);
            let units = paths.filter_map(|path| self.files.resolve(folder, env.fill(path).known()?));
            included.extend(units.map(|unit| unit.source).filter(|unit| *unit != source));
        }
        included
    }

    /// Names of services that others extend, in whatever file.
    fn extended_names(&self) -> FxHashSet<&'run str> {
        let services = self.all.iter().flat_map(|(_, file)| &file.services);
        services.filter_map(|service| Some(service.extends.as_ref()?.service.value.as_str())).collect()
    }

    /// Services that another file extends, in files that Compose does not look for by itself: they are written to be
    /// extended, and judged where they are.
    fn templates(&self) -> FxHashSet<(SourceId, String)> {
        let mut templates = FxHashSet::default();
        for &(source, file) in &self.all {
            for extends in file.services.iter().filter_map(|service| service.extends.as_ref()) {
                let Some((path, name)) = extends.file.as_ref().and_then(Text::known).zip(extends.service.known())
                else {
                    continue;
                };
                let unit = self.files.resolve(self.files.folder(source), path).map(|unit| unit.source);
                if let Some(unit) = unit.filter(|unit| *unit != source && !is_default_name(self.files.name(*unit))) {
                    templates.insert((unit, name.to_owned()));
                }
            }
        }
        templates
    }
}

fn env_file(unit: &Unit) -> Option<&env::File> {
    match &unit.content {
        Content::Env(file) => Some(file),
        _ => None,
    }
}

/// Names that Compose looks for by itself, in its order.
const DEFAULT_NAMES: &[&str] = &["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// Whether Compose looks for a file of this name by itself.
pub(super) fn is_default_name(name: &str) -> bool {
    DEFAULT_NAMES.iter().any(|it| it.eq_ignore_ascii_case(name))
}
