//! Sessions of an editor with the server, through memory.

mod actions;
mod disk;
mod editor;
mod edits;
mod features;
mod session;
mod workspace;
