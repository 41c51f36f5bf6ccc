//! Where the parser could not go on, and what is wrong.

use std::borrow::Cow;

/// Where the parser could not go on, and why.
#[derive(Debug)]
pub(super) struct Stop {
    /// Where it noticed.
    pub(super) at: usize,
    /// Where the last thing it understood ends.
    pub(super) after: usize,
    /// What is wrong.
    pub(super) message: Cow<'static, str>,
    /// A limit was passed, so there is nothing to repair.
    pub(super) is_limit: bool,
    /// What other readers may accept here.
    pub(super) form: Option<Form>,
    /// Whether a flow collection is open.
    pub(super) in_flow: bool,
}

/// A way to write YAML that this parser refuses or reads differently, where the libraries that kubectl, Helm and
/// Compose read with (libyaml's scanner and its ports to Go) go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// The next line of a quoted value stands no deeper than its key.
    QuotedIndent,
    /// The next line of a quoted value begins with a tab.
    QuotedTab,
    /// A line begins with a tab, which is right between brackets.
    Tab,
    /// A comment without a blank before it.
    Comment,
    /// A byte order mark that is not the file's first character.
    Bom,
    /// `\'` in double quotes, or an escape that nobody knows.
    Escape,
    /// `-` alone between brackets: text for the others.
    Dash,
    /// Colons before a bracket or a comma, which end a value without quotes between brackets: `{image: r.io/a:}`.
    Colons(Vec<usize>),
}

/// Something wrong at a range of bytes.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) start: u32,
    pub(super) end: u32,
    pub(super) message: String,
}
