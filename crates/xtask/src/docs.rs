//! Writes what of `docs` is made of the program. Tests fail where it differs.

use std::{fs, io, path::Path};

use hostfit_core::rules;

use crate::man;

/// Writes the pages of all rules, the man pages and the schema of `hostfit.toml`.
pub(crate) fn write() -> io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    write_folder(&docs.join("rules"), &hostfit::rule_pages())?;
    write_folder(&docs.join("man"), &man::pages()?)?;
    fs::write(docs.join("hostfit.schema.json"), rules::config_schema())
}

/// Writes these files and removes outdated ones.
fn write_folder(folder: &Path, files: &[(String, String)]) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        if !files.iter().any(|(name, _)| entry.file_name() == name.as_str()) {
            fs::remove_file(entry.path())?;
        }
    }
    for (name, text) in files {
        fs::write(folder.join(name), text)?;
    }
    println!("{}: {} files", folder.display(), files.len());
    Ok(())
}
