//! `hostfit fleet import`.

use std::{
    collections::BTreeMap,
    fs,
    io::{BufWriter, IsTerminal, Write, stdin, stdout},
    path::Path,
};

use hostfit_core::{
    config::Config,
    finding::Edit,
    fix,
    fleet::{EFFECTS, Taint},
    rules,
    source::{NotText, Source, SourceId},
};

use super::folder;
use crate::{
    Exit,
    args::{Color, fleet::Import},
    error::Error,
    files::Folder,
    fleet::{
        label::LabelSelection,
        machine::{By, Machine, Os, join},
        merge, pool, provider,
        read::{self, Kind, Outputs},
        write,
    },
    input,
    report::human::number,
    terminal::{Style, say},
};

/// No cluster prints a longer output: a node takes about 20 KB.
const LONGEST: u64 = 32 << 20;

const TOO_LONG: &str = "is longer than 32 MiB: import the nodes in parts, each with `--merge`";

pub(crate) fn run(args: &Import) -> Result<Exit, Error> {
    let selection = LabelSelection::new(args.labels.iter().map(String::as_str)).map_err(Error::Message)?;
    let mut outputs = Outputs::default();
    let mut is_folder = false;
    let working = Folder::current()?;
    for path in &args.files {
        if path.as_os_str() == "-" && stdin().is_terminal() {
            return Err(Error::message(format!("no file is named and stdin is a terminal; {}", read::EXPECTED)));
        }
        let name = if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() };
        let absolute = working.absolute(path);
        if path.as_os_str() != "-" && absolute.is_dir() {
            is_folder = true;
            let (found, notes) = folder::declaring(&absolute, |file| working.show(file));
            if found.is_empty() {
                tell(&notes);
                return Err(Error::message(format!("{name} has no file that declares machines: {}", read::DECLARING)));
            }
            for file in found {
                outputs.add(file.outputs);
            }
            outputs.notes.extend(notes);
            continue;
        }
        let read = input::text(path, LONGEST, TOO_LONG).and_then(|text| read::read(&text, &name));
        outputs.add(read.map_err(|why| Error::message(format!("{name} {why}")))?);
    }
    outputs.finish(is_folder);
    let mut machines = join(std::mem::take(&mut outputs.machines));
    let mut notes = outputs.notes;
    notes.extend(unfit_taints(&mut machines));
    notes.extend(doubts(&machines));
    let pools = pool::pools(machines, &selection, args.names);
    if pools.is_empty() {
        tell(&notes);
        let what = match outputs.kinds.as_slice() {
            [Kind::Pipeline] => "names no Windows runner that is offered",
            _ if is_folder => "declares no host with literal values; `kubectl get nodes -o json` lists nodes",
            _ => "lists no host; `kubectl get nodes -o json` lists nodes",
        };
        return Err(Error::message(format!("the input {what}")));
    }
    if let Some(path) = &args.merge {
        let listed = merge::Listed { pools: &pools, lists: &outputs.lists, prune: args.prune };
        merge_into(path, &listed, &pruning(args, path), notes)?;
    } else {
        tell(&notes);
        let text = write::file(&pools, &outputs.kinds);
        readable(&text)?;
        let mut out = BufWriter::new(stdout().lock());
        out.write_all(text.as_bytes())?;
        out.flush()?;
    }
    Ok(Exit::Clean)
}

/// The command that removes what is gone.
fn pruning(args: &Import, path: &Path) -> String {
    let files: Vec<_> = args.files.iter().map(|it| it.display().to_string()).collect();
    format!("hostfit fleet import {} --merge {} --prune", files.join(" "), path.display())
}

/// Takes out the taints that no fleet can declare: a cluster takes effects only that it knows, but an output may say anything.
/// Returns what was left out, each once.
pub(crate) fn unfit_taints(machines: &mut [Machine]) -> Vec<String> {
    let mut unfit: BTreeMap<String, usize> = BTreeMap::new();
    for taints in machines.iter_mut().filter_map(|machine| machine.taints.as_mut()) {
        taints.retain(|taint| {
            let is_fit = Taint::parse(&taint.to_string()).as_ref() == Some(taint);
            if !is_fit {
                *unfit.entry(taint.to_string()).or_default() += 1;
            }
            is_fit
        });
    }
    let note = |(taint, count): (&String, &usize)| {
        let machines = number(*count, "machine");
        format!(
            "left out the taint `{taint}` of {machines}: a taint is `key=value:effect`, its effect one of {}",
            EFFECTS.join(", ")
        )
    };
    let mut notes: Vec<_> = unfit.iter().take(10).map(note).collect();
    if unfit.len() > notes.len() {
        notes.push(format!("… and {} more taints like these", unfit.len() - notes.len()));
    }
    notes
}

