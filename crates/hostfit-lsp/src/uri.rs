//! URIs as editors write them, and paths.

use std::path::{Path, PathBuf};

use lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What stands as it is in a path, as RFC 3986 and VS Code have it.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The path of a `file:` URI; none of other schemes, and where the bytes are not UTF-8.
pub(crate) fn to_path(uri: &Uri) -> Option<PathBuf> {
    decode(&uri.0, cfg!(windows)).map(PathBuf::from)
}

/// The URI of an absolute path.
pub(crate) fn of_path(path: &Path) -> Uri {
    Uri(encode(&path.to_string_lossy(), cfg!(windows)))
}

fn decode(uri: &str, windows: bool) -> Option<String> {
    let (scheme, rest) = uri.split_once(':')?;
    if !scheme.eq_ignore_ascii_case("file") {
        return None;
    }
    // Neither belongs to the path.
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let path = percent_decode_str(path).decode_utf8().ok()?;
    let share = !authority.is_empty() && !authority.eq_ignore_ascii_case("localhost");
    if !path.starts_with('/') {
        return None;
    }
    if !windows {
        return (!share).then(|| path.into_owned());
    }
    if share {
        let host = percent_decode_str(authority).decode_utf8().ok()?;
        return Some(format!("//{host}{path}").replace('/', "\\"));
    }
    let path = path.trim_start_matches('/');
    let (drive, below) = path.split_at_checked(2)?;
    let letter = drive.strip_suffix(':').filter(|it| it.bytes().all(|byte| byte.is_ascii_alphabetic()))?;
    // Editors write it in either case; the file walk has to meet it again.
    Some(format!("{}:{}", letter.to_ascii_uppercase(), if below.is_empty() { "/" } else { below }).replace('/', "\\"))
}

fn encode(path: &str, windows: bool) -> String {
    let escaped = |text: &str| utf8_percent_encode(text, ESCAPED).to_string();
    if !windows {
        return format!("file://{}", escaped(path));
    }
    let path = path.strip_prefix(r"\\?\").unwrap_or(path).replace('\\', "/");
    if let Some(share) = path.strip_prefix("//") {
        return format!("file://{}", escaped(share));
    }
    match path.split_at_checked(1) {
        // VS Code writes drives like this.
        Some((letter, rest)) if rest.starts_with(':') => {
            format!("file:///{}{}", letter.to_ascii_lowercase(), escaped(rest))
        }
        _ => format!("file:///{}", escaped(&path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_uris_are_paths() {
        let cases = [
            ("file:///home/anna/a%20b/Dockerfile", Some("/home/anna/a b/Dockerfile")),
            ("file:///home/%C3%A9/x", Some("/home/é/x")),
            ("file://localhost/x", Some("/x")),
            ("file:/x/y", Some("/x/y")),
            ("FILE:///x?query#part", Some("/x")),
            ("file:///100%25", Some("/100%")),
            ("file:///c%3A/x", Some("/c:/x")),
            ("untitled:Untitled-1", None),
            ("file://server/share/x", None),
            ("file:///%ff", None),
            ("file://", None),
            ("", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(decode(uri, false).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn drives_and_shares_of_windows_are_paths() {
        let cases = [
            ("file:///c%3A/web/Dockerfile", Some(r"C:\web\Dockerfile")),
            ("file:///C:/web%20app/Dockerfile", Some(r"C:\web app\Dockerfile")),
            ("file:///d:", Some(r"D:\")),
            ("file://server/share/Docker%20file", Some(r"\\server\share\Docker file")),
            ("file:///home/anna", None),
            ("file:///", None),
            ("file:///é:/x", None),
        ];
        for (uri, expected) in cases {
            assert_eq!(decode(uri, true).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn paths_are_the_uris_that_vs_code_writes() {
        let cases = [
            (r"C:\web app\Dockerfile", true, "file:///c%3A/web%20app/Dockerfile"),
            (r"\\?\C:\web", true, "file:///c%3A/web"),
            (r"\\server\share\a#b", true, "file://server/share/a%23b"),
            ("/home/é/a%b", false, "file:///home/%C3%A9/a%25b"),
            (r"/home/a\b", false, "file:///home/a%5Cb"),
        ];
        for (path, windows, expected) in cases {
            assert_eq!(encode(path, windows), expected);
            let back = path.strip_prefix(r"\\?\").unwrap_or(path);
            assert_eq!(decode(expected, windows).as_deref(), Some(back));
        }
    }
}
