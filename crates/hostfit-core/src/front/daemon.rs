//! `daemon.json`: validated only.
