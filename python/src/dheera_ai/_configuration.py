"""A configuration as the file that the engine and the proxy read."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
import weakref
from collections.abc import Mapping
from pathlib import Path, PurePath
from typing import Any, TypeAlias

from dheera_ai._call.narrow import is_mapping
from dheera_ai._errors import BadRequestError

Configuration: TypeAlias = "str | os.PathLike[str] | Mapping[str, Any]"
"""The path of a ``config.yaml``, or what one holds."""


class ConfigurationFile:
    """The path of a configuration. A dict gets a file in a folder of its own that only this user may read.

    Raises ``BadRequestError`` where a dict holds what a configuration cannot.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._folder: str | None = None
        self._text: str | None = None
        self._process = os.getpid()
        if isinstance(configuration, Mapping):
            self._text = _json_of(configuration)
            self._write()
        else:
            try:
                self._path = Path(configuration).expanduser().absolute()
            except TypeError:
                kind = type(configuration).__name__
                raise BadRequestError(f"config: must be a path or a dict, not {kind}", param="config") from None

    def path(self) -> str:
        """Where the file is; a dict's is written again where it is gone, or where another process wrote it."""
        if self._text is not None and (self._process != os.getpid() or not self._path.exists()):
            self._write()
        return str(self._path)

    def remove(self) -> None:
        """Removes a dict's file; it may hold keys."""
        if self._folder is not None:
            self._remove()

    def _write(self) -> None:
        self._process = os.getpid()
        self._folder = tempfile.mkdtemp(prefix="dheera-ai-")
        self._remove = weakref.finalize(self, _remove_folder, self._folder, self._process)
        # JSON is YAML. The folder is this user's alone, and so is the file.
        self._path = Path(self._folder, "config.yaml")
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "w", encoding="utf-8") as file:
            file.write(self._text or "")


def _remove_folder(folder: str, process: int) -> None:
    # A forked process inherits what its parent will remove, and must not.
    if process == os.getpid():
        shutil.rmtree(folder, ignore_errors=True)


def _json_of(configuration: Mapping[str, Any]) -> str:
    try:
        # Letters that JSON need not escape are escaped nevertheless: a YAML parser may not take all of them.
        return json.dumps(dict(configuration), default=_plain, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        raise BadRequestError(
            "config: must hold nothing but texts, numbers, booleans, None, lists and dicts", param="config"
        ) from None


def _plain(value: object) -> object:
    if is_mapping(value):
        return dict(value)
    if isinstance(value, PurePath):
        return str(value)
    raise TypeError
