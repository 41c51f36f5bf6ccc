//! `hostfit images --online`: whom a repository can have asked, and what is sent there.

use std::{
    io::{Read, Write},
    net::TcpStream,
    os::unix::fs::PermissionsExt,
    sync::{Arc, Mutex},
};

use super::{
    server::{Request, Server, respond},
    *,
};

/// A registry on this machine that wants a login, and all lines of what it is asked.
struct Registry {
    authority: String,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Registry {
    fn start(greet: impl Fn(&mut TcpStream) -> Option<String> + Send + Sync + 'static) -> Self {
        let seen: Arc<Mutex<Vec<String>>> = Arc::default();
        let (greeted, asked) = (Arc::clone(&seen), Arc::clone(&seen));
        let greet = move |stream: &mut TcpStream| greeted.lock().unwrap().extend(greet(stream));
        let answer = move |_, request: &Request, stream: &mut TcpStream| {
            let headers = request.headers.iter().map(|(name, value)| format!("{name}: {value}"));
            asked
                .lock()
                .unwrap()
                .extend(std::iter::once(format!("{} {}", request.method, request.path)).chain(headers));
            respond(stream, 401, &[("WWW-Authenticate", "Basic realm=x")], "");
        };
        Self { authority: Server::behind("127.0.0.1", greet, answer).authority, seen }
    }

    fn plain() -> Self {
        Self::start(|_| None)
    }

    fn seen(&self) -> Vec<String> {
        std::mem::take(&mut *self.seen.lock().unwrap())
    }
}

const IMAGE: &str = "registry.contoso.invalid/team/web:7";

/// `hostfit images --online` in a repository with this configuration; the user is anna everywhere but at IMAGE's registry.
fn online(tree: &Tree, login: &str, environment: &[(&str, &str)]) -> Output {
    let auth = format!("{{\"auths\": {{\"{login}\": {{\"auth\": \"YW5uYTpzM2NyZXQ=\"}}}}}}");
    tree.write("home/.docker/config.json", auth);
    let mut command = tree.command(&["images", "--online"]);
    for name in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY", "NO_PROXY", "XDG_CONFIG_HOME", "DOCKER_CONFIG"] {
        command.env_remove(name).env_remove(name.to_ascii_lowercase());
    }
    command.env("HOME", tree.0.join("home")).envs(environment.iter().copied());
    ends(&mut command)
}

const ANNA: &str = "authorization: Basic YW5uYTpzM2NyZXQ=";

fn is_sent(seen: &[String]) -> bool {
    seen.iter().any(|line| line.eq_ignore_ascii_case(ANNA))
}

#[test]
fn credentials_go_where_the_user_says_and_not_where_the_repository_does() {
    let registry = Registry::plain();
    let at = &registry.authority;
    let mirror = format!("[registry.\"registry.contoso.invalid\"]\nmirror = \"{at}\"\n");
    let tree = Tree::new("network-mirror").with("Dockerfile", format!("FROM {IMAGE}\n")).with("hostfit.toml", &mirror);
    // The repository sends anna to a registry that she is logged in to.
    let printed = text(&online(&tree, at, &[]).stderr);
    let seen = registry.seen();
    assert!(!seen.is_empty() && !is_sent(&seen), "{seen:#?}");
    assert!(printed.contains("hostfit sends no credentials where hostfit.toml says"), "{printed}");
    // She is logged in to the one that the image names: that one is asked.
    let printed = text(&online(&tree, "registry.contoso.invalid", &[]).stderr);
    assert_eq!(registry.seen(), [""; 0]);
    assert!(
        printed.contains("(Dockerfile:1): ") && printed.contains("registry.contoso.invalid cannot be reached")
            || printed.contains("there is no host"),
        "{printed}"
    );
    // She says so herself.
    tree.write("home/.config/hostfit/config.toml", &mirror);
    online(&tree, at, &[]);
    assert!(is_sent(&registry.seen()));
    // Not by a folder that the repository has.
    fs::remove_dir_all(tree.0.join("home/.config")).unwrap();
    tree.write("here/hostfit/config.toml", &mirror);
    online(&tree, at, &[("XDG_CONFIG_HOME", "here")]);
    assert!(!is_sent(&registry.seen()));
    online(&tree, at, &[("XDG_CONFIG_HOME", tree.0.join("here").to_str().unwrap())]);
    assert!(is_sent(&registry.seen()));
}

