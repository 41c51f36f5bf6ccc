//! `hostfit.lock`: what registries said of images, so that later runs need no network.
//!
//! One block for each image, in the order of the names, one line for each platform: what changed is a short diff.

use std::fmt::Write as _;

use rustc_hash::{FxHashMap, FxHashSet};

use super::{
    ConfigError,
    reader::{Entry as Key, Reader, shown, suggestion_of},
    release,
    write::quoted,
};
use crate::{
    source::{Source, Span},
    windows::{
        Date,
        image::{Canonical, Contents, is_digest},
        version,
    },
};

/// The file's name.
pub const NAME: &str = "hostfit.lock";

/// The advice on a lock file that cannot be read.
const REWRITE: &str = "run `hostfit images --online`, which writes the file again";

/// What this hostfit writes; a later one that means something else writes another number.
const VERSION: u32 = 1;

const HEAD: &str = "\
# What the images of this repository are, as their registries said. `hostfit images --online` writes this file, other
# commands read it, and `hostfit images --online --check` says what has changed since. Commit it.
";

/// What registries said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lock {
    /// In the order of their names, each once.
    entries: Vec<Entry>,
    places: FxHashMap<String, usize>,
}

/// What a registry said of one image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, as [`Canonical`] writes it.
    pub image: String,
    /// `sha256:…` of the manifest or index.
    pub digest: String,
    /// Media type of the same: it distinguishes an image from an index of images.
    pub media_type: String,
    /// When it was said.
    pub date: Date,
    /// Each once, sorted.
    pub platforms: Vec<Platform>,
    /// The name in the lock file; nowhere if it does not come from one.
    pub at: Span,
    /// Whether it was said in this very run.
    pub is_asked: bool,
}

/// What an image is made for.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Platform {
    /// `windows`.
    pub os: String,
    /// `amd64`.
    pub architecture: String,
    /// `10.0.20348.2700`.
    pub os_version: Option<String>,
}

impl Entry {
    /// What hosts are given of it.
    pub fn contents(&self) -> Contents {
        let windows = || self.platforms.iter().filter(|it| it.os == "windows");
        // Windows on other processors is for hosts of which nobody declares any.
        let has_amd64 = windows().any(|it| it.architecture == "amd64");
        let mut contents = Contents { linux: self.platforms.iter().any(|it| it.os == "linux"), ..Contents::default() };
        for platform in windows().filter(|it| !has_amd64 || it.architecture == "amd64") {
            match platform.os_version.as_deref().and_then(version::of_image) {
                Some(version) => contents.windows.push(version),
                None => contents.unversioned = true,
            }
        }
        contents
    }

    /// Whether the registry says the same, whenever it did.
    pub fn says_the_same(&self, other: &Self) -> bool {
        (&self.image, &self.digest, &self.media_type, &self.platforms)
            == (&other.image, &other.digest, &other.media_type, &other.platforms)
    }
}

impl Lock {
    /// These entries; of several of the same name the last counts.
    pub fn new(entries: impl IntoIterator<Item = Entry>) -> Self {
        let mut by_name = std::collections::BTreeMap::new();
        for mut entry in entries {
            entry.platforms.sort();
            entry.platforms.dedup();
            by_name.insert(entry.image.clone(), entry);
        }
        let entries: Vec<_> = by_name.into_values().collect();
        let places = entries.iter().enumerate().map(|(place, entry)| (entry.image.clone(), place)).collect();
        Self { entries, places }
    }

    /// What is said of the image of this canonical name.
    pub fn get(&self, image: &str) -> Option<&Entry> {
        self.places.get(image).and_then(|place| self.entries.get(*place))
    }

    /// Marks the entries of images that `is_asked` names as those that were asked for in this run.
    #[must_use]
    pub fn asked(mut self, is_asked: impl Fn(&str) -> bool) -> Self {
        self.entries.iter_mut().for_each(|entry| entry.is_asked = is_asked(&entry.image));
        self
    }

    /// All of it.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Reads a lock file.
    ///
    /// # Errors
    /// Every place that is invalid, with what to do.
    pub fn parse(source: &Source) -> Result<Self, Vec<ConfigError>> {
        Self::read(source).map_err(|mut errors| {
            for error in &mut errors {
                error.help.get_or_insert_with(|| REWRITE.to_owned());
            }
            errors
        })
    }

    fn read(source: &Source) -> Result<Self, Vec<ConfigError>> {
        let mut reader = Reader::new(source, &[]);
        let document = reader.document();
        if reader.has_errors() {
            // Of a file that two branches changed, the rest says nothing.
            return reader.finish(Self::default());
        }
        let (mut entries, mut version): (Vec<Entry>, _) = (Vec::new(), None);
        for key in reader.entries(&document) {
            match key.key {
                "version" => version = Some((reader.number(&key, 1), key.span)),
                "image" => {
                    for (table, span) in reader.tables(&key) {
                        let fields = reader.entries(table);
                        entries.extend(entry(&mut reader, &fields, span));
                    }
                }
                _ => unknown(&mut reader, &key, &["version", "image"]),
            }
        }
        match version {
            Some((Some(VERSION) | None, _)) => {}
            Some((Some(_), span)) => {
                let help = "install a newer hostfit, or write the file again with `hostfit images --online`";
                reader.error(span, "this lock file was written by a newer hostfit", Some(help.to_owned()));
            }
            None => reader.error(Span::at(source.id, 0), "a lock file without `version`", None),
        }
        let mut seen = FxHashSet::default();
        for entry in &entries {
            if !seen.insert(&entry.image) {
                reader.error(entry.at, format!("a second entry for `{}`", shown(&entry.image)), None);
            }
        }
        reader.finish(Self::new(entries))
    }

