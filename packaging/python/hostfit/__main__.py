"""`python -m hostfit`: runs the program that the wheel installed."""

import os
import subprocess
import sys
import sysconfig


def find_program() -> str:
    """The path of the program, in whichever way the wheel was installed."""
    name = "hostfit.exe" if os.name == "nt" else "hostfit"
    package = os.path.dirname(os.path.abspath(__file__))
    folders = [
        sysconfig.get_path("scripts"),
        sysconfig.get_path("scripts", scheme=sysconfig.get_preferred_scheme("user"))
        if hasattr(sysconfig, "get_preferred_scheme")
        else sysconfig.get_path("scripts", scheme="nt_user" if os.name == "nt" else "posix_user"),
        # `pip install --target FOLDER`
        os.path.join(os.path.dirname(package), "bin"),
    ]
    for folder in folders:
        path = os.path.join(folder, name)
        if os.path.isfile(path):
            return path
    sys.exit(f"{name} is in none of {', '.join(folders)}: install hostfit again")


if __name__ == "__main__":
    command = [find_program(), *sys.argv[1:]]
    if os.name == "nt":
        # There, `execv` would not wait for the program.
        sys.exit(subprocess.run(command).returncode)
    os.execv(command[0], command)
