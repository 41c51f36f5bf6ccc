//! Writes `docs/rules`. A test of hostfit-core fails where it differs from the rules.

use std::{fs, io, path::Path};

use hostfit_core::rules::pages;

/// Writes the pages of all rules, and takes away those of rules that are no more.
pub(crate) fn write() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/rules");
    fs::create_dir_all(&folder)?;
    let pages = pages::all();
    for entry in fs::read_dir(&folder)? {
        let entry = entry?;
        if !pages.iter().any(|(name, _)| entry.file_name() == name.as_str()) {
            fs::remove_file(entry.path())?;
        }
    }
    for (name, text) in &pages {
        fs::write(folder.join(name), text)?;
    }
    println!("{} pages", pages.len());
    Ok(())
}
