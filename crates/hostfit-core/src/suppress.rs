//! Ignore comments.

use crate::{finding::Finding, front::Unit, source::Sources};

/// Takes away the findings that comments silence.
pub fn apply(_sources: &Sources, _units: &[Unit], findings: Vec<Finding>) -> Vec<Finding> {
    findings
}
