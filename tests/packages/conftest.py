"""What the tests of hostfit's packages share: the folders, and a build that is quick rather than good."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TARGET = ROOT / "target" / "packages"
EXE = ".exe" if os.name == "nt" else ""


def quick_build() -> dict[str, str]:
    """The environment in which every package is built: what is installed matters here, not how fast it runs."""
    tools = Path(sys.executable).parent
    return {
        **os.environ,
        "PATH": os.pathsep.join([str(tools), os.environ["PATH"]]),
        # The dependencies are built once for all packages.
        "CARGO_TARGET_DIR": str(TARGET / "cargo"),
        "CARGO_PROFILE_RELEASE_LTO": "off",
        "CARGO_PROFILE_RELEASE_OPT_LEVEL": "0",
        "CARGO_PROFILE_RELEASE_CODEGEN_UNITS": "16",
        "PRE_COMMIT_HOME": str(TARGET / "pre-commit"),
        "NO_COLOR": "1",
    }


def run(*command: object, cwd: Path = ROOT, expect: int = 0, stderr: bool = True) -> str:
    """Runs a command, and gives what it wrote, to stdout alone or to both."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words,
        cwd=cwd,
        env=quick_build(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if stderr else subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )
    said = f"{done.stdout}{done.stderr or ''}"
    assert done.returncode == expect, f"{words} ended with {done.returncode}:\n{said}"
    return done.stdout


def output(*command: object, cwd: Path = ROOT) -> str:
    """What a command writes to stdout."""
    return run(*command, cwd=cwd, stderr=False)


def git(*arguments: object, cwd: Path) -> str:
    """Runs git as somebody whose settings are nobody's."""
    identity = ["-c", "user.name=anna", "-c", "user.email=anna@example.com", "-c", "commit.gpgsign=false"]
    return run("git", *identity, *arguments, cwd=cwd)


@pytest.fixture(scope="session")
def clone() -> Path:
    """A clean clone of this repository, with what is not committed yet committed in it."""
    folder = TARGET / "clone"
    for old in [folder, TARGET / "pre-commit"]:
        shutil.rmtree(old, ignore_errors=True)
    folder.mkdir(parents=True)
    git("init", "-q", cwd=folder)
    files = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard").split("\0")
    for name in filter(None, files):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    git("add", "--all", cwd=folder)
    git("commit", "-q", "-m", "As it is", cwd=folder)
    return folder


@pytest.fixture(scope="session")
def wheels() -> Path:
    """The folder with the wheel and the source distribution, newly built."""
    folder = TARGET / "wheels"
    shutil.rmtree(folder, ignore_errors=True)
    run("maturin", "build", "--release", "--sdist", "--out", folder)
    return folder


@pytest.fixture(scope="session")
def wheel(wheels: Path) -> Path:
    """The wheel for this machine."""
    (wheel,) = wheels.glob("*.whl")
    return wheel


def venv(folder: Path) -> Path:
    """A new virtual environment with nothing in it; gives the folder of its programs."""
    run("uv", "venv", "--quiet", "--python", sys.executable, folder)
    return folder / ("Scripts" if os.name == "nt" else "bin")
