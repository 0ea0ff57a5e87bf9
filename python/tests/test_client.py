"""Which way requests go, and what comes back, without an engine and without a network."""

from __future__ import annotations

import asyncio
import os
import stat
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from scripted_transport import Posted, ScriptedTransport, answer, ranking, refusal

import dheera_ai
from dheera_ai import _client
from dheera_ai._call import routing
from dheera_ai._configuration import ConfigurationFile
from dheera_ai._transport import Answer

documents = ["a", "b"]
base = "http://proxy.example:4000"


@dataclass
class World:
    """The engine, and every remote server by address and key."""

    engine: ScriptedTransport = field(default_factory=ScriptedTransport)
    remote: ScriptedTransport = field(default_factory=ScriptedTransport)
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    def remote_at(self, address: str, key: str | None) -> ScriptedTransport:
        self.asked.append((address, key))
        return self.remote


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    world = World()
    monkeypatch.setattr(_client, "default_engine", lambda: world.engine)
    monkeypatch.setattr(_client, "remote", world.remote_at)
    monkeypatch.setattr(routing, "_others", routing._Others())
    for name in ("DHEERA_AI_API_BASE", "DHEERA_AI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    return world


Options = dict[str, Any]


def call_rerank(options: Options) -> dheera_ai.RerankResponse[Any]:
    return dheera_ai.rerank(**options)


def call_arerank(options: Options) -> dheera_ai.RerankResponse[Any]:
    return asyncio.run(dheera_ai.arerank(**options))


def call_client(options: Options) -> dheera_ai.RerankResponse[Any]:
    with dheera_ai.Client() as client:
        return client.rerank(**options)


def call_async_client(options: Options) -> dheera_ai.RerankResponse[Any]:
    async def run() -> dheera_ai.RerankResponse[Any]:
        async with dheera_ai.AsyncClient() as client:
            return await client.rerank(**options)

    return asyncio.run(run())


Call = Callable[[Options], dheera_ai.RerankResponse[Any]]


@pytest.fixture(params=[call_rerank, call_arerank, call_client, call_async_client])
def call(request: pytest.FixtureRequest) -> Call:
    chosen: Call = request.param
    return chosen


def with_documents(**options: object) -> Options:
    return {"query": "q", "documents": documents, **options}


@pytest.mark.parametrize(
    ("options", "address", "key", "model"),
    [
        ({"model": "bge", "api_base": base}, base, None, "bge"),
        ({"model": "bge", "api_base": f" {base}/ ", "api_key": "sk-1"}, base, "sk-1", "bge"),
        ({"model": "bge", "api_base": f"{base}/v1"}, f"{base}/v1", None, "bge"),
        ({"model": "bge", "api_base": f"{base}/v2/rerank/"}, f"{base}/v2", None, "bge"),
        ({"model": "bge", "api_base": "HTTPS://Proxy.example/Team"}, "https://proxy.example/Team", None, "bge"),
        ({"model": "dheera_ai/bge", "api_base": base}, base, None, "bge"),
        ({"model": "dheera_ai/BAAI/bge", "api_base": base}, base, None, "BAAI/bge"),
        ({"model": "bge", "custom_llm_provider": "dheera_ai", "api_base": base}, base, None, "bge"),
    ],
)
def test_a_proxy_is_asked_without_the_engine(
    world: World, call: Call, options: Options, address: str, key: str | None, model: str
) -> None:
    response = call(with_documents(**options, top_n=1, timeout=2, extra_headers={"X-Team": "search"}))
    assert [result.index for result in response.results] == [0]
    assert world.asked == [(address, key)]
    (posted,) = world.remote.posted
    assert (posted.path, posted.headers, posted.timeout) == ("/rerank", {"x-team": "search"}, 2.5)
    # An address and a key are nothing that a proxy reads from a body.
    assert posted.body == {"model": model, "query": "q", "documents": documents, "top_n": 1, "timeout": 2}
    assert world.engine.posted == []


@pytest.mark.parametrize(
    "options",
    [
        {"model": "bm25/default"},
        {"model": "bge"},
        {"model": "dheera_ai/bge"},
        {"model": "dheera_ai/", "api_base": base},
        {"model": "", "api_base": base},
        {"model": None, "api_base": base},
        {"model": "huggingface/BAAI/bge", "api_base": base, "api_key": "hf_1"},
        {"model": "BAAI/bge", "api_base": base},
        {"model": "bge", "custom_llm_provider": "cohere", "api_base": base},
        {"model": "bge", "api_base": ""},
        {"model": "bge", "api_base": "proxy.example"},
        {"model": "bge", "api_base": "ftp://proxy.example"},
        {"model": "bge", "api_base": "http://user:pw@proxy.example"},
        {"model": "bge", "api_base": f"{base}?tenant=a"},
        {"model": "bge", "api_base": "http://proxy.example:port"},
        {"model": "bge", "api_base": "http://[::1"},
    ],
)
def test_everything_else_goes_to_the_engine_as_it_was_given(world: World, call: Call, options: Options) -> None:
    call(with_documents(**options))
    (posted,) = world.engine.posted
    expected = {"query": "q", "documents": documents, **options}
    provider = expected.pop("custom_llm_provider", None)
    if provider is not None:
        expected["model"] = f"{provider}/{options['model']}"
    assert posted.body == {name: value for name, value in expected.items() if value is not None}
    assert (posted.path, posted.headers, posted.timeout) == ("/rerank", {}, None)
    assert world.asked == []


def test_the_environment_names_the_proxy_of_dheera_ai_models(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DHEERA_AI_API_BASE", f"{base}/")
    monkeypatch.setenv("DHEERA_AI_API_KEY", "sk-env")
    for options in (
        {"model": "dheera_ai/bge"},
        {"model": "dheera_ai/bge", "api_key": "sk-1"},
        {"model": "dheera_ai/bge", "api_base": base},
        # The key of the environment goes nowhere else.
        {"model": "dheera_ai/bge", "api_base": "http://other.example"},
        {"model": "bge", "api_base": base},
    ):
        call_rerank(with_documents(**options))
    assert world.asked == [
        (base, "sk-env"),
        (base, "sk-1"),
        (base, "sk-env"),
        ("http://other.example", None),
        (base, None),
    ]
    call_rerank(with_documents(model="bge"))
    assert len(world.engine.posted) == 1


class TestAnotherServerAtTheAddress:
    @pytest.mark.parametrize("status", [200, 301, 400, 404, 422])
    def test_it_is_asked_by_the_engine_and_next_time_by_the_engine_alone(
        self, world: World, call: Call, status: int
    ) -> None:
        world.remote.reply = lambda posted: answer(ranking(posted.body), status, {"server": "other"})
        for _ in range(2):
            response = call(with_documents(model="bge", api_base=base, api_key="sk-1"))
            assert len(response.results) == 2
        assert len(world.remote.posted) == 1
        assert len(world.engine.posted) == 2
        expected = {"model": "bge", "query": "q", "documents": documents, "api_base": base, "api_key": "sk-1"}
        assert world.engine.posted[0].body == expected

    @pytest.mark.parametrize("status", [401, 403, 429, 502, 503])
    def test_what_may_stand_before_a_proxy_is_not_remembered(self, world: World, status: int) -> None:
        world.remote.reply = lambda _: answer(b"<html>", status, {})
        for _ in range(2):
            call_rerank(with_documents(model="bge", api_base=base))
        assert (len(world.remote.posted), len(world.engine.posted)) == (2, 2)

    def test_it_is_tried_again_after_ten_minutes(self, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
        now = 1_000.0
        monkeypatch.setattr(time, "monotonic", lambda: now)
        world.remote.reply = lambda _: answer(b"", 404, {})
        call_rerank(with_documents(model="bge", api_base=base))
        now += 599
        call_rerank(with_documents(model="bge", api_base=base))
        assert len(world.remote.posted) == 1
        now += 2
        call_rerank(with_documents(model="bge", api_base=base))
        assert len(world.remote.posted) == 2

    def test_no_more_than_256_addresses_are_remembered(self, world: World) -> None:
        world.remote.reply = lambda _: answer(b"", 404, {})
        for number in range(257):
            call_rerank(with_documents(model="bge", api_base=f"http://h{number}"))
        for number in (0, 256):
            call_rerank(with_documents(model="bge", api_base=f"http://h{number}"))
        assert len(world.remote.posted) == 258

    def test_headers_are_not_dropped_in_silence(self, world: World, call: Call) -> None:
        world.remote.reply = lambda _: answer(b"", 404, {})
        for options in ({"model": "bge", "api_base": base}, {"model": "bm25/default"}):
            with pytest.raises(dheera_ai.BadRequestError, match="only a Dheera AI proxy") as caught:
                call(with_documents(**options, headers={"x-team": "search"}))
            assert caught.value.param == "extra_headers"
        assert world.engine.posted == []


class TestErrorsOfAProxy:
    def test_they_are_raised_without_the_engine(self, world: World, call: Call) -> None:
        world.remote.reply = lambda _: refusal(429, "rate_limited", "used up", retry_after="7")
        with pytest.raises(dheera_ai.RateLimitError, match="used up") as caught:
            call(with_documents(model="bge", api_base=base, api_key="sk-1"))
        assert (caught.value.retry_after, caught.value.call_id) == (7, "call-1")
        assert world.engine.posted == []

    @pytest.mark.parametrize(
        ("reply", "key"),
        [
            (refusal(413, "request_too_large"), "sk-1"),
            (refusal(400, "invalid_request", "documents: 2 are more than the 1 allowed", "documents"), "sk-1"),
            (refusal(401, "unauthenticated"), None),
        ],
    )
    def test_the_engine_splits_what_is_too_large_and_knows_keys_of_the_environment(
        self, world: World, reply: Answer, key: str | None
    ) -> None:
        world.remote.reply = lambda _: reply
        assert len(call_rerank(with_documents(model="bge", api_base=base, api_key=key))) == 2
        assert len(world.engine.posted) == 1

    @pytest.mark.parametrize(
        ("reply", "key"),
        [
            (refusal(400, "invalid_request", "query: must not be empty", "query"), "sk-1"),
            (refusal(401, "unauthenticated"), "sk-1"),
            (refusal(503, "provider_overloaded"), None),
        ],
    )
    def test_what_would_be_refused_again_is_not_asked_again(self, world: World, reply: Answer, key: str | None) -> None:
        world.remote.reply = lambda _: reply
        with pytest.raises(dheera_ai.DheeraError):
            call_rerank(with_documents(model="bge", api_base=base, api_key=key))
        assert world.engine.posted == []

    def test_an_answer_that_is_no_ranking_is_an_error(self, world: World, call: Call) -> None:
        world.remote.reply = lambda _: answer({"results": [{"index": 9, "relevance_score": 1}]})
        with pytest.raises(dheera_ai.APIError, match="the server's answer"):
            call(with_documents(model="bge", api_base=base))


class TestTheEngine:
    def test_its_errors_are_raised(self, world: World, call: Call) -> None:
        world.engine.reply = lambda _: refusal(422, "provider_rejected", "no", "documents[1]")
        with pytest.raises(dheera_ai.UnprocessableEntityError) as caught:
            call(with_documents(model="bm25/default"))
        assert caught.value.param == "documents[1]"

    @pytest.mark.parametrize(("timeout", "waited"), [(2, 7.0), ("2", 7.0), (None, None), (-1, None)])
    def test_it_has_time_to_say_why_the_timeout_passed(
        self, world: World, timeout: object, waited: float | None
    ) -> None:
        call_rerank(with_documents(model="bm25/default", timeout=timeout))
        assert world.engine.posted[0].timeout == waited

    def test_a_proxy_without_a_timeout_has_that_of_the_documentation(self, world: World) -> None:
        call_rerank(with_documents(model="bge", api_base=base))
        assert world.remote.posted[0].timeout == 600.5

    def test_a_generator_is_consumed_once_on_both_ways(self, world: World) -> None:
        world.remote.reply = lambda _: answer(b"", 404, {})
        call_rerank({"model": "bge", "query": "q", "documents": (text for text in documents), "api_base": base})
        assert world.remote.posted[0].body["documents"] == world.engine.posted[0].body["documents"] == documents


def test_arguments_by_position(world: World) -> None:
    dheera_ai.rerank("bm25/default", "q", documents, 1)
    assert world.engine.posted[0].body == {"model": "bm25/default", "query": "q", "documents": documents, "top_n": 1}


class TestClientsWithAServer:
    def test_their_defaults_serve_requests_that_name_none(self, world: World) -> None:
        client = dheera_ai.Client(api_base=base, api_key="sk-1", timeout=3)
        client.rerank("bge", "q", documents)
        client.rerank("bge", "q", documents, api_key="sk-2", timeout=4)
        assert world.asked == [(base, "sk-1"), (base, "sk-2")]
        assert [posted.timeout for posted in world.remote.posted] == [3.5, 4.5]
        assert [posted.body["timeout"] for posted in world.remote.posted] == [3, 4]

    def test_their_key_goes_to_no_other_address(self, world: World) -> None:
        client = dheera_ai.Client(api_base=base, api_key="sk-1")
        client.rerank("bge", "q", documents, api_base="http://other.example")
        client.rerank("huggingface/bge", "q", documents, api_base="http://other.example")
        assert world.asked == [("http://other.example", None)]
        assert "api_key" not in world.engine.posted[0].body

    def test_a_key_alone_serves_every_request(self, world: World) -> None:
        dheera_ai.Client(api_key="hf_1").rerank("huggingface/bge", "q", documents)
        assert world.engine.posted[0].body["api_key"] == "hf_1"

    def test_models_need_someone_who_knows_them(self) -> None:
        with pytest.raises(ValueError, match="give the client config or api_base"):
            dheera_ai.Client().models()


class TestClosedClients:
    def test_they_take_no_more_requests(self, world: World) -> None:
        client = dheera_ai.Client()
        client.close()
        client.close()
        with pytest.raises(RuntimeError, match="the client is closed"):
            client.rerank("bm25/default", "q", documents)

        async def use_closed() -> None:
            async with dheera_ai.AsyncClient() as closed:
                pass
            await closed.aclose()
            await closed.rerank("bm25/default", "q", documents)

        with pytest.raises(RuntimeError, match="the client is closed"):
            asyncio.run(use_closed())
        assert world.engine.posted == []


class TestConfigurations:
    def test_a_dict_is_a_file_that_only_this_user_reads_and_that_goes_with_the_client(self) -> None:
        file = ConfigurationFile({"model_list": [], "general_settings": {"master_key": "sk-é"}})
        path = Path(file.path())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        assert path.read_text() == '{"model_list": [], "general_settings": {"master_key": "sk-\\u00e9"}}'
        file.remove()
        assert not path.parent.exists()

    def test_a_file_that_is_gone_is_written_again(self) -> None:
        file = ConfigurationFile({"model_list": []})
        os.unlink(file.path())
        assert Path(file.path()).read_text() == '{"model_list": []}'
        file.remove()

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="only where processes fork")
    def test_a_forked_process_has_a_file_of_its_own(self) -> None:
        file = ConfigurationFile({"model_list": []})
        path = file.path()
        child = os.fork()
        if child == 0:
            # What the parent still needs stays.
            file.remove()
            own = file.path()
            is_right = own != path and Path(own).exists()
            file.remove()
            os._exit(0 if is_right and not Path(own).exists() else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert file.path() == path
        assert Path(path).exists()
        file.remove()

    def test_a_path_is_found_from_every_folder(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        file = ConfigurationFile("config.yaml")
        monkeypatch.chdir("/")
        assert file.path() == str(tmp_path / "config.yaml")
        file.remove()

    @pytest.mark.parametrize("config", [7, ["a"], {"a": object()}, {"a": float("nan")}, {("a",): 1}])
    def test_what_is_no_configuration_is_refused(self, config: object) -> None:
        options: Options = {"config": config}
        with pytest.raises(dheera_ai.BadRequestError, match="config: must") as caught:
            dheera_ai.Client(**options)
        assert caught.value.param == "config"

    def test_a_configuration_has_its_own_addresses(self) -> None:
        with pytest.raises(ValueError, match="give either config, or api_base and api_key"):
            dheera_ai.Client({"model_list": []}, api_base=base)


def test_threads_share_a_client(world: World) -> None:
    client = dheera_ai.Client(api_base=base)
    together = threading.Barrier(8)
    counts: list[int] = []

    def work() -> None:
        together.wait()
        counts.extend(len(client.rerank("bge", "q", documents)) for _ in range(20))

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 160


def test_a_cancelled_task_closes_what_it_began(world: World) -> None:
    began = asyncio.Event()
    ended: list[str] = []

    class Endless(ScriptedTransport):
        async def apost(self, *_: object, **__: object) -> Answer:
            began.set()
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ended.append("cancelled")
                raise
            raise AssertionError

    world.engine = Endless()

    async def run() -> None:
        task = asyncio.create_task(dheera_ai.arerank("bm25/default", "q", documents))
        await began.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(run())
    assert ended == ["cancelled"]


def test_an_interrupt_comes_through(world: World) -> None:
    def interrupt(_: Posted) -> Answer:
        raise KeyboardInterrupt

    world.engine.reply = interrupt
    with pytest.raises(KeyboardInterrupt):
        dheera_ai.rerank("bm25/default", "q", documents)
