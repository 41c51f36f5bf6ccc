//! How Compose joins two descriptions of a service: an override file over its base, a service over what it extends.
//!
//! The rules are those of compose-go, `override/merge.go`: mappings are joined, lists appended, the rest replaced.

use rustc_hash::FxHashMap;

use super::{Arg, Build, Extends, Service};
use crate::text::Text;

/// Services in order, each name once.
#[derive(Default)]
pub struct Services {
    list: Vec<Service>,
    places: FxHashMap<String, usize>,
}

impl From<Vec<Service>> for Services {
    fn from(list: Vec<Service>) -> Self {
        let mut services = Self { list: Vec::with_capacity(list.len()), ..Self::default() };
        for service in list {
            services.put(service);
        }
        services
    }
}

impl Services {
    /// Adds a service, over the one of its name.
    pub fn put(&mut self, service: Service) {
        match self.named(&service.name) {
            Some(base) => base.overlay(&service),
            None => self.push(service),
        }
    }

    /// Adds a service below the one of its name, whose `!reset` and `!override` apply to single fields, but not to the
    /// whole service: compose-go, `loader/include.go`, `importResource`.
    pub fn put_under(&mut self, mut service: Service) {
        match self.named(&service.name) {
            Some(over) if over.is_absent => *over = Service { resets: over.resets.clone(), ..service },
            Some(over) => {
                service.join(over);
                *over = service;
            }
            None => self.push(service),
        }
    }

    fn named(&mut self, name: &str) -> Option<&mut Service> {
        self.places.get(name).and_then(|&place| self.list.get_mut(place))
    }

    fn push(&mut self, service: Service) {
        self.places.insert(service.name.clone(), self.list.len());
        self.list.push(service);
    }

    /// All of them.
    pub fn into_list(self) -> Vec<Service> {
        self.list
    }
}

impl Service {
    /// Whether `deploy` has what `docker compose up` makes nothing of. It starts as many containers as `replicas` says
    /// (compose-go, `ServiceConfig.GetScale`).
    pub fn is_swarm(&self) -> bool {
        self.mode.is_some() || self.placement.is_some()
    }

    /// Joins `over` over this service, in place.
    pub fn overlay(&mut self, over: &Self) {
        if over.resets.iter().any(Vec::is_empty) {
            *self = over.clone();
        } else {
            self.join(over);
        }
    }

    fn join(&mut self, over: &Self) {
        self.is_absent &= over.is_absent;
        over.resets.iter().for_each(|path| self.reset(path));
        self.resets.extend_from_slice(&over.resets);
        replace(&mut self.image, over.image.as_ref());
        replace(&mut self.platform, over.platform.as_ref());
        replace(&mut self.isolation, over.isolation.as_ref());
        replace(&mut self.entrypoint, over.entrypoint.as_ref());
        replace(&mut self.command, over.command.as_ref());
        replace(&mut self.constraints_key, over.constraints_key.as_ref());
        replace(&mut self.network_mode, over.network_mode.as_ref());
        replace(&mut self.extends, over.extends.as_ref());
        replace(&mut self.mode, over.mode.as_ref());
        replace(&mut self.placement, over.placement.as_ref());
        replace(&mut self.scale, over.scale.as_ref());
        replace(&mut self.replicas, over.replicas.as_ref());
        match (&mut self.build, &over.build) {
            (Some(build), Some(over)) => build.overlay(over),
            (build, over) => replace(build, over.as_ref()),
        }
        self.has_profiles |= over.has_profiles;
        self.constraints.extend_from_slice(&over.constraints);
        self.depends_on.extend_from_slice(&over.depends_on);
        self.volumes.extend_from_slice(&over.volumes);
        self.paths.extend_from_slice(&over.paths);
        self.starts.extend_from_slice(&over.starts);
    }

    /// The same service with every value changed by `change`.
    #[must_use]
    pub fn map_texts(&self, change: &dyn Fn(&Text) -> Text) -> Self {
        let all = |texts: &[Text]| texts.iter().map(change).collect();
        Self {
            name: self.name.clone(),
            name_span: self.name_span,
            image: self.image.as_ref().map(change),
            build: self.build.as_ref().map(|build| Box::new(build.map_texts(change))),
            platform: self.platform.as_ref().map(change),
            isolation: self.isolation.as_ref().map(change),
            entrypoint: self.entrypoint.clone(),
            command: self.command.clone(),
            is_absent: self.is_absent,
            resets: self.resets.clone(),
            mode: self.mode,
            placement: self.placement,
            scale: self.scale.as_ref().map(change),
            replicas: self.replicas.as_ref().map(change),
            constraints: all(&self.constraints),
            constraints_key: self.constraints_key,
            places: self.places.clone(),
            depends_on: all(&self.depends_on),
            network_mode: self.network_mode.as_ref().map(change),
            has_profiles: self.has_profiles,
            volumes: all(&self.volumes),
            paths: all(&self.paths),
            starts: all(&self.starts),
            extends: self
                .extends
                .as_ref()
                .map(|extends| Extends { service: change(&extends.service), file: extends.file.as_ref().map(change) }),
        }
    }
}

impl Build {
    fn overlay(&mut self, over: &Self) {
        replace(&mut self.context, over.context.as_ref());
        replace(&mut self.dockerfile, over.dockerfile.as_ref());
        replace(&mut self.inline, over.inline.as_ref());
        replace(&mut self.target, over.target.as_ref());
        replace(&mut self.isolation, over.isolation.as_ref());
        self.args.extend_from_slice(&over.args);
        self.platforms.extend_from_slice(&over.platforms);
        self.tags.extend_from_slice(&over.tags);
    }

    fn map_texts(&self, change: &dyn Fn(&Text) -> Text) -> Self {
        let all = |texts: &[Text]| texts.iter().map(change).collect();
        Self {
            span: self.span,
            context: self.context.as_ref().map(change),
            dockerfile: self.dockerfile.as_ref().map(change),
            inline: self.inline.as_ref().map(change),
            args: self.args.iter().map(|arg| arg.map_texts(change)).collect(),
            target: self.target.as_ref().map(change),
            isolation: self.isolation.as_ref().map(change),
            platforms: all(&self.platforms),
            tags: all(&self.tags),
        }
    }
}

impl Arg {
    /// Names in a mapping are keys, which Compose does not fill variables into.
    fn map_texts(&self, change: &dyn Fn(&Text) -> Text) -> Self {
        match &self.value {
            Some(value) => Self { name: self.name.clone(), value: Some(change(value)) },
            None => Self { name: change(&self.name), value: None },
        }
    }

    /// Its name and, unless it comes from the environment, its value. None if the name is not known.
    pub fn split(&self) -> Option<(&str, Option<Text>)> {
        if let Some(value) = &self.value {
            return Some((&self.name.value, Some(value.clone())));
        }
        let Some(equals) = self.name.value.find('=') else {
            return self.name.known().map(|name| (name, None));
        };
        let name = self.name.value.get(..equals).filter(|_| self.name.hole_in(0..equals).is_none())?;
        Some((name, Some(self.name.part(equals + 1..self.name.value.len()))))
    }
}

fn replace<T: Clone>(field: &mut Option<T>, over: Option<&T>) {
    if let Some(over) = over {
        *field = Some(over.clone());
    }
}
