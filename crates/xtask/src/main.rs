//! Chores of this repository: `cargo xtask ready`, `cargo xtask formats`, `cargo xtask packages`, `cargo xtask docs`, `cargo xtask registry`,
//! `cargo xtask table`, `cargo xtask bench`, `cargo xtask bench-tree DIR`.

// Chores talk to the person who started them.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

mod bench;
mod docs;
mod formats;
mod man;
mod package;
mod ready;
mod registry;
mod table;
mod tools;
#[path = "../../hostfit-core/benches/tree.rs"]
mod tree;

use std::{env, io, path::Path, process::ExitCode};

const USAGE: &str = "cargo xtask ready           all that CI does, in its order
cargo xtask packages        tests what people install: hooks, wheel, npm packages, crates; and the files for it
cargo xtask docs            writes docs/rules, docs/man and docs/hostfit.schema.json out of the program
cargo xtask formats         has the formats read back by the programs that they are for
cargo xtask registry        asks a real registry on this machine
cargo xtask table           writes the release table out of releases.toml
cargo xtask bench           times the release program over a made-up tree of 2,000 files
cargo xtask bench-tree DIR  writes that tree to DIR";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["ready"] => ready::run(),
        ["packages"] => package::test(),
        ["docs"] => docs::write(),
        ["formats"] => formats::run(),
        ["registry"] => registry::test(),
        ["table"] => table::write(),
        ["bench"] => bench::run(),
        ["bench-tree", folder] => bench::write_tree(Path::new(folder)).map(|bytes| println!("{bytes} bytes")),
        _ => Err(io::Error::other(USAGE)),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
