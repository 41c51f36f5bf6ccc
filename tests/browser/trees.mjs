// Trees of files that the tests look at: one with names that try to break the page, one that is large.

import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

function write(folder, files) {
  rmSync(folder, { recursive: true, force: true });
  // Keeps hostfit from looking for a configuration above.
  mkdirSync(join(folder, ".git"), { recursive: true });
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

const IMAGES = [
  "mcr.microsoft.com/windows/servercore:ltsc2019",
  "mcr.microsoft.com/windows/servercore:ltsc2022",
  "mcr.microsoft.com/windows/nanoserver:ltsc2025",
  "mcr.microsoft.com/dotnet/framework/aspnet:4.8.1-windowsservercore-ltsc2022",
  "registry.contoso.com/team/private:3",
  "mcr.microsoft.com/windows/nanoserver:1809",
];
const BUILDS = ["17763", "20348", "26100"];
const TEAMS = ["shop", "billing", "search", "identity", "reports"];

const deployment = (number) => {
  const build = BUILDS[(number * 7) % BUILDS.length];
  const pin = number % 3 === 0 ? `\n        node.kubernetes.io/windows-build: 10.0.${build}` : "";
  return `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app-${String(number).padStart(4, "0")}
  namespace: ${TEAMS[number % TEAMS.length]}
spec:
  selector:
    matchLabels: { app: app-${number} }
  template:
    metadata:
      labels: { app: app-${number} }
    spec:
      nodeSelector:
        kubernetes.io/os: windows${pin}
      containers:
        - name: main
          image: ${IMAGES[number % IMAGES.length]}
`;
};

/** `workloads` Deployments, four to a file, and a fleet of `hosts`, of which every fortieth runs Linux. */
export function large(folder, workloads, hosts) {
  const files = {};
  for (let first = 0; first < workloads; first += 4) {
    const some = [0, 1, 2, 3].map((offset) => deployment(first + offset));
    files[`deploy/area${first % 37}/apps-${first}.yaml`] = some.join("---\n");
  }
  const fleet = Array.from({ length: hosts }, (_, number) =>
    number % 40 === 39
      ? `[[host]]\nname = "linux-${number}"\nos = "linux"\norchestrator = "kubernetes"\n`
      : `[[host]]\nname = "node-${String(number).padStart(3, "0")}"\nos = "10.0.${BUILDS[number % 3]}.${1000 + number * 7}"\norchestrator = "kubernetes"\n`);
  files["hostfit.toml"] = fleet.join("\n");
  return write(folder, files);
}

/** A pod that no host satisfies, one that runs, and Dockerfiles that nothing deploys: of one file in each section. */
export function states(folder) {
  const pod = (name, build) => `---
apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec:
  nodeSelector:
    node.kubernetes.io/windows-build: 10.0.${build}
  containers:
  - { name: main, image: mcr.microsoft.com/windows/nanoserver:ltsc2022 }
`;
  const host = (name, os) => `[[host]]\nname = "${name}"\nos = "${os}"\norchestrator = "kubernetes"\n`;
  return write(folder, {
    "a/Dockerfile": "FROM mcr.microsoft.com/windows/nanoserver:ltsc2022\n",
    "b/Dockerfile": "FROM alpine:3.20\n",
    "pods.yaml": pod("stuck", "26100") + pod("fits", "20348"),
    "hostfit.toml": host("win2019", "ltsc2019") + host("win2022", "ltsc2022") + host("linux", "linux"),
  });
}

/** Names that would run, hide or turn around what stands beside them, wherever a page shows one. */
export function hostile(folder) {
  const markup = `<img src=x onerror="window.hit=1">`;
  const ending = `</script><script>window.hit=2</script>`;
  const link = `<a href="javascript:window.hit=3">x</a>`;
  // Written as escapes, which YAML and TOML read alike.
  const turned = "\\u202Egnp.exe\\u2066\\u0007\\u001b[31m";
  const pod = (name, container, image) => `---
apiVersion: v1
kind: Pod
metadata: { name: ${JSON.stringify(name)}, namespace: ${JSON.stringify(`ns${markup}`)} }
spec:
  nodeSelector:
    kubernetes.io/os: windows # ${ending}${markup}<!-- <script>
  containers:
  - { name: ${container}, image: ${JSON.stringify(image)} }
`;
  return write(folder, {
    [`deploy/${markup.replaceAll("/", "")}&amp;.yaml`]:
      pod(markup, JSON.stringify(ending), "mcr.microsoft.com/windows/nanoserver:1809") +
      pod("__proto__", JSON.stringify("constructor"), `reg.example/${markup}:1`) +
      pod(link, `"${turned}"`, "mcr.microsoft.com/windows/nanoserver:ltsc2022"),
    "hostfit.toml": `[[host]]
name = '${markup}${ending}'
os = "ltsc2019"
orchestrator = "kubernetes"
labels = { "a/b" = '${markup}' }

[[host]]
name = "__proto__"
os = "ltsc2022"
orchestrator = "kubernetes"

[[host]]
name = "${turned}"
os = "ltsc2025"
orchestrator = "kubernetes"
`,
  });
}

/** Hosts with the long names that clouds give. */
export function named(folder) {
  const host = (name) => `[[host]]\nname = "${name}"\nos = "ltsc2022"\norchestrator = "kubernetes"\n`;
  const names = ["aksw22-30414242-vmss000000", "ip-10-20-130-201.eu-central-1.compute.internal", "gke-production-windows-pool-2-8c1f6a2b-x7k9.europe-west3-a.c.contoso.internal"];
  return write(folder, {
    "pod.yaml": "apiVersion: v1\nkind: Pod\nmetadata: { name: web }\nspec:\n  containers:\n  - { name: main, image: \"mcr.microsoft.com/windows/nanoserver:ltsc2022\" }\n",
    "hostfit.toml": names.map(host).join("\n"),
  });
}
