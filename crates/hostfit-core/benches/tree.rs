//! A made-up repository of many files, always the same: what the benches measure and `cargo xtask bench-tree` writes.

// The chores' crate includes this file too.
#![allow(clippy::string_slice, clippy::indexing_slicing, reason = "tables of this file")]

use std::fmt::Write as _;

/// How many files of each kind.
pub(crate) struct Size {
    /// Dockerfiles.
    pub(crate) dockerfiles: u32,
    /// Compose files.
    pub(crate) compose: u32,
    /// Kubernetes files.
    pub(crate) kubernetes: u32,
}

/// The tree that the project's speed is stated for: 2,000 files.
pub(crate) const FULL: Size = Size { dockerfiles: 1000, compose: 300, kubernetes: 700 };

/// A fleet for the tree, as `hostfit.toml`.
pub(crate) const FLEET: &str = r#"[[host]]
name = "win2019"
os = "ltsc2019"
orchestrator = "kubernetes"

[[host]]
name = "win2022"
os = "10.0.20348.2700"
orchestrator = "kubernetes"
labels = { tier = "web" }

[[host]]
name = "linux"
os = "linux"
orchestrator = "kubernetes"

[[host]]
name = "docker01"
os = "ltsc2022"
orchestrator = "docker"
"#;

/// The files: path and text.
pub(crate) fn files(size: &Size) -> Vec<(String, String)> {
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut files = Vec::new();
    for number in 0..size.dockerfiles {
        files.push((format!("apps/app{number:04}/Dockerfile"), dockerfile(number, &mut random)));
    }
    for number in 0..size.compose {
        files.push((format!("stacks/stack{number:03}/docker-compose.yml"), compose(number, &mut random)));
    }
    for number in 0..size.kubernetes {
        files.push((format!("deploy/area{:02}/app{number:03}.yaml", number % 40), kubernetes(number, &mut random)));
    }
    files
}

/// Xorshift: the same numbers on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    fn of<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.below(words.len())]
    }
}

const WINDOWS: [&str; 6] = [
    "mcr.microsoft.com/windows/servercore:ltsc2022",
    "mcr.microsoft.com/windows/nanoserver:1809",
    "mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022",
    "mcr.microsoft.com/windows/servercore/iis:windowsservercore-ltsc2019",
    "golang:1.27-windowsservercore-ltsc2025",
    "mcr.microsoft.com/windows/servercore:20H2",
];
const LINUX: [&str; 6] = [
    "debian:bookworm-slim",
    "alpine:3.20",
    "golang:1.27",
    "node:22",
    "registry.contoso.com/base/python:3.13",
    "nginx:1.27",
];
const WORDS: [&str; 12] = [
    "build",
    "publish",
    "restore",
    "Release",
    "C:/app",
    "-NoProfile",
    "configure",
    "install",
    "tools",
    "packages",
    "cache",
    "artifacts",
];

fn words(count: usize, random: &mut Random) -> String {
    let mut text = String::new();
    for _ in 0..count {
        text.push_str(random.of(&WORDS));
        text.push(' ');
    }
    text.truncate(text.trim_end().len());
    text
}

fn dockerfile(number: u32, random: &mut Random) -> String {
    let windows = number.is_multiple_of(3);
    let mut text = String::new();
    let end = if windows && number.is_multiple_of(2) {
        text.push_str("# escape=`\n");
        '`'
    } else {
        '\\'
    };
    let base = if windows { random.of(&WINDOWS) } else { random.of(&LINUX) };
    let (name, tag) = base.rsplit_once(':').unwrap_or((base, "latest"));
    let _ = writeln!(text, "# Builds application {number}.\nARG BASE={name}\nARG TAG={tag}");
    let _ = writeln!(
        text,
        "FROM ${{BASE}}:${{TAG:-{tag}}} AS build\nARG VERSION=1.{number}\nENV APP=app{number} MODE=\"release\""
    );
    let _ = writeln!(text, "WORKDIR /src\nCOPY . .");
    for step in 0..6 + random.below(15) {
        match random.below(6) {
            0 => {
                let _ = writeln!(text, "# {}", words(8, random));
            }
            1 => {
                let _ =
                    writeln!(text, "ENV KEY_{step}={} OTHER=\"{} ${{VERSION}}\"", random.of(&WORDS), words(3, random));
            }
            2 if !windows => {
                let _ = writeln!(text, "RUN <<EOF\nset -e\n{}\n{}\nEOF", words(9, random), words(7, random));
            }
            3 => {
                let _ = writeln!(text, "COPY [\"{}\", \"/dst/{step}\"]", random.of(&WORDS));
            }
            _ => {
                let (first, second, third) = (words(8, random), words(9, random), words(5, random));
                let _ = writeln!(
                    text,
                    "RUN {first} {end}\n    # why: {}\n    && {second} {end}\n    && {third}",
                    words(4, random)
                );
            }
        }
    }
    let _ = writeln!(text, "\nFROM ${{BASE}}:${{TAG}}\nLABEL org.opencontainers.image.version=$VERSION");
    let _ = writeln!(
        text,
        "COPY --from=build /src/out /app\nEXPOSE 8080\nHEALTHCHECK --interval=30s CMD {}",
        words(4, random)
    );
    let _ = writeln!(text, "ENTRYPOINT [\"/app/app{number}\", \"--serve\"]");
    text
}