    /// The lock file.
    pub fn to_toml(&self) -> String {
        let mut toml = format!("{HEAD}version = {VERSION}\n");
        for entry in &self.entries {
            let Entry { image, digest, media_type, date, .. } = entry;
            // Writing to a String cannot fail.
            let _ = write!(
                toml,
                "\n[[image]]\nimage = {}\ndigest = {}\nmedia-type = {}\ndate = {date}\nplatforms = [\n",
                quoted(image),
                quoted(digest),
                quoted(media_type)
            );
            for platform in &entry.platforms {
                let Platform { os, architecture, os_version } = platform;
                let version = os_version.iter().map(|it| format!(", os-version = {}", quoted(it)));
                let (os, architecture) = (quoted(os), quoted(architecture));
                let _ = writeln!(
                    toml,
                    "    {{ os = {os}, architecture = {architecture}{} }},",
                    version.collect::<String>()
                );
            }
            toml.push_str("]\n");
        }
        toml
    }
}

fn entry(reader: &mut Reader, fields: &[Key], span: Span) -> Option<Entry> {
    let (mut image, mut digest, mut media_type, mut date, mut platforms) = (None, None, None, None, None);
    for field in fields {
        match field.key {
            "image" => image = Some(name(reader, field)),
            "digest" => digest = Some(checked(reader, field, is_digest, "not a digest")),
            "media-type" => media_type = Some(checked(reader, field, is_word, "not a media type")),
            "date" => date = Some(release::date(reader, field)),
            "platforms" => platforms = Some(read_platforms(reader, field)),
            _ => unknown(reader, field, &["image", "digest", "media-type", "date", "platforms"]),
        }
    }
    let missing = [
        ("image", image.is_none()),
        ("digest", digest.is_none()),
        ("media-type", media_type.is_none()),
        ("date", date.is_none()),
        ("platforms", platforms.is_none()),
    ];
    for (name, _) in missing.into_iter().filter(|(_, is_missing)| *is_missing) {
        reader.error(span, format!("an [[image]] without `{name}`"), None);
    }
    let (image, at) = image??;
    Some(Entry {
        image,
        digest: digest??,
        media_type: media_type??,
        date: date??,
        platforms: platforms?,
        at,
        is_asked: false,
    })
}

fn name(reader: &mut Reader, field: &Key) -> Option<(String, Span)> {
    let (text, span) = reader.text(field)?;
    let canonical = Canonical::parse(text).map(|it| it.to_string());
    if canonical.as_deref() == Some(text) {
        return Some((text.to_owned(), span));
    }
    let help = match canonical {
        Some(canonical) => format!("write `{canonical}`, or {REWRITE}"),
        None => REWRITE.to_owned(),
    };
    reader.error(span, format!("`{}` is not the full name of an image", shown(text)), Some(help));
    None
}

fn read_platforms(reader: &mut Reader, field: &Key) -> Vec<Platform> {
    let mut platforms = Vec::new();
    // As many as are read of an index.
    reader.at_most(1000, reader.items(field).len(), "platforms", field.span);
    for (table, span) in reader.tables(field) {
        let (mut os, mut architecture, mut os_version) = (None, None, None);
        for field in reader.entries(table) {
            match field.key {
                "os" => os = checked(reader, &field, is_word, "not an operating system"),
                "architecture" => architecture = checked(reader, &field, is_word_or_empty, "not an architecture"),
                "os-version" => os_version = checked(reader, &field, is_word, "not a version"),
                _ => unknown(reader, &field, &["os", "architecture", "os-version"]),
            }
        }
        match (os, architecture) {
            (Some(os), Some(architecture)) => platforms.push(Platform { os, architecture, os_version }),
            _ => reader.error(span, "a platform without `os` or `architecture`", None),
        }
    }
    platforms
}

fn checked(reader: &mut Reader, field: &Key, holds: fn(&str) -> bool, what: &str) -> Option<String> {
    let (text, span) = reader.text(field)?;
    if holds(text) {
        return Some(text.to_owned());
    }
    reader.error(span, format!("`{}` is {what}", shown(text)), None);
    None
}

/// What registries are allowed to say, so that no line of the file can be more than one.
fn is_word(text: &str) -> bool {
    !text.is_empty() && is_word_or_empty(text)
}

fn is_word_or_empty(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-' | b'+' | b'/');
    text.len() <= 255 && text.bytes().all(is_part)
}

fn unknown(reader: &mut Reader, key: &Key, known: &[&str]) {
    let message = format!("unknown key `{}`", shown(key.key));
    reader.error(key.key_span, message, Some(format!("{REWRITE} ({})", suggestion_of("keys", key.key, known))));
}

#[cfg(test)]
mod tests;
