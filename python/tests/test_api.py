"""The public names over the real engine and a real proxy, both from the bundle."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from pydantic import BaseModel

import dheera_ai

query = "What is the capital of the United States?"
documents = [
    "Carson City is the capital city of the American state of Nevada.",
    "The Commonwealth of the Northern Mariana Islands is a group of islands. Its capital is Saipan.",
    "Washington, D.C. is the capital of the United States.",
    "Capital punishment has existed in the United States since before it was a country.",
]
words = {"model_list": [{"model_name": "words", "dheera_ai_params": {"model": "bm25/default"}}]}


@pytest.fixture(autouse=True, scope="module")
def _end_engine() -> Iterator[None]:
    yield
    dheera_ai.close()


@pytest.fixture(scope="module")
def proxy() -> Iterator[str]:
    with dheera_ai.proxy({**words, "general_settings": {"master_key": "sk-1"}}) as running:
        yield running.url


@dataclass
class Cohere:
    """Another server: it answers Cohere-style, worst first, and never cuts."""

    url: str = ""
    requests: list[dict[str, Any]] = field(default_factory=list)
    authorizations: list[str | None] = field(default_factory=list)
    status: int = 200


@contextmanager
def cohere() -> Iterator[Cohere]:
    server = Cohere()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            server.requests.append(body)
            server.authorizations.append(self.headers["authorization"])
            results = [{"index": index, "relevance_score": index / 100} for index in range(len(body["documents"]))]
            said = json.dumps({"results": results}).encode()
            self.send_response(server.status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        def log_message(self, *_: object) -> None:
            """Nothing is printed."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        thread = threading.Thread(target=http.serve_forever)
        thread.start()
        server.url = f"http://127.0.0.1:{http.server_address[1]}"
        try:
            yield server
        finally:
            http.shutdown()
            thread.join()


def test_the_quick_start() -> None:
    response = dheera_ai.rerank(model="bm25/default", query=query, documents=documents, top_n=3)
    assert [result.index for result in response.results] == [2, 3, 0]
    scores = [result.relevance_score for result in response.results]
    assert scores == sorted(scores, reverse=True)
    assert response.meta.api_version.version == "2"
    assert str(response).startswith('{\n  "results": [\n    {\n      "index": 2,')


def test_coroutines() -> None:
    response = asyncio.run(dheera_ai.arerank(model="bm25/default", query=query, documents=documents, top_n=1))
    assert [result.index for result in response.results] == [2]


def test_many_coroutines_at_once() -> None:
    async def run() -> list[int]:
        calls = (dheera_ai.arerank("bm25/default", "moon", ["sun", f"moon {number}"]) for number in range(200))
        return [response.results[0].index for response in await asyncio.gather(*calls)]

    assert asyncio.run(run()) == [1] * 200


class Product(BaseModel):
    title: str
    text: str


@pytest.mark.parametrize(
    "given",
    [
        ("a sun", "a moon"),
        (text for text in ("a sun", "a moon")),
        np.array(["a sun", "a moon"]),
        pd.DataFrame({"text": ["a sun", "a moon"]})["text"],
        [{"text": "a sun"}, {"text": "a moon"}],
        [Product(title="x", text="a sun"), Product(title="y", text="a moon")],
        ["a sun \ud800", "a moon \udfff"],
    ],
    ids=lambda given: type(given).__name__,
)
def test_documents_of_all_kinds(given: Iterable[object]) -> None:
    assert dheera_ai.rerank("bm25/default", "moon", given).results[0].index == 1


def test_returned_documents() -> None:
    records = [{"title": "Tides", "text": "The sea."}, {"title": "Moon", "text": "A quarter of a million miles."}]
    response = dheera_ai.rerank("bm25/default", "moon", records, 1, rank_fields=["title"], return_documents=True)
    assert response.results[0].document == records[1]
    assert response.results[0].document is not records[1]
    texts = dheera_ai.rerank("bm25/default", "moon", ["a moon"], return_documents=True)
    assert texts.results[0].document == {"text": "a moon"}
    assert dheera_ai.rerank("bm25/default", "moon", ["a moon"]).results[0].document is None


def test_ten_thousand_documents() -> None:
    many = [f"text {number}" for number in range(10_000)]
    many[7_000] = "a moon"
    assert dheera_ai.rerank("bm25/default", "moon", many, 1).results[0].index == 7_000


def test_a_name_that_is_no_field_is_in_the_warnings() -> None:
    options: dict[str, Any] = {"topN": 1, "metadata": {"user": "u"}, "litellm_call_id": "x"}
    response = dheera_ai.rerank("bm25/default", "moon", ["a moon"], **options)
    assert response.meta.warnings == ["unknown field topN had no effect; did you mean top_n?"]


