//! Addresses, as far as registries need them.

use std::{fmt, net::IpAddr};

/// `https://registry.contoso.com:5000/v2/`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) is_https: bool,
    /// Host and port, in lowercase.
    pub(crate) authority: String,
    /// From the slash on, query included.
    pub(crate) path: String,
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.is_https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority, self.path)
    }
}

impl Url {
    /// Parses an absolute URL. One with a user name in it is refused, like all that is not a URL.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let lower = text.get(..8).unwrap_or(text).to_ascii_lowercase();
        let (is_https, rest) = match lower.as_str() {
            it if it.starts_with("https://") => (true, text.get(8..)?),
            it if it.starts_with("http://") => (false, text.get(7..)?),
            _ => return None,
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (authority, path) = (rest.get(..end)?, rest.get(end..)?);
        let path = path.split('#').next().unwrap_or_default();
        let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        let is_plain =
            |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b':' | b'[' | b']' | b'_');
        let is_path = path.bytes().all(|byte| byte.is_ascii_graphic());
        let holds = !authority.is_empty() && authority.bytes().all(is_plain) && is_path;
        holds.then(|| Self { is_https, authority: authority.to_ascii_lowercase(), path })
    }

    /// Where `location` leads from here.
    pub(crate) fn join(&self, location: &str) -> Option<Self> {
        if location.contains("://") && !location.starts_with(['/', '?', '.']) {
            return Self::parse(location);
        }
        let scheme = if self.is_https { "https" } else { "http" };
        if location.starts_with("//") {
            return Self::parse(&format!("{scheme}:{location}"));
        }
        let path = self.path.split('?').next().unwrap_or_default();
        let folder = path.rfind('/').and_then(|slash| path.get(..=slash)).unwrap_or("/");
        let path = match location {
            it if it.starts_with('/') => it.to_owned(),
            it if it.starts_with('?') => format!("{path}{it}"),
            it => format!("{folder}{it}"),
        };
        Self::parse(&format!("{scheme}://{}{path}", self.authority))
    }

    /// Whether what is meant for the one may be told to the other.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.is_https == other.is_https && self.authority == other.authority
    }
}

/// Whether a host, with its port or without, is this machine: `localhost`, `127.0.0.0/8`, `::1`.
pub fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((host, _)) => host,
        None if authority.matches(':').count() > 1 => authority,
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn loopback_is_this_machine_and_nothing_that_looks_like_it() {
        for it in ["localhost", "LOCALHOST:5000", "127.0.0.1", "127.8.9.1:80", "[::1]:5000", "::1"] {
            assert!(is_loopback(it), "{it}");
        }
        for it in
            ["localhost.contoso.com", "127.0.0.1.nip.io", "10.0.0.1:5000", "[::2]:80", "128.0.0.1", "registry", ""]
        {
            assert!(!is_loopback(it), "{it}");
        }
    }

    #[test]
    fn a_location_leads_where_browsers_go() {
        let here = Url::parse("https://r.contoso.com:5000/v2/a/manifests/1?x=1").unwrap();
        for (location, expected) in [
            ("https://Blobs.contoso.com/x", "https://blobs.contoso.com/x"),
            ("HTTP://other", "http://other/"),
            ("//other/x", "https://other/x"),
            ("/v2/b", "https://r.contoso.com:5000/v2/b"),
            ("2?y=//z", "https://r.contoso.com:5000/v2/a/manifests/2?y=//z"),
            ("?y=1", "https://r.contoso.com:5000/v2/a/manifests/1?y=1"),
            ("https://h?q=1#f", "https://h/?q=1"),
        ] {
            assert_eq!(here.join(location).map(|it| it.to_string()).as_deref(), Some(expected), "{location}");
        }
        for location in [
            "ftp://x/",
            "https://user:word@h/",
            "https:///x",
            "https://h/a b",
            "file:///etc/passwd",
            "https://h/\r\nX: y",
        ] {
            assert_eq!(here.join(location), None, "{location}");
        }
    }
}
