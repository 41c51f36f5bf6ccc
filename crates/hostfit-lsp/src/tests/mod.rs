//! Sessions of an editor with the server, through memory.

mod actions;
mod disk;
mod editor;
mod edits;
mod session;
mod workspace;