def test_an_explanation() -> None:
    explain = dheera_ai.rerank("bm25/default", "moon", ["a sun", "a moon"], explain=True).meta.explain
    assert explain is not None
    assert explain.sources == ["computed", "computed"]
    assert explain.calls[0].documents == [0, 1]


@pytest.mark.parametrize(
    ("options", "kind", "param"),
    [
        ({"query": " "}, dheera_ai.BadRequestError, "query"),
        ({"query": None}, dheera_ai.BadRequestError, "query"),
        ({"model": None}, dheera_ai.BadRequestError, "model"),
        ({"top_n": 0}, dheera_ai.BadRequestError, "top_n"),
        ({"timeout": -1}, dheera_ai.BadRequestError, "timeout"),
        ({"documents": [{}]}, dheera_ai.BadRequestError, "documents[0]"),
        ({"documents": ["a", None]}, dheera_ai.BadRequestError, "documents[1]"),
        ({"rank_fields": "title"}, dheera_ai.BadRequestError, "rank_fields"),
        ({"api_base": "proxy.example"}, dheera_ai.BadRequestError, "api_base"),
        ({"model": "nothing"}, dheera_ai.NotFoundError, "model"),
        (
            {"model": "hosted_vllm/m", "api_base": "http://127.0.0.1:9", "timeout": 5},
            dheera_ai.APIConnectionError,
            None,
        ),
        ({"model": "m", "api_base": "http://127.0.0.1:9", "timeout": 5}, dheera_ai.APIConnectionError, "api_base"),
    ],
)
def test_errors(options: dict[str, Any], kind: type[dheera_ai.DheeraError], param: str | None) -> None:
    with pytest.raises(kind) as caught:
        dheera_ai.rerank(**{"model": "bm25/default", "query": "moon", "documents": ["a moon"], **options})
    assert type(caught.value) is kind
    assert param is None or caught.value.param == param