#[test]
fn the_users_configuration_says_how_to_talk_with_registries_and_nothing_else() {
    let tree = Tree::new("network-user").with("Dockerfile", "FROM scratch\n");
    for (config, why) in [
        ("[check]\nignore = []\n", "unknown key `check` in config.toml, on line 1"),
        ("[registry.\"a\"]\nca = \"none.pem\"\n", "`none.pem` cannot be read"),
        ("[registry.\"a\"]\nmirrors = \"b\"\n", "unknown key `mirrors`"),
    ] {
        tree.write("home/.config/hostfit/config.toml", config);
        let output = online(&tree, "r", &[]);
        assert_eq!(output.status.code(), Some(2));
        assert!(text(&output.stderr).contains(why), "{}", text(&output.stderr));
        assert_eq!(run(&tree, &["check"]).status.code(), Some(0), "nothing else reads it");
    }
}

#[test]
fn a_proxy_that_is_named_is_used() {
    // As RFC 1928 has it: a greeting, and the address of the host or, with `socks5h`, its name, which the proxy looks up.
    let proxy = Registry::start(|stream| {
        let mut bytes = [0_u8; 512];
        let mut take = |length: usize, stream: &mut TcpStream| {
            stream.read_exact(&mut bytes[..length]).ok()?;
            Some(bytes[..length].to_vec())
        };
        let methods = take(2, stream)?[1];
        take(methods.into(), stream)?;
        stream.write_all(&[5, 0]).ok()?;
        let is_address = take(4, stream)?[3] == 1;
        let host = if is_address {
            take(4, stream)?.iter().map(u8::to_string).collect::<Vec<_>>().join(".")
        } else {
            let length = take(1, stream)?[0];
            String::from_utf8(take(length.into(), stream)?).ok()?
        };
        take(2, stream)?;
        stream.write_all(&[5, 0, 0, 1, 127, 0, 0, 1, 0, 80]).ok()?;
        Some(format!("to {host}"))
    });
    let tree = Tree::new("network-proxy");
    for (scheme, host) in [("socks5h", "registry.contoso.invalid"), ("socks5", "192.0.2.7"), ("socks", "192.0.2.7")] {
        tree.write("Dockerfile", format!("FROM {host}:5000/team/web:7\n"));
        tree.write("hostfit.toml", format!("[registry.\"{host}:5000\"]\nplain-http = true\n"));
        for name in ["ALL_PROXY", "all_proxy"] {
            let output = online(&tree, "r", &[(name, &format!("{scheme}://{}", proxy.authority))]);
            let seen = proxy.seen();
            assert!(seen.contains(&format!("to {host}")), "{name} {scheme}: {seen:#?} {}", text(&output.stderr));
        }
    }
    for value in ["socks9://127.0.0.1:1", "http://", "::"] {
        let output = online(&tree, "r", &[("ALL_PROXY", value)]);
        let printed = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{value}: {printed}");
        assert!(printed.contains("ALL_PROXY does not name a proxy that hostfit knows"), "{value}: {printed}");
    }
}

#[test]
fn a_credential_helper_of_the_repository_is_not_run() {
    let registry = Registry::plain();
    let at = &registry.authority;
    let tree = Tree::new("network-helper")
        .with("Dockerfile", format!("FROM {at}/team/web:7\n"))
        .with("docker/config.json", "{\"credsStore\": \"contoso\"}")
        .with("docker-credential-contoso", "#!/bin/sh\ntouch \"${0%/*}/was-run\"\n");
    let helper = tree.0.join("docker-credential-contoso");
    fs::set_permissions(&helper, fs::Permissions::from_mode(0o755)).unwrap();
    let path = std::env::var("PATH").unwrap();
    let docker = tree.0.join("docker").display().to_string();
    let run = |path: String| {
        let printed = text(&online(&tree, "r", &[("PATH", &path), ("DOCKER_CONFIG", &docker)]).stderr);
        (tree.0.join("was-run").exists(), printed)
    };
    for path in [format!("{path}:."), format!(".:{path}"), format!("{path}:"), format!("../network-helper:{path}")] {
        let (was_run, printed) = run(path.clone());
        assert!(!was_run, "{path}");
        assert!(printed.contains("names the credential helper `contoso`, which cannot be run"), "{printed}");
    }
    let (was_run, printed) = run(format!("{path}:{}", tree.0.display()));
    assert!(was_run, "{printed}");
}
