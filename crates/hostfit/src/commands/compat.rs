//! `hostfit compat`: one verdict of the compatibility rule.

use std::io::{Write, stdout};

use hostfit_core::{
    fleet::Engine,
    judge::Outcome,
    windows::{
        HostKind, Isolation, OsVersion,
        compat::{HostFacts, Verdict},
        release::Releases,
        version,
    },
};
use serde::Serialize;

use crate::{
    Exit,
    args::{self, Color, Compat, Format},
    clock,
    error::Error,
    files::Folder,
    report,
    settings::Settings,
    terminal::{Style, wrapped},
};

#[derive(Serialize)]
struct Answer {
    verdict: &'static str,
    rule: Option<&'static str>,
    why: String,
    isolation: &'static str,
}

pub(crate) fn run(args: &Compat) -> Result<Exit, Error> {
    // The user's own releases count here too.
    let releases = Settings::read(None, &Folder::current()?, Style::stderr(Color::Auto))?.config.releases;
    let host = version::of_host(&args.host, &releases).ok_or_else(|| unread(&args.host, "host"))?;
    let image = version::parse(&args.image, &releases).ok_or_else(|| unread(&args.image, "image"))?;
    let answer = answer(args, host, kind_of(args, host, &releases)?, image, &releases);
    let mut out = stdout().lock();
    match args.format {
        Format::Json => report::json::write_value(&answer, &mut out)?,
        Format::Human => {
            let text = format!("{}: {}", answer.verdict, answer.why);
            writeln!(out, "{}", wrapped(&text, Style::stdout(Color::Auto).width, "", "  "))?;
        }
    }
    out.flush()?;
    super::tell_age(clock::today(), false);
    // What may fail, or is not known to fail, does not stop a script.
    Ok(if answer.verdict == Verdict::Blocked.id() { Exit::Findings } else { Exit::Clean })
}

fn unread(text: &str, of: &str) -> Error {
    Error::message(format!(
        "`{text}` is not an OS version of a Windows {of}; write a release (`ltsc2022`), a build (`20348`) or a version \
         (`10.0.20348.2700`)"
    ))
}

/// Server or client: as asked, as the host's OS string says, or as most hosts of its build are.
fn kind_of(args: &Compat, host: OsVersion, releases: &Releases) -> Result<HostKind, Error> {
    let asked = args.host_kind.map(|kind| match kind {
        args::HostKind::Server => HostKind::Server,
        args::HostKind::Client => HostKind::Client,
    });
    let named = version::kind(&args.host, releases);
    if asked.zip(named).is_some_and(|(asked, named)| asked != named) {
        return Err(Error::message(format!("`{}` contradicts --host-kind; leave --host-kind out", args.host)));
    }
    Ok(asked.or(named).unwrap_or_else(|| releases.usual_kind(host.build)))
}

fn answer(args: &Compat, host: OsVersion, kind: HostKind, image: OsVersion, releases: &Releases) -> Answer {
    let facts = HostFacts {
        containerd: args.runtime.engine == Engine::Containerd,
        matcher: args.runtime.matcher(),
        ..HostFacts::named(host, kind, false)
    };
    let asked = match args.isolation {
        args::Isolation::Process => Isolation::Process,
        args::Isolation::Hyperv => Isolation::Hyperv,
        args::Isolation::Default => Isolation::Default,
    };
    let outcome = Outcome::of(&facts, image, Some(asked), true);
    Answer {
        verdict: outcome.verdict.id(),
        rule: outcome.rule(),
        why: outcome.why(Some(&facts), releases),
        isolation: if outcome.isolation == Isolation::Hyperv { "hyperv" } else { "process" },
    }
}
