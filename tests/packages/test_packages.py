"""The wheel, the source distribution, the npm packages and the crates: built here, installed where nothing else is."""

import json
import re
import sys
import tarfile
from pathlib import Path

import pytest
from conftest import EXE, ROOT, TARGET, output, run, venv

VERSION = re.search(r'^version = "(.+)"', (ROOT / "Cargo.toml").read_text(encoding="utf-8"), re.M).group(1)
HELLO = f"hostfit {VERSION}\n"


def test_the_wheel_gives_the_program(wheel: Path, tmp_path: Path) -> None:
    programs = venv(tmp_path)
    python = programs / f"python{EXE}"
    run("uv", "pip", "install", "--quiet", "--python", python, "--no-index", wheel)
    assert output(programs / f"hostfit{EXE}", "--version", cwd=tmp_path) == HELLO
    assert output(python, "-m", "hostfit", "--version", cwd=tmp_path) == HELLO
    # The exit status is the program's.
    run(python, "-m", "hostfit", "check", "no-such-file", cwd=tmp_path, expect=2)


def test_the_wheel_runs_without_being_installed(wheel: Path, tmp_path: Path) -> None:
    assert output("uvx", "--quiet", "--no-index", "--from", wheel, "hostfit", "--version", cwd=tmp_path) == HELLO


def test_the_wheel_tells_its_licence(wheel: Path) -> None:
    listed = run(sys.executable, "-m", "zipfile", "-l", wheel)
    for name in ["LICENSE-APACHE", "LICENSE-MIT", "hostfit/__main__.py"]:
        assert name in listed, listed


def test_the_source_distribution_builds(wheels: Path, tmp_path: Path) -> None:
    (sdist,) = wheels.glob("*.tar.gz")
    with tarfile.open(sdist) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {"Cargo.lock", "LICENSE-MIT", "crates/hostfit-core/src/check.rs", "crates/hostfit-lsp/Cargo.toml"} <= names
    programs = venv(tmp_path)
    run("uv", "pip", "install", "--quiet", "--python", programs / f"python{EXE}", sdist)
    assert output(programs / f"hostfit{EXE}", "--version", cwd=tmp_path) == HELLO


@pytest.fixture(scope="module")
def npm_packages(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The tarballs of the launcher and of this platform's program."""
    platform = output("node", "--print", "`${process.platform}-${process.arch}`").strip()
    out = tmp_path_factory.mktemp("npm")
    # What maturin has just built.
    program = TARGET / "cargo" / "release" / f"hostfit{EXE}"
    run("node", "packaging/npm/build.mjs", out, VERSION)
    run("node", "packaging/npm/build.mjs", out, VERSION, platform, program)
    packed = [output("npm", "pack", "--silent", out / name, cwd=out).strip() for name in ["hostfit", f"cli-{platform}"]]
    return [out / name for name in packed]


def test_npx_runs_the_program(npm_packages: list[Path], tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"private": true}', encoding="utf-8")
    run("npm", "install", "--offline", "--no-audit", "--no-fund", *npm_packages, cwd=tmp_path)
    assert output("npx", "--offline", "hostfit", "--version", cwd=tmp_path) == HELLO
    run("npx", "--offline", "hostfit", "check", "no-such-file", cwd=tmp_path, expect=2)


def test_a_platform_without_a_program_says_what_to_do(npm_packages: list[Path], tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text('{"private": true}', encoding="utf-8")
    run("npm", "install", "--offline", "--omit=optional", "--no-audit", "--no-fund", npm_packages[0], cwd=tmp_path)
    assert "cargo install hostfit" in run("npx", "--offline", "hostfit", "--version", cwd=tmp_path, expect=2)


def test_cargo_install_takes_the_folder_of_the_program(tmp_path: Path) -> None:
    run("cargo", "install", "--quiet", "--locked", "--path", "crates/hostfit", "--root", tmp_path)
    assert output(tmp_path / "bin" / f"hostfit{EXE}", "--version", cwd=tmp_path) == HELLO


def test_the_crates_can_be_published() -> None:
    metadata = json.loads(output("cargo", "metadata", "--format-version=1", "--no-deps", "--locked"))
    published = [package for package in metadata["packages"] if package["publish"] != []]
    names = {"hostfit", "hostfit-core", "hostfit-lsp", "hostfit-registry", "hostfit-render"}
    assert {package["name"] for package in published} == names
    for package in published:
        missing = [
            key
            for key in ["description", "license", "repository", "homepage", "readme", "keywords", "categories", "rust_version"]
            if not package[key]
        ]
        assert missing == [], package["name"]
    names = [word for package in published for word in ("--package", package["name"])]
    # That what is packed builds, the source distribution shows already.
    run("cargo", "package", "--locked", "--allow-dirty", "--no-verify", *names)
