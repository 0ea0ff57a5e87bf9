"""Every Python sample of the guide, and its curl, in a process of its own, from the package as it is installed.

Samples run as they stand; only the fragments under "Keys" get the import, the query and the documents that they leave
out. The internet is played by ``hugging_face.py``. What names port 4000 runs where nobody else has that port: in a
network namespace of its own where the machine allows one, or else on the machine's port itself.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hugging_face import Internet, Scored, internet, score

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/huggingface-rerank.md").read_text()
OWNER_PAGE = ROOT.parent / "shared/owner-page.mdx"


def samples(page: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\b[^\n]*\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)


PYTHON = samples(GUIDE, "python")
SERVERLESS, CUSTOM, ASYNC, THROUGH_PROXY, REQUESTS, KEY_SERVERLESS, KEY_CUSTOM = PYTHON
START, CURL = samples(GUIDE, "bash")
[CONFIG] = samples(GUIDE, "yaml")
[ANSWER] = samples(GUIDE, "json")

QUERY = "What is the capital of the United States?"
DOCUMENTS = [
    "Carson City is the capital city of the American state of Nevada.",
    "The Commonwealth of the Northern Mariana Islands is a group of islands in the Pacific Ocean. "
    "Its capital is Saipan.",
    "Washington, D.C. is the capital of the United States.",
    "Capital punishment has existed in the United States since before it was a country.",
]


@pytest.fixture
def net(tmp_path: Path) -> Iterator[Internet]:
    with internet(tmp_path) as running:
        yield running


def test_the_guide_shows_every_sample_of_the_owners_page() -> None:
    if not OWNER_PAGE.exists():
        pytest.skip("the owner's page is not beside this repository")
    page = OWNER_PAGE.read_text()
    for language in ("python", "yaml", "bash"):
        assert samples(GUIDE, language) == samples(page, language)
    assert len(samples(page, "python")) == 7


def test_the_first_call(net: Internet, tmp_path: Path) -> None:
    printed = run(SERVERLESS, net, tmp_path)
    assert ranking(printed) == best(QUERY, DOCUMENTS, 3)
    # Of the answer that the guide shows, only the scores and the id are another call's.
    shown, given = json.loads(ANSWER), json.loads(printed)
    assert list(shown) == list(given)
    assert (shown["meta"], shown["model"]) == (given["meta"], given["model"])
    assert [result["index"] for result in shown["results"]] == [result["index"] for result in given["results"]]
    assert net.scored == [Scored("router.huggingface.co", "Bearer hf_xxxxxx", QUERY, DOCUMENTS)]
    assert net.refused == []


def test_a_server_of_ones_own(net: Internet, tmp_path: Path) -> None:
    assert ranking(run(CUSTOM, net, tmp_path)) == best("hello", ["hello", "world"], 2)
    assert net.scored == [Scored("my-custom-hf-endpoint.com", "Bearer test_api_key", "hello", ["hello", "world"])]


def test_without_waiting(net: Internet, tmp_path: Path) -> None:
    assert ranking(run(ASYNC, net, tmp_path)) == best(QUERY, DOCUMENTS, 3)
    assert net.scored == [Scored("router.huggingface.co", "Bearer hf_xxxxxx", QUERY, DOCUMENTS)]


@pytest.mark.parametrize(
    ("fragment", "host", "key"),
    [
        (KEY_SERVERLESS, "router.huggingface.co", "hf_xxxxxx"),
        (KEY_CUSTOM, "your-custom-endpoint.com", "your-custom-key"),
    ],
)
def test_keys(fragment: str, host: str, key: str, net: Internet, tmp_path: Path) -> None:
    completed = fragment.replace("# ... other params", 'query="hello", documents=["hello", "world"],')
    assert completed != fragment
    assert run(f"import dheera_ai\n{completed}", net, tmp_path) == ""
    assert net.scored == [Scored(host, f"Bearer {key}", "hello", ["hello", "world"])]


@pytest.fixture(scope="module")
def at_port_4000(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What came of the samples that name port 4000, by name, and what the internet was asked meanwhile."""
    folder = tmp_path_factory.mktemp("proxy")
    (folder / "config.yaml").write_text(CONFIG)
    given = {"start": START, "curl": CURL, "python": THROUGH_PROXY, "requests": REQUESTS}
    (folder / "samples.json").write_text(json.dumps(given))
    program = [sys.executable, str(Path(__file__).with_name("samples_at_port_4000.py")), str(folder)]
    outcome = subprocess.run(
        [*namespace(), *program], capture_output=True, text=True, check=False, env=environment(Internet({}))
    )
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    answer: dict[str, Any] = json.loads(outcome.stdout)
    return answer


def test_the_proxy_says_where_it_runs(at_port_4000: dict[str, Any]) -> None:
    assert "RUNNING on http://0.0.0.0:4000" in START
    assert "RUNNING on http://0.0.0.0:4000" in at_port_4000["started"]


@pytest.mark.parametrize("name", ["curl", "python", "requests"])
def test_through_a_proxy(name: str, at_port_4000: dict[str, Any]) -> None:
    printed = at_port_4000[name]
    answer = ast.literal_eval(printed) if name == "requests" else json.loads(printed)
    assert answer["results"] == best(QUERY, DOCUMENTS, 3)
    asked = at_port_4000["scored"][name]
    assert asked == [
        {"host": "router.huggingface.co", "authorization": "Bearer hf_xxxxxx", "query": QUERY, "texts": DOCUMENTS}
    ]


def run(sample: str, net: Internet, folder: Path) -> str:
    """What a sample prints, run from a folder that has nothing to import. It has to succeed in silence."""
    (folder / "empty").mkdir()
    outcome = subprocess.run(
        [sys.executable, "-c", sample],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder / "empty",
        env=environment(net),
    )
    assert (outcome.returncode, outcome.stderr) == (0, "")
    return outcome.stdout


def environment(net: Internet) -> dict[str, str]:
    """This machine's, without what would decide where a call goes and with which key."""
    kept = {name: value for name, value in os.environ.items() if not re.search("(?i)proxy|^HF_|_KEY$|_BASE$", name)}
    return {**kept, **net.environment}


def ranking(printed: str) -> list[dict[str, float]]:
    results: list[dict[str, float]] = json.loads(printed)["results"]
    return results


def best(query: str, documents: list[str], count: int) -> list[dict[str, float]]:
    rows = [{"index": index, "relevance_score": score(query, text)} for index, text in enumerate(documents)]
    return sorted(rows, key=lambda row: -row["relevance_score"])[:count]


def namespace() -> list[str]:
    """The command that gives a program a network of its own, if this machine has one that works."""
    for command in (["unshare", "--net"], ["unshare", "--user", "--map-root-user", "--net"]):
        try:
            subprocess.run([*command, "true"], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            continue
        return command
    return []