/// Nothing is printed that hostfit itself would refuse.
fn readable(text: &str) -> Result<(), Error> {
    let source = Source::from_text(SourceId(0), "fleet.toml", text);
    match Config::parse(&source, &rules::ids()) {
        Ok(_) => Ok(()),
        Err(errors) => Err(Error::message(format!(
            "these hosts cannot be written as a fleet: {}",
            errors.first().map_or("", |error| error.message.as_str())
        ))),
    }
}

/// What the outputs leave open.
fn doubts(machines: &[Machine]) -> Vec<String> {
    let name = |machine: &Machine| machine.name.clone().unwrap_or_else(|| "a machine".to_owned());
    let mut doubts = Vec::new();
    for machine in machines {
        let open = machine.declared.iter().flat_map(|it| &it.open).find(|it| it.key == "os");
        match machine.os {
            Some(Os::Windows(None)) if open.is_some() => doubts.push(format!(
                "Windows version of `{}` is unknown: {}",
                provider::pool(machine).unwrap_or("a pool"),
                open.map_or("", |it| it.why.as_str())
            )),
            None => doubts.push(format!("left out `{}`: its operating system is unknown", name(machine))),
            Some(Os::Windows(None)) => doubts.push(format!(
                "Windows version of `{}` is unknown; import its `docker info --format json` too",
                name(machine)
            )),
            Some(Os::Windows(Some(known))) if known.by == By::Label => doubts.push(format!(
                "Windows version of `{}` taken from its OsVersion label; import its `docker info` to confirm",
                name(machine)
            )),
            Some(_) => {}
        }
    }
    // A swarm has as many as machines, and all are alike.
    if doubts.len() > 10 {
        let more = doubts.len() - 10;
        doubts.truncate(10);
        doubts.push(format!("… and {more} more machines like these"));
    }
    doubts
}

fn tell(notes: &[String]) {
    for note in notes {
        say(&format!("note: {note}"));
    }
}

fn merge_into(path: &Path, listed: &merge::Listed<'_>, pruning: &str, mut notes: Vec<String>) -> Result<(), Error> {
    let folder = Folder::current()?;
    let shown = folder.show(path);
    let absolute = folder.absolute(path);
    let wrong = |why: &str| Error::message(format!("{shown} {why}"));
    let old = fs::read(&absolute).map_err(|error| wrong(&format!("cannot be read: {error}")))?;
    let source = decode(&shown, old.clone()).map_err(&wrong)?;
    let style = Style::stderr(Color::Auto);
    let config = match Config::parse(&source, &rules::ids()) {
        Ok(config) => config,
        Err(errors) => return Err(Error::config(vec![source], errors, style)),
    };
    let mut merged = merge::merge(&source, &config.fleet.hosts, listed).map_err(|why| wrong(&why))?;
    notes.append(&mut merged.notes);
    let edits: Vec<&Edit> = merged.edits.iter().collect();
    let new = fix::edited(&source, &old, &edits).ok_or_else(|| wrong("cannot be merged with these hosts"))?;
    let after = decode(&shown, new.clone()).map_err(&wrong)?;
    let count = Config::parse(&after, &rules::ids()).map(|config| config.fleet.hosts.len());
    let removed = if listed.prune { merged.gone.len() } else { 0 };
    if count != Ok(config.fleet.hosts.len() + merged.added - removed) {
        return Err(wrong("cannot be merged with these hosts, and stays as it is"));
    }
    let names = |names: &[String]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if listed.prune && !merged.gone.is_empty() {
        notes.push(format!("removed {}: no longer in the cluster", names(&merged.gone)));
    } else if !merged.gone.is_empty() {
        notes.push(format!("no longer in the cluster: {}; to remove: `{pruning}`", names(&merged.gone)));
    }
    let summary = format!(
        "{} added, {} changed, {} kept, {} gone",
        number(merged.added, "host"),
        number(merged.changed, "host"),
        merged.kept,
        merged.gone.len()
    );
    if new == old {
        notes.push(format!("{shown} is up to date: {summary}"));
    } else {
        crate::write::replace(&absolute, &old, &new).map_err(|why| wrong(&why))?;
        notes.push(format!("{shown}: {summary}"));
    }
    tell(&notes);
    Ok(())
}

fn decode(shown: &str, bytes: Vec<u8>) -> Result<Source, &'static str> {
    Source::decode(SourceId(0), shown, bytes).map_err(|error| match error {
        NotText::TooLarge => "is longer than 8 MiB",
        NotText::Binary => "is not text",
    })
}
