//! Workloads down, hosts across: in a terminal, as JSON, and as a page for a browser.
//!
//! Three formats of one `Matrix` of the core. The page is three real files, `page.html`, `style.css` and `script.js`, beside what `data`
//! makes of the matrix: every text and source line once, cells as runs. The script builds elements and never markup, and draws only the
//! rows and columns in sight. The page's policy names style and script by their hashes, so that nothing else runs even if a name
//! got through; `cargo xtask browser` says what to write there when one of them changed.

mod data;
mod excerpt;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod json;
#[cfg(test)]
mod tests;

use hostfit_core::{
    matrix::{self, Cell, Lands, Matrix, Row, State},
    model::Project,
    source::Sources,
    windows::{Date, compat::Verdict, release::Releases},
};

/// The heading above the rows that nothing deploys.
pub(crate) const UNDEPLOYED: &str = "Dockerfiles that nothing here deploys";

/// All that a matrix may show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    pub(crate) matrix: &'a Matrix<'a>,
    pub(crate) project: &'a Project,
    /// The texts.
    pub(crate) sources: &'a Sources,
    pub(crate) releases: &'a Releases,
    /// The day that support dates are compared with.
    pub(crate) as_of: Date,
    /// The commit that is checked out, if that is known.
    pub(crate) commit: Option<&'a str>,
}

/// What a cell shows to people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// What comes of the image there.
    Verdict(Verdict),
    /// It is never placed there.
    Excluded,
    /// It is never placed anywhere.
    Pending,
    /// Nothing deploys it, and the host is of another operating system or another fleet.
    Inapplicable,
}

impl Page<'_> {
    /// The rows that something deploys, and those that nothing does.
    fn sections(&self) -> (Vec<&Row<'_>>, Vec<&Row<'_>>) {
        self.matrix.rows().iter().partition(|row| row.state != State::Undeployed)
    }
}

impl Shown {
    /// Everything that is shown, worst first.
    pub(crate) const ALL: [Self; 8] = [
        Self::Verdict(Verdict::Blocked),
        Self::Pending,
        Self::Verdict(Verdict::Risk),
        Self::Verdict(Verdict::Unknown),
        Self::Verdict(Verdict::Preview),
        Self::Verdict(Verdict::Runs),
        Self::Excluded,
        Self::Inapplicable,
    ];

    /// Its place in [`ALL`](Self::ALL).
    fn rank(self) -> usize {
        Self::ALL.iter().position(|it| *it == self).unwrap_or(Self::ALL.len())
    }

    /// The rank of the worst of these, by which rows are sorted.
    fn worst(shown: impl IntoIterator<Item = Self>) -> usize {
        shown.into_iter().map(Self::rank).min().unwrap_or(Self::ALL.len())
    }

    fn of(cell: &Cell, row: &Row) -> Self {
        match cell.verdict {
            Some(verdict) => Self::Verdict(verdict),
            None if row.state == State::Unschedulable && cell.placed.lands == Lands::Never => Self::Pending,
            None if row.state == State::Undeployed => Self::Inapplicable,
            None => Self::Excluded,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => matrix::id(Some(verdict)),
            Self::Excluded => matrix::id(None),
            Self::Pending => "pending",
            Self::Inapplicable => "inapplicable",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => matrix::words(Some(verdict)),
            Self::Excluded => matrix::words(None),
            Self::Pending => "pending",
            Self::Inapplicable => "n/a",
        }
    }
}
