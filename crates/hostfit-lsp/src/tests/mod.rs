//! Sessions of an editor with the server, through memory.

mod actions;
mod charts;
mod disk;
mod editor;
mod edits;
mod features;
mod overlays;
mod session;
mod workspace;
