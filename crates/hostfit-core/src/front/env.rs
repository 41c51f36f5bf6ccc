//! `.env` files, as Compose reads them.

use crate::text::Text;

/// The variables of a `.env` file.
#[derive(Debug, Default)]
pub struct File {
    /// Name and value, in order; the last one of a name counts.
    pub variables: Vec<(String, Text)>,
}
