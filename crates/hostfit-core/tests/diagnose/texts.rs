//! Texts as people paste them (fixtures/diagnose/texts.txt), without files and with them.

use super::{CheckedTree, text};

const KUBERNETES: &[(&str, &str)] = &[
    (
        "hostfit.toml",
        "[[host]]\nname = \"win2019\"\nos = \"10.0.17763.6893\"\norchestrator = \"kubernetes\"\ntaints = [\"os=windows:NoSchedule\"]\n\
        [[host]]\nname = \"win2022\"\nos = \"10.0.20348.3207\"\norchestrator = \"kubernetes\"\ntaints = [\"os=windows:NoSchedule\"]\n\
        [[host]]\nname = \"win2025\"\nos = \"10.0.26100\"\norchestrator = \"kubernetes\"\nlabels = { pool = \"new\" }\n\
        [[host]]\nname = \"builder\"\nos = \"10.0.17763\"\norchestrator = \"docker\"\n\
        [[host]]\nname = \"linux\"\nos = \"linux\"\norchestrator = \"kubernetes\"\n",
    ),
    ("cache.yaml", "redis:7"),
    ("web.yaml", "mcr.microsoft.com/windows/servercore:ltsc2022"),
    ("old.yaml", "mcr.microsoft.com/windows/servercore:ltsc2022"),
    ("api.yaml", "mcr.microsoft.com/windows/servercore:ltsc2022"),
];

/// What places the pods of [`KUBERNETES`].
fn placed(name: &str) -> &str {
    match name {
        "cache" => "      securityContext: {runAsUser: 1000}\n      tolerations: [{operator: Exists}]\n",
        "web" => "      nodeSelector: {kubernetes.io/os: windows}\n      tolerations: [{operator: Exists}]\n",
        "old" => "      nodeSelector: {kubernetes.io/os: windows, pool: new}\n",
        "iis" => {
            "      affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
             [{matchExpressions: [{key: kubernetes.io/os, operator: In, values: [windows]}]}]}}}\n"
        }
        _ => "      nodeSelector: {kubernetes.io/os: windows, node.kubernetes.io/windows-build: 10.0.20348}\n",
    }
}

fn tree(name: &str) -> CheckedTree {
    let files: &[(&str, &str)] = match name {
        "" => &[],
        "kubernetes" => KUBERNETES,
        "eks" => &[
            (
                "hostfit.toml",
                "[[host]]\nname = \"win2022\"\nos = \"10.0.20348\"\norchestrator = \"kubernetes\"\n\
                labels = { \"eks.amazonaws.com/nodegroup\" = \"windows\" }\n",
            ),
            ("iis.yaml", "mcr.microsoft.com/windows/servercore:ltsc2022"),
        ],
        "docker" => &[
            (
                "hostfit.toml",
                "[[host]]\nname = \"desk\"\nos = \"Windows 11 25H2\"\norchestrator = \"docker\"\nruntime = \"docker 29.6.2 (containerd)\"\n",
            ),
            ("Dockerfile", "FROM mcr.microsoft.com/windows/servercore:ltsc2022\nRUN dir\n"),
            ("compose.yaml", "services:\n  side:\n    image: mcr.microsoft.com/windows/nanoserver:ltsc2022\n"),
        ],
        "docker-2019" => &[
            ("hostfit.toml", "[[host]]\nname = \"old\"\nos = \"10.0.17763.1\"\norchestrator = \"docker\"\n"),
            ("compose.yaml", "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:1903\n"),
        ],
        "docker-1903" => &[
            ("hostfit.toml", "[[host]]\nname = \"own\"\nos = \"10.0.18362.1\"\norchestrator = \"docker\"\n"),
            ("compose.yaml", "services:\n  web:\n    image: mcr.microsoft.com/windows/servercore:1903\n"),
        ],
        "docker-linux" => &[
            ("hostfit.toml", "[[host]]\nname = \"runner\"\nos = \"10.0.20348.2031\"\norchestrator = \"docker\"\n"),
            ("Dockerfile", "FROM mcr.microsoft.com/dotnet/aspnet:8.0\nCOPY . .\n"),
            ("compose.yaml", "services:\n  db:\n    image: postgres:16-alpine\n"),
        ],
        "docker-client" => &[
            (
                "hostfit.toml",
                "[[host]]\nname = \"desk\"\nos = \"10.0.17763.805\"\nkind = \"client\"\norchestrator = \"docker\"\n",
            ),
            ("Dockerfile", "FROM python:3.14-slim\n"),
        ],
        "latest" => &[("Dockerfile", "FROM mcr.microsoft.com/windows/nanoserver\nRUN dir\n")],
        _ => panic!("no tree {name}"),
    };
    let written = files.iter().map(|(path, content)| {
        let deployment = path.strip_suffix(".yaml").filter(|_| !content.contains('\n')).map(|name| {
            format!(
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec:\n  template:\n    spec:\n{}\
                 \x20     containers:\n      - {{name: web, image: {content:?}}}\n",
                placed(name)
            )
        });
        ((*path).to_owned(), deployment.unwrap_or_else(|| (*content).to_owned()).into_bytes())
    });
    CheckedTree::new(written.collect())
}

/// Each text has one incident, or none, and its answer says what stands beside it.
#[test]
fn pasted_texts_are_answered() {
    let all = String::from_utf8(text("texts.txt")).unwrap();
    let (mut wrong, mut count) = (Vec::new(), 0);
    for section in all.split("\n=== ").skip(1) {
        let (head, pasted) = section.split_once("\n---\n").unwrap();
        let (name, wanted) = head.split_once('\n').unwrap();
        let value =
            |key: &str| wanted.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(": ")).unwrap_or("");
        let found = tree(value("in")).explain(pasted.as_bytes().to_vec());
        count += 1;
        let is: Vec<_> = found
            .iter()
            .map(|(incident, answer)| {
                let reporter = incident.reporter.map(|it| format!(" {}", it.name())).unwrap_or_default();
                format!("{} {}{reporter}", incident.error.id(), answer.support.id())
            })
            .collect();
        let is = if is.is_empty() { "none".to_owned() } else { is.join(", ") };
        let mut lacks = Vec::new();
        if is != value("is") {
            lacks.push(format!("is {is}"));
        }
        if let Some((incident, answer)) = found.first() {
            let fixes = answer.help.join("\n");
            let image = incident.object.image.as_deref().unwrap_or_default();
            let words = format!("{}\n{fixes}", answer.cause);
            let is_as_expected = answer.cause.contains(value("says")) && fixes.contains(value("fix"));
            let silent = value("not").is_empty() || !words.contains(value("not"));
            if !is_as_expected
                || !silent
                || !value("image").is_empty() && image != value("image")
                || value("says").is_empty()
            {
                lacks.push(format!("image {image:?}\n{words}"));
            }
        }
        if !lacks.is_empty() {
            wrong.push(format!("{name}: {}", lacks.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{} of {count} are wrong:\n{}", wrong.len(), wrong.join("\n\n"));
    assert!(count >= 80, "{count}");
}
