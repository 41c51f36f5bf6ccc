//! Image references, and what their names and tags tell of the Windows inside.

mod base;
mod canonical;
mod declared;
mod glob;
mod identity;
mod invalid;
mod known;
mod kubernetes;
mod locked;
mod nearest;
mod official;
mod published;
mod reference;
mod release_in_name;
mod retired;
mod retired_variant;
pub mod tags;
mod variant;
mod well_known;

pub use canonical::{Canonical, is_digest};
pub use declared::{Declared, DeclaredBuild, ImageRule};
pub use glob::ImageRules;
pub use identity::{Doubt, Fault, Identity, Proof, Variants};
pub use known::KnownReferences;
pub use locked::{Contents, Learned};
pub use published::{is_published, published_doubt};
pub use reference::Reference;
pub use release_in_name::behind_family;
pub use retired_variant::retired_since;
pub use variant::{Alternative, VariantStatus, alternatives};

use std::ops::Range;

pub use super::family::Family;
use super::{OsVersion, release::Releases};
use crate::text::Text;
use reference::Parts;

/// No reference is longer: a registry takes 255 bytes of name and 128 of tag. What is longer is not read, so that
/// hostile input costs nothing.
const MAX_REFERENCE: usize = 4096;

/// Identifies the image that `text` refers to. `rules` are asked first; the first match wins.
///
/// Variables without a value are never read: neither a repository nor a version is known from bytes that touch one.
pub fn identify(text: &Text, rules: &[ImageRule], releases: &Releases) -> Identity {
    identify_by(text, &ImageRules::new(rules), releases)
}

/// The same for many images.
pub fn identify_by(text: &Text, rules: &ImageRules<'_>, releases: &Releases) -> Identity {
    let masked = if text.value.len() > MAX_REFERENCE { String::new() } else { text.masked() };
    let parts = Parts { value: &masked, reference: reference::parse(&masked) };
    let mut identity = by_name(&parts, releases);
    if identity.fault.is_none() && reference::is_refused(&parts) && !reference::is_placeholder(&parts) {
        identity.fault = Some(Box::new(Fault::InvalidRepository { at: parts.reference.name(), instead: None }));
    }
    if parts.reference.digest.is_some() {
        // A digest is one image or one list, which may be older than what the table knows of the tag.
        identity.variants = None;
    }
    if let Some(rule) = rules.first_match(&parts) {
        rule.apply(&mut identity);
    }
    identity
}

/// The Windows release that a name states by itself, and the bytes of the value that state it.
pub fn release_in_name(text: &Text, releases: &Releases) -> Option<(OsVersion, Range<usize>)> {
    identify(text, &[], releases).version
}

fn by_name(parts: &Parts<'_>, releases: &Releases) -> Identity {
    retired::identify(parts, releases)
        .or_else(|| invalid::identify(parts, releases))
        .or_else(|| base::identify(parts, releases))
        .or_else(|| official::identify(parts, releases))
        .or_else(|| kubernetes::identify(parts))
        .unwrap_or_else(|| {
            let mut identity = release_in_name::third_party(parts, releases);
            well_known::fill_in(&mut identity, parts);
            identity
        })
}

/// What says that an image of the Kubernetes world is Linux, where its repository alone does: the build configuration of its
/// project, and the commit.
pub fn well_known_linux(text: &Text) -> Option<&'static str> {
    let value = &text.masked();
    well_known::source(&Parts { value, reference: reference::parse(value) })
}

#[cfg(test)]
mod tests;
