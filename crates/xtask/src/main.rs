//! Chores of this repository; `cargo xtask` lists them.

// Chores talk to the person who started them.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "its output is what it is for")]

mod bench;
mod browser;
mod deny;
mod docs;
mod editors;
mod formats;
mod fuzz;
mod man;
mod package;
mod ready;
mod registry;
mod render;
mod table;
mod tags;
mod tools;
mod trace;
#[path = "../../hostfit-core/benches/tree.rs"]
mod tree;
mod vscode;
mod words;

use std::{env, io, path::Path, process::ExitCode};

const USAGE: &str = "cargo xtask ready           all that CI does, in its order
cargo xtask packages        tests what people install: hooks, wheel, npm packages, crates; and the files for it
cargo xtask editors         tests the language server in the editors of others
cargo xtask docs            writes docs/rules, docs/man and docs/hostfit.schema.json out of the program
cargo xtask formats         has the formats read back by the programs that they are for
cargo xtask vscode          tries the extension in a real VS Code; with --picture also takes docs/images/editor.png
cargo xtask browser         does in Chromium what people do in the pages of `hostfit matrix`; with --picture takes
                            docs/images/matrix.png
cargo xtask registry        asks a real registry on this machine
cargo xtask trace           watches every command in hostile repositories: which files, sockets and programs
cargo xtask deny            compares dependencies with deny.toml
cargo xtask words           refuses words in docs, help, messages and doc comments that another word says better
cargo xtask render-oracle DIR…
                            compares the pods of the charts below DIR with what Helm makes of them; with
                            `--answers FILE` with what `tests/tools/helm_render.py` wrote to FILE before;
                            with `--overlays` the kustomizations, with what kustomize builds
cargo xtask table           writes the tables of releases and platforms out of releases.toml and platforms.toml
cargo xtask tags MIRRORS    derives the table of published tags from the git history of fetched repositories
cargo xtask fuzz --seconds N [TARGET…]
                            gives each reader random bytes for N seconds; `fuzz --input FILE TARGET` gives it that file
cargo xtask bench           measures the release program over a made-up tree of 2,000 files, beside `cat` and a peer;
                            `bench PROGRAM` another build
cargo xtask bench-lsp       times the language server of the release program, as an editor meets it; `bench-lsp PROGRAM`
                            that of another build
cargo xtask bench-tree DIR  writes that tree to DIR";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let done = match arguments.as_slice() {
        ["ready"] => ready::run(),
        ["packages"] => package::test(),
        ["editors"] => editors::test(),
        ["deny"] => deny::check(),
        ["words"] => words::check(),
        ["docs"] => docs::write(),
        ["formats"] => formats::run(),
        ["vscode"] => vscode::test(false),
        ["vscode", "--picture"] => vscode::test(true),
        ["browser"] => browser::run(false),
        ["browser", "--picture"] => browser::run(true),
        ["registry"] => registry::test(),
        ["trace"] => trace::test(),
        ["render-oracle", "--answers", answers, folders @ ..] => render::compare(folders, Some(Path::new(answers))),
        ["render-oracle", folders @ ..] if !folders.is_empty() => render::compare(folders, None),
        ["table"] => table::write(),
        ["tags", mirrors] => tags::write(Path::new(mirrors)),
        ["fuzz", "--seconds", seconds, names @ ..] => {
            seconds.parse().map_err(io::Error::other).and_then(|seconds| fuzz::run(seconds, names))
        }
        ["fuzz", "--input", file, name] => fuzz::again(name, Path::new(file)),
        ["fuzz-target", name, seconds, seed, input] => fuzz::target_alone(name, seconds, seed, input),
        ["bench"] => bench::run(None),
        ["bench", program] => bench::run(Some(Path::new(program))),
        ["bench-lsp"] => bench::lsp::run(None),
        ["bench-lsp", program] => bench::lsp::run(Some(Path::new(program))),
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
