//! What a file's name says about its kind.

use super::Kind;

/// Whether a file is worth reading, as far as its name shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameHint {
    /// Its name makes it one of ours.
    Ours,
    /// Its content decides.
    ByContent,
    /// hostfit does not read it, whatever it holds: a picture, an archive, source code.
    Never,
}

/// Ends of names of files that are never ours.
const NEVER: &[&str] = &[
    "7z",
    "a",
    "adoc",
    "aspx",
    "avi",
    "bash",
    "bat",
    "bin",
    "bmp",
    "bz2",
    "c",
    "cab",
    "cc",
    "cer",
    "class",
    "cmd",
    "cpp",
    "crt",
    "cs",
    "cshtml",
    "csproj",
    "css",
    "csv",
    "db",
    "diff",
    "dll",
    "dockerignore",
    "doc",
    "docx",
    "dylib",
    "ejs",
    "eot",
    "exe",
    "fs",
    "gif",
    "gitignore",
    "go",
    "gradle",
    "gz",
    "h",
    "hpp",
    "htm",
    "html",
    "ico",
    "ipynb",
    "jar",
    "java",
    "jks",
    "jpeg",
    "jpg",
    "js",
    "jsx",
    "key",
    "kt",
    "less",
    "lib",
    "lock",
    "log",
    "lua",
    "map",
    "md",
    "mdx",
    "mjs",
    "mod",
    "mov",
    "mp3",
    "mp4",
    "msi",
    "nupkg",
    "o",
    "obj",
    "odt",
    "otf",
    "p12",
    "patch",
    "pdb",
    "pdf",
    "pem",
    "pest",
    "pfx",
    "php",
    "pl",
    "png",
    "ppt",
    "pptx",
    "ps1",
    "psd1",
    "psm1",
    "pub",
    "py",
    "pyc",
    "r",
    "rar",
    "rb",
    "resx",
    "rs",
    "rst",
    "scala",
    "scss",
    "sh",
    "sln",
    "so",
    "sql",
    "sum",
    "svg",
    "swift",
    "tar",
    "tf",
    "tfstate",
    "tfvars",
    "tgz",
    "tif",
    "tiff",
    "toml",
    "ts",
    "tsv",
    "tsx",
    "ttf",
    "vb",
    "vbproj",
    "vim",
    "vue",
    "war",
    "wasm",
    "wav",
    "webm",
    "webp",
    "whl",
    "woff",
    "woff2",
    "xls",
    "xlsx",
    "xml",
    "xsd",
    "xz",
    "zip",
    "zsh",
    "zst",
];

/// Ends of names of templates, whatever they make.
const TEMPLATE: &[&str] = &["template", "tmpl", "tpl", "j2", "jinja", "jinja2", "erb", "hbs", "mustache", "gotmpl"];

const STRUCTURED: &[&str] = &["yaml", "yml", "json"];

/// Names of files of other tools that look like Compose files from outside.
const NEVER_COMPOSE: &[&str] = &[".gitlab-ci.yml", ".travis.yml", ".drone.yml", "mkdocs.yml", "chart.yaml"];

fn file_name(path: &str) -> String {
    path.rsplit(['/', '\\']).next().unwrap_or(path).to_ascii_lowercase()
}

/// The end of a name, behind its last full stop; nothing for `.env` and the like.
fn extension(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}

/// The name without the end that says that it is a template.
fn without_template(name: &str) -> &str {
    match name.rsplit_once('.') {
        Some((stem, extension)) if TEMPLATE.contains(&extension) => stem,
        _ => name,
    }
}

/// Whether the name says that the file is a template.
pub(in crate::front) fn is_template(path: &str) -> bool {
    TEMPLATE.contains(&extension(&file_name(path)))
}

/// Whether the name is that of a Dockerfile to build, with nothing added: of `Dockerfile.install` a part may be made.
pub(in crate::front) fn is_plain_dockerfile(path: &str) -> bool {
    matches!(file_name(path).as_str(), "dockerfile" | "containerfile")
}