class TestAProxy:
    def test_a_request_needs_no_engine(self, proxy: str) -> None:
        program = (
            "import dheera_ai, sys, threading\n"
            "response = dheera_ai.rerank('words', 'moon', ['a sun', 'a moon'], api_base=sys.argv[1], api_key='sk-1')\n"
            "from dheera_ai._engine import engine\n"
            "print(response.results[0].index, response.model, engine.default_engine()._supervisor.running)\n"
        )
        said = subprocess.run([sys.executable, "-c", program, proxy], capture_output=True, text=True, check=True)
        assert (said.stdout, said.stderr) == ("1 words None\n", "")

    @pytest.mark.parametrize("model", ["words", "dheera_ai/words"])
    @pytest.mark.parametrize("path", ["", "/", "/v1", "/v2/", "/rerank", "/v1/rerank"])
    def test_every_form_of_its_address(self, proxy: str, path: str, model: str) -> None:
        response = dheera_ai.rerank(model, "moon", ["a sun", "a moon"], api_base=f"{proxy}{path}", api_key="sk-1")
        assert response.results[0].index == 1

    def test_its_errors(self, proxy: str) -> None:
        client = dheera_ai.Client(api_base=proxy, api_key="sk-1")
        with pytest.raises(dheera_ai.NotFoundError) as caught:
            client.rerank("nothing", "moon", ["a"])
        assert (caught.value.code, caught.value.param, caught.value.status_code) == ("model_not_found", "model", 404)
        assert caught.value.call_id
        with pytest.raises(dheera_ai.AuthenticationError, match="key"):
            client.rerank("words", "moon", ["a"], api_key="sk-2")
        with pytest.raises(dheera_ai.AuthenticationError, match="key"):
            dheera_ai.rerank("words", "moon", ["a"], api_base=proxy)

    def test_its_models(self, proxy: str) -> None:
        assert dheera_ai.Client(api_base=f"{proxy}/v1", api_key="sk-1").models() == ["words"]
        with pytest.raises(dheera_ai.AuthenticationError):
            dheera_ai.Client(api_base=proxy).models()

    def test_headers_reach_it(self, proxy: str) -> None:
        named = {"X-Dheera-Call-Id": "search-42"}
        response = dheera_ai.rerank("words", "moon", ["a"], api_base=proxy, api_key="sk-1", extra_headers=named)
        assert response.id == "search-42"

    def test_the_environment_names_it(self, proxy: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DHEERA_AI_API_BASE", proxy)
        monkeypatch.setenv("DHEERA_AI_API_KEY", "sk-1")
        assert dheera_ai.rerank("dheera_ai/words", "moon", ["a"]).model == "words"


def test_another_server_at_api_base_is_sorted_and_cut_by_the_engine() -> None:
    with cohere() as server:
        for _ in range(2):
            response = dheera_ai.rerank("any", "moon", ["a", "b", "c"], 2, api_base=server.url, api_key="k-1")
            assert [result.index for result in response.results] == [2, 1]
        assert server.authorizations == ["Bearer k-1"] * 3


def test_the_environment_that_counts_is_that_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    with cohere() as server:
        monkeypatch.setenv("COHERE_API_BASE", server.url)
        for key in ("k-1", "k-2"):
            monkeypatch.setenv("COHERE_API_KEY", key)
            dheera_ai.rerank("cohere/any", "moon", ["a"])
        assert server.authorizations == ["Bearer k-1", "Bearer k-2"]


class TestClients:
    def test_a_configuration_with_fallbacks_and_a_cache(self) -> None:
        config = {
            "model_list": [
                {
                    "model_name": "gone",
                    "dheera_ai_params": {"model": "hosted_vllm/m", "api_base": "http://127.0.0.1:9"},
                },
                *words["model_list"],
            ],
            "router_settings": {"fallbacks": [{"gone": ["words"]}], "num_retries": 0},
            "cache": {"type": "memory"},
        }
        with dheera_ai.Client(config) as client:
            assert client.models() == ["gone", "words"]
            assert client.rerank("gone", "moon", ["a sun", "a moon"]).model == "words"
            with pytest.raises(dheera_ai.APIConnectionError):
                client.rerank("gone", "moon", ["a"], disable_fallbacks=True)
            assert client.rerank("words", "moon", ["a sun", "a moon"]).results[0].index == 1

    def test_a_file(self, tmp_path: Path) -> None:
        path = tmp_path / "config.yaml"
        path.write_text("model_list:\n  - model_name: words\n    dheera_ai_params:\n      model: bm25/default\n")
        with dheera_ai.Client(path) as client, dheera_ai.Client(str(path)) as other:
            assert client.models() == other.models() == ["words"]

    @pytest.mark.parametrize("config", [{"model_list": [{"model_name": "m"}]}, "/nowhere/config.yaml"])
    def test_what_is_wrong_with_a_configuration_is_said_by_the_first_call(
        self, config: str | Mapping[str, object]
    ) -> None:
        with dheera_ai.Client(config) as client, pytest.raises(dheera_ai.BadRequestError):
            client.rerank("m", "moon", ["a"])

    def test_several_event_loops_and_threads_share_one(self) -> None:
        client = dheera_ai.AsyncClient(words)

        async def work() -> int:
            calls = [client.rerank("words", "moon", ["a sun", "a moon"]) for _ in range(5)]
            return sum(response.results[0].index for response in await asyncio.gather(*calls))

        assert [asyncio.run(work()) for _ in range(2)] == [5, 5]
        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(lambda _: asyncio.run(work()), range(4))) == [5] * 4
        assert asyncio.run(client.models()) == ["words"]
        asyncio.run(client.close())

    def test_the_synchronous_call_inside_a_coroutine(self) -> None:
        async def run() -> int:
            return dheera_ai.rerank("bm25/default", "moon", ["a sun", "a moon"]).results[0].index

        assert asyncio.run(run()) == 1


def test_a_call_after_close_starts_again() -> None:
    dheera_ai.close()
    assert len(dheera_ai.rerank("bm25/default", "moon", ["a"])) == 1
    asyncio.run(dheera_ai.aclose())
    assert len(dheera_ai.rerank("bm25/default", "moon", ["a"])) == 1


def test_an_import_brings_no_http_client_and_every_name_is_there() -> None:
    program = (
        "import sys, dheera_ai\n"
        "heavy = {'httpx', 'ssl', 'asyncio', 'pydantic', 'numpy'} & set(sys.modules)\n"
        "missing = [name for name in dheera_ai.__all__ if not hasattr(dheera_ai, name)]\n"
        "print(heavy or 'light', missing, sorted(set(dheera_ai.__all__) - set(dir(dheera_ai))))\n"
        "print(hasattr(dheera_ai, 'nothing'))\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "light [] []\nFalse\n"


def test_nothing_is_printed_where_nobody_set_up_logging() -> None:
    program = "import logging, dheera_ai\nfor name in ('', '.engine', '.proxy'):\n"
    program += "    logging.getLogger(f'dheera_ai{name}').warning('from a library')\n"
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert (said.stdout, said.stderr) == ("", "")
