"""What the pages tell people to write, where no editor is there to read it: real parsers read it, its keys are those of the
editor's documentation, and the files that hostfit reads are meant by it."""

import json
import re
from fnmatch import fnmatchcase
from pathlib import PureWindowsPath

import pytest
from pages import PAGES, block, blocks

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib

# One file of each kind, by the identifier that the protocol's specification has for its language.
FILES = {
    "dockerfile": ["Dockerfile", "Dockerfile.windows", "web.Dockerfile"],
    "yaml": ["compose.yaml", "docker-compose.yml", "stack.yml", "web.yaml"],
    "json": ["daemon.json"],
    "toml": ["hostfit.toml"],
}

TESTED = {
    "emacs.md": {"emacs-eglot", "emacs-fix-all"},
    "helix.md": {"helix-languages"},
    "jetbrains.md": {"jetbrains-template"},
    "neovim.md": {"neovim-0.11", "neovim-0.7", "neovim-fix-all", "neovim-hints"},
    "sublime.md": {"sublime-settings"},
    "zed.md": {"zed-docker", "zed-yaml"},
}


def is_server(command: list[str]) -> bool:
    """`hostfit lsp`, by its name or by its whole path."""
    program = PureWindowsPath(command[0]).name
    return program in ["hostfit", "hostfit.exe"] and command[1:] == ["lsp"]


def test_every_page_is_in_the_list_and_every_block_is_tested() -> None:
    index = (PAGES / "README.md").read_text("utf-8")
    for page in PAGES.glob("*.md"):
        text = page.read_text("utf-8")
        assert page.name == "README.md" or f"({page.name})" in index, page.name
        assert len(re.findall(r"^```\w", text, re.M)) == len(blocks(page.name)), f"{page.name} shows what no test reads"
        if page.name != "README.md":
            assert set(blocks(page.name)) == TESTED[page.name]
            for word in ["Windows", "PowerShell", "hostfit.exe", "(../docs/editor.md)", "inlay hints are off until they are switched on"]:
                assert word.lower() in " ".join(text.lower().split()), f"{page.name}: {word}"
        # Links lead somewhere.
        for link in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (PAGES / link).resolve().exists(), f"{page.name}: {link}"


def test_helix() -> None:
    config = tomllib.loads(block("helix.md", "helix-languages"))
    assert set(config) == {"language-server", "language"}
    server = config["language-server"]["hostfit"]
    assert set(server) == {"command", "args"} and is_server([server["command"], *server["args"]])
    # What Helix calls the files' languages.
    languages = {"dockerfile", "docker-compose", "yaml", "json", "toml"}
    assert {it["name"] for it in config["language"]} == languages
    for language in config["language"]:
        # More than this, a scope above all, is wanted only of languages that Helix does not know.
        assert set(language) == {"name", "language-servers"}
        # A list takes the place of Helix's own.
        assert language["language-servers"][0] == "hostfit" and len(language["language-servers"]) > 1


def test_sublime() -> None:
    settings = json.loads(block("sublime.md", "sublime-settings"))
    ((name, client),) = settings["clients"].items()
    assert set(client) == {"enabled", "command", "selector", "diagnostics_mode"}
    assert (name, client["enabled"], client["diagnostics_mode"]) == ("hostfit", True, "workspace")
    assert is_server(client["command"])
    assert set(client["selector"].split(" | ")) == {f"source.{language}" for language in FILES}


def test_jetbrains() -> None:
    shown = block("jetbrains.md", "jetbrains-template")
    assert shown == (PAGES / "jetbrains/template.json").read_text("utf-8")
    template = json.loads(shown)
    assert set(template) == {"id", "name", "programArgs", "fileTypeMappings"}
    assert all(is_server(command.split()) for command in template["programArgs"].values())
    assert {"default", "windows"} == set(template["programArgs"])

    def language(file: str) -> list[str]:
        mappings = template["fileTypeMappings"]
        return [it["languageId"] for it in mappings if any(fnmatchcase(file, pattern) for pattern in it["fileType"]["patterns"])]

    for identifier, files in FILES.items():
        assert [language(file) for file in files] == [[identifier]] * len(files)
    assert language("docker-bake.hcl") == ["dockerbake"]
    for other in ["package.json", "Cargo.toml", "main.rs", "Dockerfiles.md"]:
        assert language(other) == []
    # A name that the IDE has a file type for would be taken for that, and not for the patterns.
    assert all(it["fileType"]["name"].startswith("hostfit: ") for it in template["fileTypeMappings"])


@pytest.mark.parametrize(("name", "server"), [("zed-docker", "docker-language-server"), ("zed-yaml", "yaml-language-server")])
def test_zed(name: str, server: str) -> None:
    settings = json.loads(block("zed.md", name))
    assert set(settings) <= {"languages", "lsp"}
    assert set(settings["lsp"]) == {server}
    binary = settings["lsp"][server]["binary"]
    assert set(binary) == {"path", "arguments"} and is_server([binary["path"], *binary["arguments"]])
    assert binary["path"].startswith("/"), "Zed wants whole paths"
    for language in settings.get("languages", {}).values():
        assert language["language_servers"][0] == server