/// The kind that a file's name alone makes it.
pub(in crate::front) fn by_name(path: &str) -> Option<Kind> {
    let name = file_name(path);
    let name = without_template(&name);
    match name {
        "daemon.json" => return Some(Kind::Daemon),
        ".env" => return Some(Kind::Env),
        "docker-bake.hcl" | "docker-bake.override.hcl" | "docker-bake.json" | "docker-bake.override.json" => {
            return Some(Kind::Bake);
        }
        _ => {}
    }
    if is_dockerfile_name(name) {
        return Some(Kind::Dockerfile);
    }
    is_compose_name(name).then_some(Kind::Compose)
}

fn is_dockerfile_name(name: &str) -> bool {
    let end = extension(name);
    if end == "dockerfile" || end == "containerfile" {
        return true;
    }
    let rest = name.strip_prefix("dockerfile").or_else(|| name.strip_prefix("containerfile"));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_']))
        && !NEVER.contains(&end)
        && !STRUCTURED.contains(&end)
        && end != "txt"
}

/// `compose.yaml`, `docker-compose.prod.yml`, `docker-stack.yml`, `web.stack.yml`, `docker-compose-windows.yml`.
fn is_compose_name(name: &str) -> bool {
    let Some(stem) = name.strip_suffix(".yml").or_else(|| name.strip_suffix(".yaml")) else { return false };
    let begins = ["compose", "docker-compose", "docker-stack", "podman-compose"]
        .iter()
        .any(|known| stem.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '-', '_'])));
    let ends = [".stack", ".compose", ".docker-compose", "-docker-compose", "_docker-compose"];
    begins || stem == "stack" || ends.iter().any(|known| stem.ends_with(known))
}

/// Whether the file may be YAML or JSON.
pub(in crate::front) fn is_structured(path: &str) -> bool {
    STRUCTURED.contains(&extension(without_template(&file_name(path)))) || extension(&file_name(path)) == "tpl"
}

/// Whether the name says nothing about the kind, as that of standard input.
pub(in crate::front) fn is_nameless(path: &str) -> bool {
    extension(&file_name(path)).is_empty()
}

/// Whether another tool reads a file of this name, so that it is not a Compose file, whatever it looks like.
pub(super) fn is_never_compose(path: &str) -> bool {
    let name = file_name(path);
    NEVER_COMPOSE.contains(&name.as_str())
        || name.starts_with("azure-pipelines")
        || path.contains(".github/workflows/")
        || path.contains(".circleci/")
}

/// Whether the file lies where Helm keeps a chart's templates of manifests.
pub(super) fn is_in_chart(path: &str) -> bool {
    let is_manifest = matches!(extension(&file_name(path)), "yaml" | "yml");
    is_manifest && path.split(['/', '\\']).rev().skip(1).any(|folder| folder == "templates")
}

/// Whether a file of this name is worth reading: so that a walk over a repository opens no pictures and archives.
pub fn may_be_ours(path: &str) -> NameHint {
    if by_name(path).is_some() {
        return NameHint::Ours;
    }
    let name = file_name(path);
    // `Dockerfile.go` is the Dockerfile of a Go program, `dockerfile.go` a Go program about Dockerfiles.
    let about_dockerfiles = name.starts_with("dockerfile.") || name.starts_with("containerfile.");
    if NEVER.contains(&extension(&name)) && !about_dockerfiles { NameHint::Never } else { NameHint::ByContent }
}

#[cfg(test)]
mod tests {
    use super::{NEVER, TEMPLATE};

    #[test]
    fn the_hooks_take_the_files_that_have_our_names() {
        let hooks = include_str!("../../../../../.pre-commit-hooks.yaml");
        let pattern: String = hooks.split_whitespace().collect();
        for ends in [NEVER, TEMPLATE] {
            assert!(pattern.contains(&format!("({})", ends.join("|"))), "write to .pre-commit-hooks.yaml: {ends:?}");
        }
    }
}
