"""The hooks of .pre-commit-hooks.yaml, installed and run by the real pre-commit in real repositories."""

import re
import shutil
import sys
from pathlib import Path

import pytest
import yaml
from conftest import ROOT, git, run

GOOD = "FROM mcr.microsoft.com/windows/servercore:ltsc2022\n"
# Without a fleet nobody knows which release is meant, so that this has no fix.
BAD = "FROM mcr.microsoft.com/windows/servercore:latest\n"
# The successor has this tag: there is one right answer.
FIXABLE = "FROM microsoft/windowsservercore:ltsc2016\n"
FIXED = "FROM mcr.microsoft.com/windows/servercore:ltsc2016\n"
COMPOSE = "services:\n  web:\n    build: web\n"
FLEET = '[[host]]\nname = "old"\nos = "{}"\norchestrator = "docker"\n'


class Repository:
    """Somebody's repository, which uses the hooks."""

    def __init__(self, folder: Path, clone: Path) -> None:
        self.folder, self.clone = folder, clone
        git("init", "-q", cwd=folder)

    def configure(self, *hooks: dict) -> "Repository":
        rev = git("rev-parse", "HEAD", cwd=self.clone).strip()
        config = {"repos": [{"repo": str(self.clone), "rev": rev, "hooks": list(hooks)}]}
        self.write(".pre-commit-config.yaml", yaml.safe_dump(config))
        git("add", ".pre-commit-config.yaml", cwd=self.folder)
        run("pre-commit", "install", cwd=self.folder)
        return self

    def write(self, name: str, text: str) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())

    def read(self, name: str) -> str:
        return (self.folder / name).read_bytes().decode()

    def stage(self, **files: str) -> None:
        for name, text in files.items():
            self.write(name, text)
        git("add", "--", *files, cwd=self.folder)

    def commit(self, expect: int) -> str:
        """`git commit`, which runs the hooks."""
        identity = ["-c", "user.name=anna", "-c", "user.email=anna@example.com"]
        return run("git", *identity, "commit", "-m", "A change", cwd=self.folder, expect=expect)

    def commit_unchecked(self) -> None:
        git("commit", "-q", "--no-verify", "-m", "Before hostfit", cwd=self.folder)


CHECK = {"id": "hostfit", "args": ["--as-of", "2026-11-21"]}
FIX = {"id": "hostfit-fix"}
RUST = {"id": "hostfit-rust", "args": ["--as-of", "2026-11-21"]}


@pytest.fixture
def repository(tmp_path: Path, clone: Path) -> Repository:
    return Repository(tmp_path, clone)


def test_a_good_file_passes_and_a_bad_one_does_not(repository: Repository) -> None:
    repository.configure(CHECK)
    repository.stage(Dockerfile=GOOD, **{"README.md": BAD})
    assert "Passed" in repository.commit(0)
    repository.stage(Dockerfile=BAD)
    said = repository.commit(1)
    assert "Failed" in said and "unpublished-latest" in said and "Dockerfile:1:" in said


def test_files_that_are_none_of_hostfits_do_not_start_it(repository: Repository) -> None:
    repository.configure(CHECK)
    git("commit", "-q", "--no-verify", "-m", "Hooks", cwd=repository.folder)
    repository.stage(**{"main.py": "", "package.json": "{}"})
    assert "no files to check" in repository.commit(0)


def test_a_fix_is_written_and_has_to_be_staged(repository: Repository) -> None:
    repository.configure(FIX, {**CHECK, "args": [*CHECK["args"], "--ignore", "floating-revision"]})
    repository.stage(Dockerfile=FIXABLE)
    said = repository.commit(1)
    assert "files were modified by this hook" in said and "fixed Dockerfile" in said
    assert repository.read("Dockerfile") == FIXED
    git("add", "Dockerfile", cwd=repository.folder)
    repository.commit(0)


def test_a_fault_without_a_fix_is_for_the_other_hook(repository: Repository) -> None:
    repository.configure(FIX, CHECK)
    repository.stage(Dockerfile=BAD)
    said = repository.commit(1)
    assert re.search(r"hostfit fix\.+Passed", said) and re.search(r"hostfit\.+Failed", said), said
    assert repository.read("Dockerfile") == BAD


def test_what_is_staged_counts_and_the_rest_comes_back(repository: Repository) -> None:
    repository.configure(CHECK)
    # Good in the index, bad on disk.
    repository.stage(Dockerfile=GOOD)
    repository.write("Dockerfile", BAD)
    repository.commit(0)
    assert repository.read("Dockerfile") == BAD
    # Bad in the index, good on disk.
    git("add", "Dockerfile", cwd=repository.folder)
    repository.write("Dockerfile", GOOD)
    assert "unpublished-latest" in repository.commit(1)
    assert repository.read("Dockerfile") == GOOD


