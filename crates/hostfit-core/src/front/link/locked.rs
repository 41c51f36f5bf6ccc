//! What registries said about images that nothing else identifies.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::{
    config::Config,
    model::{Locked, Project},
    windows::image::{Canonical, Contents, Learned},
};

/// Looks images up in the lock file, which comes last: an image that the tree builds is known from its Dockerfile.
pub(super) fn fill_in(project: &mut Project, config: &Config) {
    let Some(lock) = &config.lock else { return };
    let mut contents: FxHashMap<&str, Contents> = FxHashMap::default();
    for image in project.images.iter_mut().filter(|image| image.is_pulled()) {
        let entry = Canonical::of(&image.text, &image.identity).and_then(|name| lock.get(&name.to_string()));
        let Some(entry) = entry else { continue };
        let contents = contents.entry(&entry.image).or_insert_with(|| entry.contents());
        let learned = Arc::make_mut(&mut image.identity).learn(contents, entry.at);
        if learned != Learned::Nothing {
            image.locked = Some(Locked {
                at: entry.at,
                date: entry.date,
                is_asked: entry.is_asked,
                is_revision: learned == Learned::Revision,
            });
        }
    }
}
