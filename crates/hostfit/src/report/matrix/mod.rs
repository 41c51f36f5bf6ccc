//! Workloads down, hosts across: in a terminal, as JSON, and as a page for a browser.

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
    windows::{compat::Verdict, release::Releases},
};

/// All that a matrix may show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    pub(crate) matrix: &'a Matrix<'a>,
    pub(crate) project: &'a Project,
    /// The texts.
    pub(crate) sources: &'a Sources,
    pub(crate) releases: &'a Releases,
}

/// The name of a row on the page, which says of a Dockerfile that nothing deploys it.
fn shown_name(row: &Row, name: &str) -> String {
    if row.state == State::Undeployed { format!("{name} (nothing here deploys it)") } else { name.to_owned() }
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
}

impl Shown {
    /// In the order in which they are explained.
    pub(crate) const ALL: [Self; 7] = [
        Self::Verdict(Verdict::Runs),
        Self::Verdict(Verdict::Preview),
        Self::Verdict(Verdict::Risk),
        Self::Verdict(Verdict::Blocked),
        Self::Pending,
        Self::Excluded,
        Self::Verdict(Verdict::Unknown),
    ];

    fn of(cell: &Cell, row: &Row) -> Self {
        match cell.verdict {
            Some(verdict) => Self::Verdict(verdict),
            None if row.state == State::Unschedulable && cell.placed.lands == Lands::Never => Self::Pending,
            None => Self::Excluded,
        }
    }

    fn id(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => matrix::id(Some(verdict)),
            Self::Excluded => matrix::id(None),
            Self::Pending => "pending",
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Verdict(verdict) => matrix::words(Some(verdict)),
            Self::Excluded => matrix::words(None),
            Self::Pending => "pending",
        }
    }
}
