"""hostfit, a linter for repositories that deploy Windows containers. The program is in Rust; this finds it."""
