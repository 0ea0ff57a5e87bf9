"""The types of the package are right where mypy (strict) and pyright (strict) are asked."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

calls = Path(__file__).with_name("types") / "calls.py"
wrong = {number for number, line in enumerate(calls.read_text().splitlines(), 1) if line.endswith("# error")}


def test_mypy_refuses_what_is_wrong_and_nothing_else(tmp_path: Path) -> None:
    pytest.importorskip("mypy")
    # The configuration of the tree is for the tree: this is what a user's strict mypy says.
    options = ["--strict", "--config-file=", f"--cache-dir={tmp_path}", "--output=json", "--hide-error-context"]
    said = run("mypy", *options, str(calls))
    reports = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    found = {report["line"]: report["message"] for report in reports if report["severity"] == "error"}
    assert found.keys() == wrong, found


def test_pyright_refuses_what_is_wrong_and_nothing_else() -> None:
    pytest.importorskip("pyright")
    said = run("pyright", "--outputjson", "--pythonpath", sys.executable, str(calls))
    reports = json.loads(said[said.index("{") :])["generalDiagnostics"]
    found = {
        report["range"]["start"]["line"] + 1: report["message"] for report in reports if report["severity"] == "error"
    }
    assert found.keys() == wrong, found


def run(module: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, "-m", module, *arguments], capture_output=True, text=True, check=False, cwd=calls.parent
    )
    assert result.returncode in (0, 1), result.stderr
    return result.stdout
