//! `WWW-Authenticate`: how a registry asks who is there.

/// One way to authenticate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    /// `bearer`, `basic`, in lowercase.
    pub(crate) scheme: String,
    /// Names in lowercase.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Reads one header (RFC 9110, 11.6.1), which may hold several; what can't be read ends it.
    pub(crate) fn parse(header: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = header.trim_start_matches([' ', '\t', ',']);
        while !rest.is_empty() {
            let (word, behind) = token(rest);
            if word.is_empty() {
                break;
            }
            let after = behind.trim_start_matches([' ', '\t']);
            match (after.strip_prefix('='), challenges.last_mut()) {
                // `==` belongs to the token68 of other schemes.
                (Some(value), Some(last)) if !value.starts_with('=') => {
                    let Some((value, behind)) = parameter_value(value.trim_start_matches([' ', '\t'])) else { break };
                    last.parameters.push((word.to_ascii_lowercase(), value));
                    rest = behind;
                }
                _ => {
                    challenges.push(Self { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
                    rest = behind;
                }
            }
            rest = rest.trim_start_matches([' ', '\t', ',']);
        }
        challenges
    }
}

fn token(text: &str) -> (&str, &str) {
    let end = text.find(|it: char| !it.is_ascii_graphic() || matches!(it, ',' | '=' | '"')).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn parameter_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
        return text.split_at_checked(end).map(|(value, rest)| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..)?)),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_registries_send_is_read() {
        // As Docker Hub, GitHub and Azure send it; a comma in a quoted scope is no separator.
        let header = r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:library/golang:pull,push""#;
        let [hub] = &*Challenge::parse(header) else { panic!() };
        assert_eq!(hub.scheme, "bearer");
        assert_eq!(hub.parameter("realm"), Some("https://auth.docker.io/token"));
        assert_eq!(hub.parameter("service"), Some("registry.docker.io"));
        assert_eq!(hub.parameter("scope"), Some("repository:library/golang:pull,push"));

        let both =
            Challenge::parse(r#"Negotiate, Basic realm="a \"b\"", BEARER Realm = https://x/ ,error="invalid_token""#);
        assert_eq!(both.iter().map(|it| it.scheme.as_str()).collect::<Vec<_>>(), ["negotiate", "basic", "bearer"]);
        assert_eq!(both[1].parameter("realm"), Some("a \"b\""));
        assert_eq!(both[2].parameter("realm"), Some("https://x/"));
        assert_eq!(both[2].parameter("error"), Some("invalid_token"));
    }

    #[test]
    fn nonsense_ends() {
        for header in ["", ",,,", "=", "\"", "Bearer realm=\"open", "Bearer =x", "Basic \u{e9}", "Bearer realm", "a==b"]
        {
            assert!(Challenge::parse(header).len() < 3, "{header}");
        }
    }
}
