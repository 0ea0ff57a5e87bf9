"""A proxy as part of a Python program."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from helpers import eventually, is_gone, program

import dheera_ai
from dheera_ai._errors import BadRequestError, EngineError
from dheera_ai._http import Remote
from dheera_ai._proxy import Proxy, proxy

_config: dict[str, Any] = {"model_list": [{"model_name": "mine", "dheera_ai_params": {"model": "bm25/default"}}]}


def pid_of(running: Proxy) -> int:
    assert running._child is not None
    return running._child.pid


def test_it_answers_in_a_with_block_and_is_gone_after_it() -> None:
    with proxy(_config) as running:
        ranking = dheera_ai.rerank("mine", "moon", ["the sun", "the moon"], api_base=running.url)
        assert ranking.results[0].index == 1
        pid = pid_of(running)
    assert is_gone(pid)
    with pytest.raises(EngineError, match="does not run"):
        _ = running.url


def test_it_answers_in_an_async_with_block() -> None:
    async def main() -> int:
        async with dheera_ai.proxy(_config) as running:
            ranking = await dheera_ai.arerank("mine", "moon", ["the sun", "the moon"], api_base=running.url)
            assert ranking.results[0].index == 1
            return pid_of(running)

    assert is_gone(asyncio.run(main()))


def test_it_is_started_and_stopped_by_hand_and_again(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    file.write_text(json.dumps(_config), encoding="utf-8")
    running = proxy(file)
    for _ in range(2):
        running.start()
        assert Remote(running.url).request("GET", "/health/liveliness").status == 200
        with pytest.raises(EngineError, match="runs already"):
            running.start()
        running.stop()
        running.stop()


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda config: {**config, "model_lists": []}, "did you mean model_list"),
        (lambda config: {"model_list": []}, "must hold at least one model"),
    ],
)
def test_a_wrong_configuration_is_said_in_the_commands_words(
    change: Callable[[dict[str, Any]], dict[str, Any]], expected: str
) -> None:
    with pytest.raises(BadRequestError, match=expected) as caught:
        proxy(change(_config)).start()
    assert caught.value.param == "config"


def test_a_port_that_is_taken_is_named() -> None:
    with proxy(_config) as running:
        port = int(running.url.rpartition(":")[2])
        with pytest.raises(EngineError, match="another program listens there"):
            proxy(_config, port).start()
    with pytest.raises(BadRequestError, match="port: must be 0 to 65535"):
        proxy(_config, 65_536)


def test_its_log_goes_to_a_logger(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "dheera_ai.proxy"), proxy(_config) as running:
        Remote(running.url).post("/rerank", b'{"model":"mine","query":"q","documents":["a"]}')
        eventually(lambda: any("/rerank" in record.message for record in caplog.records), "the line of the request")
    assert {record.name for record in caplog.records} == {"dheera_ai.proxy"}


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_it_ends_with_its_parent(number: int) -> None:
    source = f"""
        from dheera_ai._proxy import proxy
        with proxy({_config!r}) as running:
            if os.fork() == 0:
                import time
                time.sleep(600)
            tell([running._child.pid, os.getpid()])
            wait_for_a_word()
        """
    with program(source) as running:
        pid, _ = running.hear()
        running.signal(number)
        eventually(partial(is_gone, pid), "the end of the proxy")
        os.killpg(running.pid, signal.SIGKILL)


def test_a_program_that_forgets_to_stop_it_leaves_nothing() -> None:
    with program(f"from dheera_ai._proxy import proxy\ntell(proxy({_config!r}).start()._child.pid)") as running:
        pid = running.hear()
        assert running.finish() == (0, "", "")
        eventually(partial(is_gone, pid), "the end of the proxy")
