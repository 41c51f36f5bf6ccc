//! What a finding says: STYLE's four parts but for the labels of other places.

use std::fmt;

/// The words of a finding. A fact stands in one part only.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Message {
    /// What is wrong, in one sentence that stands alone: no advice, no full stop.
    pub headline: String,
    /// Why these bytes matter, in a few words; empty where the headline says it all.
    pub label: String,
    /// What happens at run time, with the literal error, and the fact behind it: one sentence each, at most two.
    pub notes: Vec<String>,
    /// The fix, in the imperative. Where a rule gives none, it is the title of the first fix.
    pub help: Option<String>,
}

impl Message {
    /// A message that has a headline only.
    pub fn new(headline: impl Into<String>) -> Self {
        Self { headline: headline.into(), ..Self::default() }
    }

    /// Sets the words under the place that decides.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }

    /// Adds a note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Sets the advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Sets the advice where no fix states it.
    #[must_use]
    pub fn help_unless(self, has_fix: bool, help: impl Into<String>) -> Self {
        if has_fix { self } else { self.help(help) }
    }

    /// Returns what stands below the headline, each with the word before it: `note` or `help`.
    pub fn lines(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let notes = self.notes.iter().map(|note| ("note", note.as_str()));
        notes.chain(self.help.as_deref().map(|help| ("help", help)))
    }
}

/// The headline, and a line for each note and for the help.
impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.headline)?;
        self.lines().try_for_each(|(word, line)| write!(f, "\n{word}: {line}"))
    }
}

impl From<String> for Message {
    fn from(headline: String) -> Self {
        Self::new(headline)
    }
}

impl From<&str> for Message {
    fn from(headline: &str) -> Self {
        Self::new(headline)
    }
}