def test_fixes_leave_what_is_not_staged_alone(repository: Repository) -> None:
    repository.configure(FIX)
    repository.stage(**{"a/Dockerfile": FIXABLE, "b/Dockerfile": GOOD})
    repository.write("b/Dockerfile", FIXABLE)
    repository.commit(1)
    assert repository.read("a/Dockerfile") == FIXED
    assert repository.read("b/Dockerfile") == FIXABLE


def test_names_with_spaces_and_dashes_are_files(repository: Repository) -> None:
    repository.configure(CHECK)
    names = ["a b/Dockerfile", "--fail-on=never.dockerfile", "-x.dockerfile", "--config=c.yaml"]
    repository.stage(**{name: "FROM microsoft/nanoserver\n" for name in names[:3]}, **{names[3]: "{}\n"})
    said = repository.commit(1)
    for name in names[:3]:
        assert f"{name}:1:" in said, said


@pytest.mark.parametrize("changed", ["web/Dockerfile", "hostfit.toml"])
def test_what_depends_on_a_change_is_judged_again(repository: Repository, changed: str) -> None:
    repository.configure(CHECK)
    repository.stage(**{"compose.yaml": COMPOSE, "web/Dockerfile": GOOD, "hostfit.toml": FLEET.format("ltsc2022")})
    repository.stage(**{"other/Dockerfile": BAD})
    repository.commit_unchecked()
    if changed == "hostfit.toml":
        repository.stage(**{"hostfit.toml": FLEET.format("ltsc2019")})
    else:
        repository.stage(**{"web/Dockerfile": GOOD.replace("ltsc2022", "ltsc2025")})
    said = repository.commit(1)
    assert "image-newer-than-host" in said and "web/Dockerfile:1:" in said, said
    # What was wrong before, and elsewhere, is told only when all is judged again.
    assert ("other/Dockerfile" in said) == (changed == "hostfit.toml")


def test_excluded_files_are_left_out(repository: Repository) -> None:
    repository.configure(CHECK)
    repository.stage(**{"hostfit.toml": '[check]\nexclude = ["vendor/**"]\n', "vendor/Dockerfile": BAD})
    repository.commit(0)


def test_a_bad_configuration_fails_the_commit(repository: Repository) -> None:
    repository.configure(CHECK)
    repository.stage(**{"hostfit.toml": "[chekc]\n"})
    said = repository.commit(1)
    assert "exit code: 2" in said and "chekc" in said


@pytest.mark.parametrize("hook", ["hostfit", "hostfit-rust"])
def test_the_hooks_can_be_tried(repository: Repository, hook: str) -> None:
    repository.stage(Dockerfile=GOOD)
    try_repo = ["pre-commit", "try-repo", repository.clone, hook, "--all-files", "--verbose"]
    assert "Passed" in run(*try_repo, cwd=repository.folder)
    repository.stage(**{"a b/Dockerfile": "FROM microsoft/nanoserver\n"})
    said = run(*try_repo, cwd=repository.folder, expect=1)
    assert "retired-repository" in said and "a b/Dockerfile:1:" in said, said


def test_the_hook_that_cargo_builds_does_the_same(repository: Repository) -> None:
    repository.configure(RUST, {"id": "hostfit-fix-rust"})
    repository.stage(Dockerfile=BAD)
    assert "unpublished-latest" in repository.commit(1)
    repository.stage(Dockerfile=FIXABLE)
    repository.commit(1)
    assert repository.read("Dockerfile") == FIXED


def test_the_example_without_rust_takes_the_wheel(
    repository: Repository, wheel: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # pre-commit builds an empty package first.
    links = tmp_path_factory.mktemp("links")
    run(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", links, "setuptools")
    shutil.copy2(wheel, links)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    page = (ROOT / "docs/ci.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n# \.pre-commit-config\.yaml, without Rust\n(.*?)```", page, re.S)
    repository.stage(**{".pre-commit-config.yaml": example, "a b/Dockerfile": "FROM microsoft/nanoserver\n"})
    assert "a b/Dockerfile:1:" in run("pre-commit", "run", cwd=repository.folder, expect=1)
    repository.stage(**{"a b/Dockerfile": GOOD})
    assert "Passed" in run("pre-commit", "run", cwd=repository.folder)


def test_every_hook_takes_the_same_files() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert len({hook["files"] for hook in hooks}) == 1
    takes = re.compile(hooks[0]["files"]).search
    taken = """Dockerfile dockerfile a/Dockerfile.windows Dockerfile.go Dockerfile-1.2-nano Containerfile web.dockerfile
        compose.yaml docker-compose.prod.yml deploy/web.YML stack.yml compose.yml.j2 Dockerfile.template daemon.json
        docker-bake.hcl docker-bake.override.json .env hostfit.toml hostfit.lock -x.yaml"""
    assert [name for name in taken.split() if not takes(name)] == []
    left = """main.py package.json dockerfile_utils.py dockerfile-notes.md prod.env Cargo.toml mydockerfile
        Dockerfile/notes.txt compose.yaml.bak daemon.json5 docker-bake.txt a.hcl"""
    assert [name for name in left.split() if takes(name)] == []
