//! The man pages, made of the command line as `--help` is.

use std::io;

use clap::Command;
use clap_mangen::Man;

/// An empty one would be no argument at all, and the version would stand in its place.
const NO_DATE: &str = " ";

/// Names and texts: `hostfit.1`, and `hostfit-check.1` and the like for each command, those of commands among them.
pub(crate) fn pages() -> io::Result<Vec<(String, String)>> {
    let hostfit = command();
    let version = format!("hostfit {}", hostfit.get_version().unwrap_or_default());
    let commands: Vec<_> = nested(&hostfit).filter(|it| !it.is_hide_set()).cloned().collect();
    let page = |command| {
        let (man, mut page) = (Man::new(command).date(NO_DATE).source(version.clone()).manual("hostfit"), Vec::new());
        man.render(&mut page)?;
        Ok((man.get_filename(), String::from_utf8(page).map_err(io::Error::other)?))
    };
    std::iter::once(hostfit).chain(commands).map(page).collect()
}

/// The command line, but for `help`.
fn command() -> Command {
    let hostfit = hostfit::command().disable_help_subcommand(true);
    let mut hostfit = hostfit.mut_subcommands(|command| command.disable_help_subcommand(true));
    hostfit.build();
    hostfit
}

/// Its commands, and theirs.
fn nested(hostfit: &Command) -> impl Iterator<Item = &Command> {
    hostfit.get_subcommands().flat_map(|it| std::iter::once(it).chain(it.get_subcommands()))
}

#[cfg(test)]
mod tests {
    use std::{
        fs,
        io::Write,
        path::Path,
        process::{Command, Stdio},
    };

    #[test]
    fn the_pages_are_those_of_the_command_line() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/man");
        let pages = super::pages().unwrap();
        for (name, page) in &pages {
            let written = fs::read_to_string(folder.join(name)).unwrap_or_default();
            // A checkout on Windows may have other line ends.
            assert!(written.replace("\r\n", "\n") == *page, "run `cargo xtask docs`: docs/man/{name} is old");
        }
        assert_eq!(fs::read_dir(folder).unwrap().count(), pages.len(), "run `cargo xtask docs`: a page is too many");
    }

    #[test]
    fn every_command_and_option_has_its_page_and_its_place() {
        let pages = super::pages().unwrap();
        let hostfit = super::command();
        for command in super::nested(&hostfit) {
            let name = super::Man::new(command.clone()).get_filename();
            let (_, page) = pages.iter().find(|(it, _)| *it == name).expect(&name);
            for section in [".TH ", ".SH NAME", ".SH SYNOPSIS", ".SH DESCRIPTION"] {
                assert!(page.lines().any(|line| line.starts_with(section)), "{name} has no {section}");
            }
            // In roff, a minus is written with a backslash.
            for option in command.get_opts().filter_map(|option| option.get_long()) {
                let written = format!("\\-\\-{}", option.replace('-', "\\-"));
                assert!(page.contains(&written), "{name} says nothing of --{option}");
            }
        }
    }

    /// groff is part of every Debian; where it is not there, nobody else's pages are read either.
    #[test]
    fn groff_has_nothing_to_say() {
        for (name, page) in super::pages().unwrap() {
            let groff = Command::new("groff")
                .args(["-man", "-ww", "-z", "-Tutf8"])
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::piped())
                .spawn();
            let Ok(mut groff) = groff else {
                eprintln!("not tested: groff is not there");
                return;
            };
            groff.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
            let output = groff.wait_with_output().unwrap();
            let said = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success() && said.is_empty(), "{name}: {said}");
        }
    }
}
