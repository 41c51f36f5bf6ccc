//! `hostfit fleet import`.

use std::{
    fs::File,
    io::{Read, stdin},
    path::Path,
};

use hostfit_core::source;

use crate::{Exit, args::fleet::Import, error::Error};

/// Longer outputs are none of any cluster: a node takes about 20 KB.
const LONGEST: u64 = 64 << 20;

pub(crate) fn run(args: &Import) -> Result<Exit, Error> {
    for path in &args.files {
        let name = if path.as_os_str() == "-" { "stdin".to_owned() } else { path.display().to_string() };
        read(path).map_err(|why| Error::message(format!("{name} {why}")))?;
    }
    Err(Error::message("there is nothing that tells of a host"))
}

/// The text of a file, whatever encoding a shell gave it.
fn read(path: &Path) -> Result<String, String> {
    let mut bytes = Vec::new();
    let taken = if path.as_os_str() == "-" {
        stdin().lock().take(LONGEST + 1).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(LONGEST + 1).read_to_end(&mut bytes))
    };
    let length = taken.map_err(|error| format!("can't be read: {error}"))?;
    if length as u64 > LONGEST {
        return Err("is longer than 64 MiB".to_owned());
    }
    source::plain_text(bytes).ok_or_else(|| "is no text".to_owned())
}
