"""Starts the guide's proxy as the guide does and runs the samples that ask it. Prints what came of them, as JSON.

Called by ``test_owner_page.py`` with a folder, in a network namespace where that is possible.
"""

from __future__ import annotations

import fcntl
import json
import os
import signal
import socket
import struct
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from hugging_face import internet


def main(folder: Path) -> None:
    samples: dict[str, str] = json.loads((folder / "samples.json").read_text())
    raise_loopback()
    with internet(folder) as net:
        # Python's and the proxy's scripts are installed beside this Python. A PATH may name them later than others.
        path = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
        environment = {**os.environ, **net.environment, "PATH": path}
        start = samples["start"].replace("/path/to/config.yaml", str(folder / "config.yaml"))
        proxy = subprocess.Popen(
            ["sh", "-c", start],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        try:
            outcome: dict[str, Any] = {"started": until_running(proxy), "scored": {}}
            # A call straight to the proxy: nothing of it may depend on the forward proxy that the proxy itself has.
            caller = {**os.environ, "PATH": path}
            for name, command in (
                ("curl", ["sh", "-c", samples["curl"]]),
                ("python", [sys.executable, "-c", samples["python"]]),
                ("requests", [sys.executable, "-c", samples["requests"]]),
            ):
                net.scored.clear()
                outcome[name] = subprocess.run(
                    command, check=True, env=caller, stdout=subprocess.PIPE, text=True
                ).stdout
                outcome["scored"][name] = [asdict(scored) for scored in net.scored]
        finally:
            os.killpg(proxy.pid, signal.SIGTERM)
            proxy.wait()
    print(json.dumps(outcome))


def until_running(proxy: subprocess.Popen[str]) -> str:
    """What the proxy printed until it served. Raises RuntimeError with it when it ends before that."""
    printed = ""
    assert proxy.stdout is not None
    for line in proxy.stdout:
        printed += line
        if "RUNNING on" in line:
            return printed
    raise RuntimeError(f"the proxy ended before it served; port 4000 may be taken:\n{printed}")


def raise_loopback() -> None:
    """In a new network namespace loopback is down, and ``ip`` is not installed everywhere. Elsewhere it is up."""
    set_flags, up = 0x8914, 0x1 | 0x8 | 0x40
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        try:
            fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14s", b"lo", up, b""))
        except PermissionError:
            return


if __name__ == "__main__":
    main(Path(sys.argv[1]))
