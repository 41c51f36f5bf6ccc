//! Debian's `docker-registry`, started on a free port of this machine, and what is needed to fill it.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// A registry that ends with its test.
pub(crate) struct Registry {
    child: Child,
    pub(crate) authority: String,
    pub(crate) folder: PathBuf,
}

/// What is pushed.
pub(crate) enum Image {
    /// Docker's manifest.
    Docker { os: &'static str, os_version: Option<String> },
    /// That of the OCI.
    Oci { os: &'static str },
    /// An index of others.
    Index(Vec<Image>),
    /// The image, of whose version the index says nothing.
    Unversioned(Box<Image>),
}

const OCI_INDEX: &str = "application/vnd.oci.image.index.v1+json";
const DOCKER_MANIFEST: &str = "application/vnd.docker.distribution.manifest.v2+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

impl Registry {
    pub(crate) fn start(name: &str, settings: &[(&str, &str)]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("docker-registry").join(name);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self::serve(folder, settings)
    }

    /// The same images behind other settings.
    pub(crate) fn start_again(other: Self, settings: &[(&str, &str)]) -> Self {
        let folder = other.folder.clone();
        drop(other);
        Self::serve(folder, settings)
    }

    fn serve(folder: PathBuf, settings: &[(&str, &str)]) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let authority = format!("127.0.0.1:{port}");
        let config = format!(
            "version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: \
             true\nhttp:\n  addr: {authority}\n",
            folder.join("data").display()
        );
        fs::write(folder.join("config.yml"), config).unwrap();
        let child = Command::new("docker-registry")
            .args(["serve", "config.yml"])
            .current_dir(&folder)
            .envs(settings.iter().copied())
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log")).unwrap())
            .spawn()
            .expect("docker-registry; `cargo xtask registry` installs it");
        let registry = Self { child, authority, folder };
        for _ in 0..200 {
            if TcpStream::connect(&registry.authority).is_ok() {
                return registry;
            }
            thread::sleep(Duration::from_millis(50));
        }
        panic!("docker-registry does not start: {}", fs::read_to_string(registry.folder.join("log")).unwrap());
    }

    pub(crate) fn push(&self, repository: &str, tag: &str, image: &Image) {
        let (kind, body) = self.manifest(repository, image);
        self.put_manifest(repository, tag, kind, &body);
    }

    /// By the registry's own word.
    pub(crate) fn digest(&self, repository: &str, tag: &str) -> String {
        let accept = format!("Accept: {OCI_INDEX}, {DOCKER_MANIFEST}, {OCI_MANIFEST}\r\n");
        let reply = self.ask("HEAD", &format!("/v2/{repository}/manifests/{tag}"), &accept, b"");
        header(&reply, "docker-content-digest").expect("a digest")
    }

    pub(crate) fn delete(&self, repository: &str, tag: &str) {
        let digest = self.digest(repository, tag);
        let reply = self.ask("DELETE", &format!("/v2/{repository}/manifests/{digest}"), "", b"");
        assert!(reply.starts_with("HTTP/1.1 202"), "{reply}");
    }

    /// The manifest of an image whose parts are there.
    fn manifest(&self, repository: &str, image: &Image) -> (&'static str, String) {
        let one = |kind: &'static str, config_kind: &str, os: &str, version: Option<&String>| {
            let version = version.map(|it| format!(r#","os.version":"{it}""#)).unwrap_or_default();
            let config = format!(
                r#"{{"architecture":"amd64","os":"{os}"{version},"config":{{}},"rootfs":{{"type":"layers","diff_ids":[]}}}}"#
            );
            let digest = self.put_blob(repository, &config);
            let size = config.len();
            let body = format!(
                r#"{{"schemaVersion":2,"mediaType":"{kind}","config":{{"mediaType":"{config_kind}","size":{size},"digest":"{digest}"}},"layers":[]}}"#
            );
            (kind, body)
        };
        match image {
            Image::Docker { os, os_version } => {
                one(DOCKER_MANIFEST, "application/vnd.docker.container.image.v1+json", os, os_version.as_ref())
            }
            Image::Oci { os } => one(OCI_MANIFEST, "application/vnd.oci.image.config.v1+json", os, None),
            Image::Unversioned(image) => self.manifest(repository, image),
            Image::Index(images) => {
                let entries: Vec<_> = images.iter().map(|image| self.entry(repository, image)).collect();
                let entries = entries.join(",");
                (OCI_INDEX, format!(r#"{{"schemaVersion":2,"mediaType":"{OCI_INDEX}","manifests":[{entries}]}}"#))
            }
        }
    }

    fn entry(&self, repository: &str, image: &Image) -> String {
        let (kind, body) = self.manifest(repository, image);
        let (digest, size) = (sha256sum(&body), body.len());
        self.put_manifest(repository, &digest, kind, &body);
        let platform = match image {
            Image::Docker { os, os_version: Some(version) } => {
                format!(r#","platform":{{"architecture":"amd64","os":"{os}","os.version":"{version}"}}"#)
            }
            Image::Docker { os, .. } | Image::Oci { os } => {
                format!(r#","platform":{{"architecture":"amd64","os":"{os}"}}"#)
            }
            Image::Unversioned(_) => r#","platform":{"architecture":"amd64","os":"windows"}"#.to_owned(),
            Image::Index(_) => String::new(),
        };
        format!(r#"{{"mediaType":"{kind}","digest":"{digest}","size":{size}{platform}}}"#)
    }

    fn put_manifest(&self, repository: &str, reference: &str, kind: &str, body: &str) {
        let path = format!("/v2/{repository}/manifests/{reference}");
        let reply = self.ask("PUT", &path, &format!("Content-Type: {kind}\r\n"), body.as_bytes());
        assert!(reply.starts_with("HTTP/1.1 201"), "{reply}");
    }

    fn put_blob(&self, repository: &str, content: &str) -> String {
        let digest = sha256sum(content);
        let reply = self.ask("POST", &format!("/v2/{repository}/blobs/uploads/"), "", b"");
        let location = header(&reply, "location").expect("a place for the blob");
        let path = location.split_once(&self.authority).map_or(location.as_str(), |(_, path)| path);
        let put = format!("{path}&digest={digest}");
        let reply = self.ask("PUT", &put, "Content-Type: application/octet-stream\r\n", content.as_bytes());
        assert!(reply.starts_with("HTTP/1.1 201"), "{reply}");
        digest
    }

    fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> String {
        let mut stream = TcpStream::connect(&self.authority).unwrap();
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Length: {length}\r\n{headers}\r\n",
            self.authority
        )
        .unwrap();
        stream.write_all(body).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        reply
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn header(reply: &str, name: &str) -> Option<String> {
    let headers = reply.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split_once(": "));
    headers.into_iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim().to_owned())
}

/// By another program than the one under test.
fn sha256sum(text: &str) -> String {
    let mut child = Command::new("sha256sum").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("sha256sum");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    format!("sha256:{}", output.split_whitespace().next().unwrap())
}

pub(crate) fn openssl(folder: &Path, arguments: &str) {
    let output = Command::new("openssl").args(arguments.split(' ')).current_dir(folder).output().expect("openssl");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
