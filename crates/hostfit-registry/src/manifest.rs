//! Manifests, indexes and image configurations: the parts of them that state the platforms.

use std::collections::BTreeMap;

use serde::{Deserialize, de::IgnoredAny};

use crate::Platform;

pub(crate) const INDEXES: [&str; 2] =
    ["application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json"];
pub(crate) const MANIFESTS: [&str; 2] =
    ["application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json"];
const CONFIGS: [&str; 2] =
    ["application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json"];

/// All that is understood.
pub(crate) const ACCEPT: &str = "application/vnd.oci.image.index.v1+json, \
                                 application/vnd.docker.distribution.manifest.list.v2+json, \
                                 application/vnd.oci.image.manifest.v1+json, \
                                 application/vnd.docker.distribution.manifest.v2+json";

/// An index of many images is some kilobytes.
const MAX_ENTRIES: usize = 1000;

/// What a registry gives under a name.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Document {
    /// A list of images, with the media type.
    Index(String, Vec<Entry>),
    /// One image, with the media type and the digest and size of its configuration.
    Manifest(String, String),
}

/// One image of an index.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) digest: String,
    pub(crate) is_index: bool,
    /// Nothing where the index does not say.
    pub(crate) platform: Option<Platform>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Raw {
    schema_version: Option<u64>,
    media_type: Option<String>,
    manifests: Option<Vec<Descriptor>>,
    config: Option<Descriptor>,
    layers: Option<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    media_type: Option<String>,
    digest: Option<String>,
    platform: Option<RawPlatform>,
    #[serde(default)]
    annotations: Option<BTreeMap<String, String>>,
}

#[derive(Deserialize)]
struct RawPlatform {
    #[serde(default)]
    os: String,
    #[serde(default)]
    architecture: String,
    #[serde(rename = "os.version")]
    os_version: Option<String>,
}

impl RawPlatform {
    fn checked(self) -> Result<Platform, String> {
        for word in [&self.os, &self.architecture].into_iter().chain(&self.os_version) {
            let is_word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
            if word.len() > 64 || !word.bytes().all(is_word) {
                return Err("a platform that is not valid".to_owned());
            }
        }
        let os_version = self.os_version.filter(|it| !it.is_empty());
        Ok(Platform { os: self.os, architecture: self.architecture, os_version })
    }
}

/// Reads a manifest or an index; `media_type` is what the answer called it.
pub(crate) fn document(body: &[u8], media_type: &str) -> Result<Document, String> {
    if media_type.starts_with("text/html") {
        return Err("a web page".to_owned());
    }
    let raw: Raw = serde_json::from_slice(body).map_err(|error| format!("a manifest that cannot be read ({error})"))?;
    if raw.schema_version == Some(1) {
        return Err("a manifest of schema 1, which no engine takes any more".to_owned());
    }
    let known = |it: &str| INDEXES.contains(&it) || MANIFESTS.contains(&it);
    let stated = raw.media_type.as_deref().filter(|it| known(it));
    let sent = Some(media_type).filter(|it| known(it));
    // Who takes a thing for another thing can be made to judge what is never run (CVE-2021-41190).
    if let (Some(stated), Some(sent)) = (stated, sent)
        && stated != sent
    {
        return Err(format!("`{sent}`, in which it says that it is `{stated}`"));
    }
    let Some(kind) = sent.or(stated) else {
        return Err(format!("`{media_type}`, which is not a manifest"));
    };
    match (raw.manifests, raw.config) {
        (Some(entries), None) if INDEXES.contains(&kind) && raw.layers.is_none() => {
            if entries.len() > MAX_ENTRIES {
                return Err(format!("an index of {} images", entries.len()));
            }
            let entries: Result<Vec<_>, _> = entries.into_iter().filter_map(entry).collect();
            Ok(Document::Index(kind.to_owned(), entries?))
        }
        (None, Some(config)) if MANIFESTS.contains(&kind) => {
            let of = config.media_type.unwrap_or_default();
            if !CONFIGS.contains(&of.as_str()) {
                return Err(format!("something that is not an image: its configuration is `{of}`"));
            }
            let digest = config.digest.filter(|it| is_digest(it)).ok_or("a manifest without a configuration")?;
            Ok(Document::Manifest(kind.to_owned(), digest))
        }
        _ => Err("a manifest that is neither an image nor an index".to_owned()),
    }
}

/// None for entries of an index that are not images: signatures and the like.
fn entry(descriptor: Descriptor) -> Option<Result<Entry, String>> {
    let media_type = descriptor.media_type.as_deref().unwrap_or_default();
    let is_index = INDEXES.contains(&media_type);
    let is_attestation = descriptor.annotations.iter().flatten().any(|(key, _)| key == "vnd.docker.reference.type");
    if is_attestation || !is_index && !MANIFESTS.contains(&media_type) {
        return None;
    }
    let Some(digest) = descriptor.digest.filter(|it| is_digest(it)) else {
        return Some(Err("an index with an image without a digest".to_owned()));
    };
    let platform = match descriptor.platform.map(RawPlatform::checked) {
        Some(Err(error)) => return Some(Err(error)),
        Some(Ok(platform)) if platform.os == "unknown" => return None,
        Some(Ok(platform)) => Some(platform).filter(|it| !it.os.is_empty()),
        None => None,
    };
    Some(Ok(Entry { digest, is_index, platform }))
}

/// Reads the configuration of an image.
pub(crate) fn platform_of_config(body: &[u8]) -> Result<Platform, String> {
    let raw: RawPlatform =
        serde_json::from_slice(body).map_err(|error| format!("a configuration that cannot be read ({error})"))?;
    let platform = raw.checked()?;
    if platform.os.is_empty() { Err("a configuration without `os`".to_owned()) } else { Ok(platform) }
}

/// `sha256:` and 64 lowercase hexadecimal digits, or `sha512:` and 128.
pub(crate) fn is_digest(text: &str) -> bool {
    let Some((algorithm, hex)) = text.split_once(':') else { return false };
    let length = match algorithm {
        "sha256" => 64,
        "sha512" => 128,
        _ => return false,
    };
    hex.len() == length && hex.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
