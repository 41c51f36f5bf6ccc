//! The language server in the hands of others: a client that is not ours, Neovim, Emacs, and what the pages in `editors`
//! tell people to write. By the tests in `tests/editors`.

use std::{io, path::Path, process::Command};

use crate::tools;

/// What Emacs needs to edit Dockerfiles and YAML with language servers, and where Debian has it.
const EMACS: [(&str, &str); 3] =
    [("eglot", "elpa-eglot"), ("dockerfile-mode", "elpa-dockerfile-mode"), ("yaml-mode", "elpa-yaml-mode")];

/// Builds hostfit, installs the editors and runs the tests.
///
/// # Errors
/// When an editor can't be installed, or a test fails.
pub(crate) fn test() -> io::Result<()> {
    let root = tools::root()?;
    let program = tools::hostfit(&root)?;
    let python = tools::python(&root)?;
    tools::debian("nvim", "neovim", &root)?;
    tools::debian("emacs", "emacs-nox", &root)?;
    for (feature, package) in EMACS {
        tools::debian_unless(|| emacs_has(feature, &root), feature, package, &root)?;
    }
    let pytest = ["-m", "pytest", "-q", "--durations=5", "-p", "no:cacheprovider", "tests/editors"];
    tools::run(Command::new(python).args(pytest).env("HOSTFIT", program), &root)
}

fn emacs_has(feature: &str, root: &Path) -> bool {
    let eval = format!("(progn (package-initialize) (require '{feature}))");
    let output = Command::new("emacs").args(["--batch", "--eval", &eval]).current_dir(root).output();
    output.is_ok_and(|output| output.status.success())
}
