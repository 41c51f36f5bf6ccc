//! What stands at the end of `--help`. A test parses every command in it.

pub(super) const HOSTFIT: &str = "\
Examples:
  hostfit init     a configuration to start with
  hostfit check    all that is in this folder

The configuration: https://github.com/hostfit/hostfit/blob/main/docs/configuration.md";

pub(super) const CHECK: &str = "\
Examples:
  hostfit check                                 all that is in this folder
  hostfit check deploy web/Dockerfile           some of it, judged with the whole repository
  helm template web chart | hostfit check -     what another program makes
  hostfit check --fleet staging.toml            other hosts than those of hostfit.toml
  hostfit check --fail-on error --format json   for a program
  hostfit check --output sarif=hostfit.sarif    into a file too, here for code scanning
  hostfit check --shard 2/7 --format json       the second of seven machines

Exit status: 0 nothing at or above --fail-on, 1 something is, 2 the run itself failed.";

pub(super) const FIX: &str = "\
Examples:
  hostfit fix --diff                                what would change
  hostfit fix                                       all safe fixes
  hostfit fix --unsafe --select unknown-tag deploy  every fix of one rule in one folder

Exit status: 0 nothing at or above --fail-on is left, 1 something is, 2 the run itself failed.";

pub(super) const RULES: &str = "\
Examples:
  hostfit rules --format json   with their pages, for a program";

pub(super) const EXPLAIN: &str = "\
Examples:
  hostfit explain build-mismatch";

pub(super) const COMPAT: &str = "\
Examples:
  hostfit compat --host ltsc2022 --image ltsc2019
  hostfit compat --host 10.0.22631.4460 --image ltsc2022 --isolation process
  hostfit compat --host win11-24h2 --image ltsc2025

Exit status: 0 it runs, with or without doubt (runs, preview, risk, unknown), 1 it does not
(blocked), 2 the run itself failed.";

pub(super) const IMAGES: &str = "\
Examples:
  hostfit images deploy                   those of one folder
  hostfit images --format json            for a program
  hostfit images --online                 ask the registries, and write hostfit.lock
  hostfit images --online --check         what has moved since

Exit status: 0 done, 1 something has moved (--check), 2 the run itself failed. That a registry can't
be asked is said on stderr and fails nothing.";

pub(super) const FLEET: &str = "\
Examples:
  kubectl get nodes -o json | hostfit fleet import > fleet.toml   for `check --fleet fleet.toml`
  hostfit fleet show                                              what hostfit makes of it";

pub(super) const FLEET_SHOW: &str = "\
It looks at what is declared, hosts of [[host]] and those of every [[target]]; no workload is read.

Examples:
  hostfit fleet show                                      that of the nearest hostfit.toml
  hostfit fleet show --fleet staging.toml --format json   another one, for a program
  hostfit fleet show --fail-on warning                    in CI: no host past its support

Exit status: 0 nothing at or above --fail-on, 1 something is, 2 the run itself failed.";

pub(super) const FLEET_IMPORT: &str = "\
It takes what these print, and tells by itself which it is; none of them is run:
  kubectl get nodes -o json                         or -o yaml, or --show-labels, or -o wide
  kubectl describe node
  docker node inspect $(docker node ls -q)          with the docker info of Windows nodes
  docker info --format json
  docker version --format json

Examples:
  kubectl get nodes -o json | hostfit fleet import > fleet.toml
  hostfit fleet import nodes.json --merge hostfit.toml      keeps what else stands in the file
  hostfit fleet import swarm.json win1-info.json win2-info.json
  hostfit fleet import nodes.json --label node.kubernetes.io/instance-type

Exit status: 0 the hosts were written, 2 an input can't be taken or tells of no host.";

pub(super) const MERGE: &str = "\
Examples:
  hostfit merge shard-1.json shard-2.json shard-3.json   what one run would have printed
  hostfit merge shards/*.sarif --output hostfit.sarif    the same for code scanning, into a file

Exit status: 0 nothing at or above --fail-on, 1 something is, 2 a result is missing or can't be taken.";

pub(super) const INIT: &str = "\
A file that is there already stays as it is; for CI and pre-commit, what to add to it is printed.

Examples:
  hostfit init --stdout                   what would be written
  hostfit init                            hostfit.toml
  hostfit init --pre-commit --ci github   also a hook, and a job for GitHub Actions";

pub(super) const COMPLETIONS: &str = "\
Examples:
  hostfit completions bash > ~/.local/share/bash-completion/completions/hostfit
  hostfit completions zsh > ~/.zfunc/_hostfit   with ~/.zfunc in fpath, before compinit
  hostfit completions fish > ~/.config/fish/completions/hostfit.fish
  hostfit completions elvish > ~/.config/elvish/lib/hostfit.elv   and `use hostfit` in rc.elv
  hostfit completions powershell | Out-String | Invoke-Expression   in $PROFILE";

pub(super) const SCHEMA: &str = "\
Examples:
  hostfit schema > hostfit.schema.json   and `#:schema ./hostfit.schema.json` atop hostfit.toml";

pub(super) const LSP: &str = "\
Editors start it; it speaks the Language Server Protocol.

Examples:
  hostfit lsp --log hostfit.log   where something is to be found out

Exit status: 0 after a session that the editor ended, 1 after one that broke off, 2 the run itself failed.";
