"""A real Emacs with eglot and the configuration of its page, in batch mode."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

from conftest import BAD, PATIENCE, write
from pages import block

CHECK = Path(__file__).parent / "emacs" / "check.el"
TEXT = f"# é漢😀\r\n{BAD.strip()} AS build\r\nRUN x\r\n{BAD.strip()}\r\n"
COMPOSE = 'services:\n  "é漢😀": {image: "mcr.microsoft.com/windows/servercore:2022"}\n'


def test_eglot(workspace: Callable[..., Path], tmp_path: Path, hostfit: Path) -> None:
    files = {"web/Dockerfile": TEXT, "compose.yaml": COMPOSE, "hostfit.toml": "", "other.txt": ""}
    root = workspace("my repository", files)
    # Emacs asks git which files there are, to watch their folders.
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    init = tmp_path / "init.el"
    # Debian's packages are where Emacs finds them by itself, but for a batch Emacs.
    write(init, "(package-initialize)\n" + block("emacs.md", "emacs-eglot") + block("emacs.md", "emacs-fix-all"))
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(hostfit.parent), os.environ["PATH"]]),
        "HOME": str(tmp_path),
        "LC_ALL": "C.UTF-8",
    }
    command = ["emacs", "--batch", "-l", init, "-l", CHECK]
    done = subprocess.run(command, cwd=root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=5 * PATIENCE)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, said
    # What was written has the ends of lines that the file had.
    assert (root / "web/Dockerfile").read_bytes().decode() == TEXT.replace("2022", "ltsc2022")
