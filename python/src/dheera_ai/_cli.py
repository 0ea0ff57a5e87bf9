"""The command ``dheera_ai``: the same program as the one of npm."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import NoReturn

from ._node import bundle_path, node_path, with_compile_cache


def main() -> NoReturn:
    """Runs the bundled program with the arguments of this process, in place of it where the system can."""
    try:
        command = [node_path(), bundle_path(), *sys.argv[1:]]
    except FileNotFoundError as error:
        sys.exit(f"dheera_ai: {error}")
    environment = with_compile_cache(os.environ)
    if os.name != "nt":
        os.execve(command[0], command, environment)
    process = subprocess.Popen(command, env=environment)
    while True:
        try:
            sys.exit(process.wait())
        except KeyboardInterrupt:
            # The program got it too, and ends in its own way.
            continue