fn compose(number: u32, random: &mut Random) -> String {
    let mut text = format!("# Stack {number}\nname: stack{number}\n\n");
    text.push_str("x-logging: &logging\n  driver: json-file\n  options: { max-size: \"10m\", max-file: \"3\" }\n\n");
    text.push_str("x-common: &common\n  restart: unless-stopped\n  logging: *logging\n\nservices:\n");
    let windows = number.is_multiple_of(3);
    for service in 0..3 + random.below(8) {
        let image = if windows { random.of(&WINDOWS) } else { random.of(&LINUX) };
        let (name, tag) = image.rsplit_once(':').unwrap_or((image, "latest"));
        let _ = writeln!(text, "  service{service}:\n    <<: *common");
        if service == 0 {
            let app = number * 3;
            let _ = writeln!(
                text,
                "    build:\n      context: ../../apps/app{app:04}\n      args:\n        VERSION: \"2.{number}\""
            );
            let _ = writeln!(text, "    image: registry.contoso.com/app{app}:${{APP_TAG:-dev}}");
        } else {
            let _ = writeln!(text, "    image: {name}:${{TAG_{service}:-{tag}}}");
        }
        if windows {
            let _ = writeln!(text, "    isolation: ${{ISOLATION:-default}}");
        }
        text.push_str("    environment:\n");
        for key in 0..3 + random.below(10) {
            let _ = writeln!(text, "      KEY_{key}: \"{}\"", words(4, random));
        }
        let _ = writeln!(text, "    ports:\n      - \"{}:80\"\n    volumes:\n      - ./data:/data:ro", 8000 + service);
        if service > 0 {
            let _ = writeln!(text, "    depends_on:\n      - service{}", service - 1);
        }
    }
    text
}

fn kubernetes(number: u32, random: &mut Random) -> String {
    let mut text = String::new();
    let windows = number.is_multiple_of(3);
    for part in 0..=random.below(3) {
        let image = match (windows, random.below(4)) {
            (true, _) => random.of(&WINDOWS).to_owned(),
            (false, 0) => format!("registry.contoso.com/app{}:dev", number * 3),
            (false, _) => random.of(&LINUX).to_owned(),
        };
        let name = format!("app{number}-{part}");
        let _ = writeln!(
            text,
            "---\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: {name}\n  labels: &labels{part}"
        );
        let _ =
            writeln!(text, "    app.kubernetes.io/name: {name}\n    app.kubernetes.io/part-of: area{}", number % 40);
        let _ =
            writeln!(text, "spec:\n  replicas: {}\n  selector:\n    matchLabels: *labels{part}", 1 + random.below(5));
        let _ = writeln!(text, "  template:\n    metadata:\n      labels: *labels{part}\n    spec:");
        let os = if windows { "windows" } else { "linux" };
        let _ = writeln!(text, "      nodeSelector:\n        kubernetes.io/os: {os}");
        if windows && number.is_multiple_of(2) {
            text.push_str("        node.kubernetes.io/windows-build: 10.0.20348\n");
        }
        text.push_str("      tolerations:\n        - { key: os, operator: Equal, value: windows, effect: NoSchedule }\n      containers:\n");
        for container in 0..=random.below(3) {
            let _ = writeln!(text, "        - name: container{container}\n          image: {image}\n          env:");
            for key in 0..3 + random.below(10) {
                let _ = writeln!(text, "            - name: KEY_{key}\n              value: \"{}\"", words(3, random));
            }
            text.push_str("          resources:\n            limits: { cpu: \"1\", memory: 512Mi }\n");
            text.push_str("          readinessProbe:\n            httpGet: { path: /ready, port: 8080 }\n");
        }
        let _ = writeln!(
            text,
            "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: {name}\nspec:\n  selector: {{ app.kubernetes.io/name: {name} }}"
        );
        let _ = writeln!(
            text,
            "  ports:\n    - port: 80\n---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {name}\ndata:\n  settings: |"
        );
        for _ in 0..8 + random.below(16) {
            let _ = writeln!(text, "    {}", words(7, random));
        }
    }
    text
}
