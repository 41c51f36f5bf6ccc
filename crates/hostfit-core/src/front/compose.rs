//! Compose files and Swarm stacks.

/// A Compose file, lowered by itself: variables not filled in, nothing merged yet.
#[derive(Debug, Default)]
pub struct File {}
