"""What every case needs: where the proxy is, what it is asked, and the ranking that its clients must report."""

import importlib.metadata
import json
import os
from dataclasses import dataclass
from pathlib import Path

import pytest

_setup = json.loads(os.environ["DHEERA_CLIENTS"])


@dataclass(frozen=True)
class Proxy:
    url: str
    key: str
    query: str
    documents: list[str]
    #: Indices of the documents, best first, and the score of each.
    order: list[int]
    scores: list[float]
    #: The same as logits.
    logits: list[float]
    #: A document that the upstream refuses as invalid, which the proxy answers with 422.
    refused: str
    #: A model that serves, and one whose upstream refuses every call with 429.
    model: str
    busy: str
    #: A key that may use that one alone, for clients that name no model.
    busy_key: str
    #: A proxy for callers without keys, for a client that sends none.
    keyless: str

    def check(self, indices: list[int], scores: list[float], *, logits: bool = False) -> None:
        """The best of the documents in their order, with the scores of the upstream."""
        assert indices == self.order[: len(indices)]
        expected = self.logits if logits else self.scores
        assert scores == pytest.approx(expected[: len(scores)], abs=1e-6)


@pytest.fixture(scope="session")
def proxy() -> Proxy:
    return Proxy(**_setup)


@pytest.fixture(autouse=True)
def _no_proxies_and_no_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.upper().endswith(("_PROXY", "_API_KEY")):
            monkeypatch.delenv(name)


_passed: dict[str, list[str]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        module, name = report.nodeid.split("::", 1)
        _passed.setdefault(Path(module).stem, []).append(name)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Writes which clients answered as they should, for the table in the documentation."""
    found: dict[str, dict[str, str]] = {}
    for item in session.items:
        client = getattr(item.module, "CLIENT", None)
        stem = Path(item.module.__file__).stem
        wanted = [other for other in session.items if other.module is item.module]
        if client is None or len(_passed.get(stem, [])) < len(wanted):
            continue
        for part in client:
            found["|".join([part["package"], part["what"], part["base"]])] = {**part, "version": importlib.metadata.version(part["package"])}
    Path(os.environ["DHEERA_CLIENTS_REPORT"]).write_text(json.dumps(list(found.values())))
