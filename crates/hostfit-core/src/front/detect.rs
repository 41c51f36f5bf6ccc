//! Which kind of file it is, by its name and its content.
