"""A folder that only this user may open: for the engine's socket, and for a configuration that was given as a dict."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import stat
import sys
import tempfile
import time
from pathlib import Path

_prefix = "dheera_ai-"
_socket_name = "engine.sock"
# Bytes of a socket's path that every system takes: macOS has 104 with the zero at the end, Linux 108.
_most_bytes_of_a_path = 103
# Seconds. An engine that starts has made its socket by then, however busy the machine.
_still_starting = 600.0
_most_folders = 100


def make_private_folder() -> Path:
    """One that nobody else uses, mode 0700."""
    folder = Path(tempfile.mkdtemp(prefix=_prefix))
    if len(os.fsencode(socket_path(folder))) <= _most_bytes_of_a_path or os.name == "nt":
        return folder
    folder.rmdir()
    return Path(tempfile.mkdtemp(prefix=_prefix, dir="/tmp"))


def socket_path(folder: Path) -> Path:
    return folder / _socket_name


def remove_folder(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_folders(beside: Path) -> None:
    """Removes folders of processes that were killed. At their sockets nobody listens, whatever their process was."""
    with contextlib.suppress(OSError):
        found = sorted(beside.parent.glob(f"{_prefix}*"))[:_most_folders]
        for folder in found:
            if folder != beside and _is_abandoned(folder):
                remove_folder(folder)


def _is_abandoned(folder: Path) -> bool:
    try:
        status = folder.lstat()
        if sys.platform == "win32" or not stat.S_ISDIR(status.st_mode) or status.st_uid != os.getuid():
            return False
        return time.time() - status.st_mtime > _still_starting and not _is_served(socket_path(folder))
    except OSError:
        return False


def _is_served(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as tried:
        try:
            tried.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            return False
        except OSError:
            return True
        return True
