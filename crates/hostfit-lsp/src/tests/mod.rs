//! Sessions of an editor with the server, through memory.

mod actions;
mod charts;
mod disk;
mod editor;
mod edits;
mod features;
mod groups;
mod overlays;
mod session;
mod workspace;
