//! Workloads down, hosts across: in a terminal, as JSON, and as a page for a browser.

mod data;
mod excerpt;
pub(crate) mod html;
pub(crate) mod human;
pub(crate) mod json;
#[cfg(test)]
mod tests;

use hostfit_core::{matrix::Matrix, model::Project, source::Sources, windows::release::Releases};

/// All that a matrix may show.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Page<'a> {
    pub(crate) matrix: &'a Matrix<'a>,
    pub(crate) project: &'a Project,
    /// The texts.
    pub(crate) sources: &'a Sources,
    pub(crate) releases: &'a Releases,
}
