"""Every Python sample of both READMEs and of the quick start, as it stands, in a process of its own."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hugging_face import internet

python = Path(__file__).parents[1]
pages = [python / "README.md", python.parent / "docs/README.md", python.parent / "README.md"]
samples = [
    sample
    for page in pages
    for sample in re.findall(r"^```python\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
]


def test_there_are_samples_of_every_kind() -> None:
    assert len(samples) == 13
    assert sum("# → " in sample for sample in samples) == 12


@pytest.mark.parametrize("sample", samples, ids=lambda sample: " ".join(re.findall(r"\w+", sample)[-4:]))
def test_a_sample_prints_what_it_says(sample: str, tmp_path: Path) -> None:
    promised = "".join(f"{line}\n" for line in re.findall(r"^# → (.*)$", sample, re.MULTILINE))
    with internet(tmp_path) as net:
        # utf-8 for the arrows of the samples, whatever the machine's own encoding is.
        environment = {**os.environ, **net.environment, "PYTHONUTF8": "1"}
        said = subprocess.run(
            [sys.executable, "-c", sample], capture_output=True, encoding="utf-8", check=False, env=environment
        )
    assert (said.stdout, said.stderr, said.returncode) == (promised, "", 0)
