//! The end of each command's `--help`. A test parses every command in it.

pub(super) const HOSTFIT: &str = "\
Examples:
  hostfit check                   check everything in this folder
  hostfit init                    write a hostfit.toml to start with
  hostfit explain unknown-tag     show the page of a rule

Documentation: https://github.com/hostfit/hostfit/tree/main/docs";

pub(super) const CHECK: &str = "\
Examples:
  hostfit check                                  everything in this folder
  hostfit check deploy web/Dockerfile            report on these paths only
  helm template web chart | hostfit check -      output of another program
  hostfit check --fleet staging.toml             other hosts than those of hostfit.toml
  hostfit check --format concise                 one line for each finding
  hostfit check --fix                            apply safe fixes first
  hostfit check --output sarif=hostfit.sarif     also write a file, here for code scanning
  hostfit check --write-baseline known.json      accept today's findings ...
  hostfit check --baseline known.json            ... and report only new ones
  hostfit check --shard 2/7 --format json        the second of seven CI jobs

Exit status: 0 no finding at or above --fail-on, 1 at least one, 2 the run itself failed.";

pub(super) const FIX: &str = "\
Examples:
  hostfit fix --diff                                 show what would change
  hostfit fix                                        apply all safe fixes
  hostfit fix --unsafe --select unknown-tag deploy   all fixes of one rule in one folder

Exit status: 0 no finding at or above --fail-on is left, 1 at least one is, 2 the run itself failed.";

pub(super) const RULES: &str = "\
Examples:
  hostfit rules                 all rules by category
  hostfit rules --format json   for programs";

pub(super) const EXPLAIN: &str = "\
Examples:
  hostfit explain build-mismatch";

pub(super) const COMPAT: &str = "\
Examples:
  hostfit compat --host ltsc2022 --image ltsc2019
  hostfit compat --host 10.0.22631.4460 --image ltsc2022 --isolation process
  hostfit compat --host win11-24h2 --image ltsc2025

Exit status: 0 the image runs, or may (runs, preview, risk, unknown), 1 it does not (blocked),
2 the run itself failed.";

pub(super) const IMAGES: &str = "\
Examples:
  hostfit images deploy             images of one folder
  hostfit images --unknown          Windows images to declare under [images]
  hostfit images --format json      for programs
  hostfit images --online           ask the registries and write hostfit.lock
  hostfit images --online --check   what has changed since

Exit status: 0 done, 1 something has changed (--check), 2 the run itself failed. A registry that
cannot be reached is reported on stderr and does not fail the run.";

pub(super) const FLEET: &str = "\
Examples:
  kubectl get nodes -o json | hostfit fleet import > fleet.toml   for `check --fleet fleet.toml`
  hostfit fleet import main.tf --merge hostfit.toml               the hosts that Terraform declares
  hostfit fleet show                                              the fleet with its problems";

pub(super) const FLEET_SHOW: &str = "\
Shows the hosts of [[host]] and of every [[target]]. Workloads are not read.

Examples:
  hostfit fleet show                                      the fleet of the nearest hostfit.toml
  hostfit fleet show --fleet staging.toml --format json   another fleet, for programs
  hostfit fleet show --fail-on warning                    in CI: fail on hosts out of support

Exit status: 0 no problem at or above --fail-on, 1 at least one, 2 the run itself failed.";

pub(super) const FLEET_IMPORT: &str = "\
Takes the output of these commands and recognizes which one it is. It runs none of them:
  kubectl get nodes -o json                         or -o yaml, or --show-labels, or -o wide
  kubectl describe node
  docker node inspect $(docker node ls -q)          with the docker info of Windows nodes
  docker info --format json
  docker version --format json
  az aks nodepool list -o json                      with az aks show -o json for the version
  aws eks describe-nodegroup                        one after the other, for all node groups
  gcloud container node-pools list --format json
  terraform show -json                              of the state, or of a plan

Takes these files too, alone or in a folder:
  Terraform (.tf), with literal values              AKS, EKS, GKE and ECS
  eksctl ClusterConfig                              nodeGroups, managedNodeGroups
  Karpenter on AWS                                  NodePool with its EC2NodeClass
  Cluster API for Azure                             MachineDeployment, AzureMachineTemplate
  ECS task definitions
  GitHub workflows, Azure Pipelines, GitLab CI      Windows runners, as Docker hosts

A value that is not literal becomes a comment that says where to look it up.

Examples:
  kubectl get nodes -o json | hostfit fleet import > fleet.toml
  hostfit fleet import nodes.json --merge hostfit.toml      keeps the rest of the file
  hostfit fleet import pools.json --merge hostfit.toml --prune
  hostfit fleet import infra > fleet.toml
  hostfit fleet import .github/workflows --merge hostfit.toml
  hostfit fleet import swarm.json win1-info.json win2-info.json
  hostfit fleet import nodes.json --label node.kubernetes.io/instance-type

Exit status: 0 the hosts were written, 2 an input cannot be read or lists no host.";

pub(super) const MERGE: &str = "\
Examples:
  hostfit merge shard-1.json shard-2.json shard-3.json   print what one run would have printed
  hostfit merge shards/*.sarif --output hostfit.sarif    write it to a file, for code scanning

Exit status: 0 no finding at or above --fail-on, 1 at least one, 2 a result is missing or unreadable.";

pub(super) const INIT: &str = "\
Existing files are never changed; for CI and pre-commit, the lines to add are printed.

Examples:
  hostfit init --stdout                   show the files without writing them
  hostfit init                            write hostfit.toml
  hostfit init --pre-commit --ci github   also a hook and a job for GitHub Actions";

pub(super) const COMPLETIONS: &str = "\
Examples:
  hostfit completions bash > ~/.local/share/bash-completion/completions/hostfit
  hostfit completions zsh > ~/.zfunc/_hostfit   with ~/.zfunc in fpath, before compinit
  hostfit completions fish > ~/.config/fish/completions/hostfit.fish
  hostfit completions elvish > ~/.config/elvish/lib/hostfit.elv   and `use hostfit` in rc.elv
  hostfit completions powershell | Out-String | Invoke-Expression   in $PROFILE";

pub(super) const SCHEMA: &str = "\
Examples:
  hostfit schema > hostfit.schema.json   then `#:schema ./hostfit.schema.json` atop hostfit.toml";

pub(super) const LSP: &str = "\
Editors start it. It implements the Language Server Protocol.

Examples:
  hostfit lsp --log hostfit.log   log the session to find a problem

Exit status: 0 the editor ended the session, 1 the session broke off, 2 the run itself failed.";
