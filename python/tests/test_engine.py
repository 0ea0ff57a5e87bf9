"""The engine: started once, told of the environment, started again when it is lost, and gone without a trace."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from helpers import PATIENCE, Upstream, eventually, in_background, is_gone, program, ranking_of, run_program

import dheera_ai
from dheera_ai._engine import Engine, EngineStatus
from dheera_ai._errors import BadRequestError, EngineError, Timeout
from dheera_ai._http import Exchange, Remote
from dheera_ai._transport import Answer

_texts = ["the sun", "the moon"]
_bm25 = json.dumps({"model": "bm25/default", "query": "moon", "documents": _texts}).encode()


@pytest.fixture
def engine() -> Iterator[Engine]:
    made = Engine()
    yield made
    made.close()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream() as made:
        yield made


def body_for(upstream: Upstream) -> bytes:
    return json.dumps(
        {
            "model": "cohere/rerank-v3.5",
            "query": "a secret question",
            "documents": ["a secret document", "another"],
            "api_base": upstream.url,
            "api_key": "secret-key",
        }
    ).encode()


def pid_of(engine: Engine) -> int:
    pid = json.loads(engine.request("GET", "/health").body)["pid"]
    assert isinstance(pid, int)
    return pid


class TestStart:
    def test_threads_that_call_at_once_start_one_engine(self, engine: Engine) -> None:
        together = threading.Barrier(20)

        def call(_: int) -> int:
            together.wait()
            return pid_of(engine)

        with ThreadPoolExecutor(20) as pool:
            assert len(set(pool.map(call, range(20)))) == 1

    def test_event_loops_in_two_threads_share_it(self, engine: Engine) -> None:
        together = threading.Barrier(2)

        async def call() -> set[int]:
            together.wait()
            answers = await asyncio.gather(*(engine.arequest("GET", "/health") for _ in range(10)))
            return {json.loads(answer.body)["pid"] for answer in answers}

        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(lambda _: asyncio.run(call()), range(2))
        assert first == second
        assert len(first) == 1

    def test_the_event_loop_goes_on_while_it_starts(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        # A bundle that starts only when the loop, which waits for it, has written a file.
        from dheera_ai._node import bundle_path

        waiting, go, bundle = tmp_path / "waiting", tmp_path / "go", tmp_path / "bundle.mjs"
        bundle.write_text(
            f"""
            import {{ existsSync, writeFileSync }} from "node:fs";
            writeFileSync({json.dumps(str(waiting))}, "");
            while (!existsSync({json.dumps(str(go))})) await new Promise((resolve) => setTimeout(resolve, 5));
            await import({json.dumps("file://" + bundle_path())});
            """,
            encoding="utf-8",
        )
        monkeypatch.setenv("DHEERA_AI_BUNDLE", str(bundle))
        engine = Engine()

        async def call() -> int:
            asked = asyncio.create_task(engine.apost("/rerank", _bm25))
            await asyncio.to_thread(eventually, waiting.exists, "the start of the engine", of=[asked])
            go.touch()
            return (await asked).status

        try:
            assert asyncio.run(call()) == 200
        finally:
            engine.close()

    def test_a_cancelled_first_call_leaves_the_start_to_others(self, engine: Engine) -> None:
        async def call() -> int:
            first = asyncio.create_task(engine.apost("/rerank", _bm25))
            second = asyncio.create_task(engine.apost("/rerank", _bm25))
            await asyncio.sleep(0)
            first.cancel()
            with pytest.raises(asyncio.CancelledError):
                await first
            return (await second).status

        assert asyncio.run(call()) == 200

    def test_a_wrong_configuration_is_the_callers_error(self, tmp_path: Path) -> None:
        config = tmp_path / "config.yaml"
        config.write_text("model_lists: []\n", encoding="utf-8")
        engine = Engine(str(config))
        with pytest.raises(BadRequestError, match="did you mean model_list"):
            engine.post("/rerank", _bm25)
        # Mended, it starts.
        config.write_text("model_list: [{model_name: m, dheera_ai_params: {model: bm25/default}}]\n", encoding="utf-8")
        body = json.dumps({"model": "m", "query": "moon", "documents": _texts}).encode()
        assert engine.post("/rerank", body).status == 200
        engine.close()

    def test_a_missing_program_is_named(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DHEERA_AI_BUNDLE", str(tmp_path / "none.mjs"))
        with pytest.raises(EngineError, match=r"DHEERA_AI_BUNDLE.*does not exist"):
            Engine().post("/rerank", _bm25)

    def test_a_program_that_fails_is_quoted(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        bundle = tmp_path / "bundle.mjs"
        bundle.write_text('console.error("no room on this machine"); process.exit(7);', encoding="utf-8")
        monkeypatch.setenv("DHEERA_AI_BUNDLE", str(bundle))
        with pytest.raises(EngineError, match=r"exit code 7.*no room on this machine"):
            Engine().post("/rerank", _bm25)

    def test_a_long_path_for_temporary_files_does_not_matter(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
    ) -> None:
        long = tmp_path / ("x" * 100)
        long.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(long))
        assert engine.post("/rerank", _bm25).status == 200

    def test_only_this_user_may_open_its_folder_and_socket(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
    ) -> None:
        short = Path("/tmp", f"d{os.getpid()}")
        short.mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(short))
        try:
            engine.post("/rerank", _bm25)
            (folder,) = short.iterdir()
            assert folder.stat().st_mode & 0o777 == 0o700
            assert (folder / "engine.sock").stat().st_mode & 0o777 == 0o600
            engine.close()
            assert list(short.iterdir()) == []
        finally:
            short.rmdir()

    def test_folders_of_killed_processes_are_removed(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: Engine
    ) -> None:
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
        old, young, served = (tmp_path / f"dheera_ai-{name}" for name in ("old", "young", "not-a-folder"))
        old.mkdir()
        young.mkdir()
        served.touch()
        long_ago = time.time() - 3_600
        os.utime(old, (long_ago, long_ago))
        engine.post("/rerank", _bm25)
        assert not old.exists()
        assert young.exists()
        assert served.exists()

    def test_over_loopback_it_answers_nobody_without_the_key(
        self, monkeypatch: pytest.MonkeyPatch, engine: Engine
    ) -> None:
        # As on Windows.
        monkeypatch.setattr("dheera_ai._engine.running._over_loopback", True)
        assert engine.post("/rerank", _bm25).status == 200
        assert asyncio.run(engine.apost("/rerank", _bm25)).status == 200
        running = engine._supervisor.running
        assert running is not None
        url = running.exchange_of("POST", "/rerank", b"", {}, None).url
        assert url.startswith("http://127.0.0.1:")
        assert Remote(url).post("/rerank", _bm25).status == 401
        assert Remote(url, "x" * 64).post("/rerank", _bm25).status == 401


class TestEnvironment:
    def test_it_sees_the_environment_as_it_is_when_a_call_begins(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        body = json.dumps({"model": "cohere/rerank-v3.5", "query": "q", "documents": ["a", "b"]}).encode()
        with Upstream(at_once=True) as upstream:
            monkeypatch.setenv("COHERE_API_BASE", upstream.url)
            monkeypatch.setenv("COHERE_API_KEY", "first")
            assert engine.post("/rerank", body).status == 200
            pid = pid_of(engine)
            monkeypatch.setenv("COHERE_API_KEY", "second")
            assert engine.post("/rerank", body).status == 200
            monkeypatch.setenv("COHERE_API_KEY", "third")
            assert asyncio.run(engine.apost("/rerank", body)).status == 200
            sent = [arrival.headers["authorization"] for arrival in upstream.arrivals]
        assert sent == ["Bearer first", "Bearer second", "Bearer third"]
        assert pid_of(engine) == pid

    def test_threads_that_change_it_while_others_call_hurt_nobody(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("DHEERA_TEST_A", "0")

        def call(number: int) -> int:
            os.environ["DHEERA_TEST_A"] = str(number)
            os.environ.pop("DHEERA_TEST_A", None)
            return engine.post("/rerank", _bm25).status

        with ThreadPoolExecutor(8) as pool:
            assert set(pool.map(call, range(40))) == {200}


class TestLost:
    def test_a_killed_idle_engine_is_started_again(self, engine: Engine) -> None:
        pid = pid_of(engine)
        os.kill(pid, signal.SIGKILL)
        assert engine.post("/rerank", _bm25).status == 200
        assert pid_of(engine) != pid

    def test_a_call_under_way_is_tried_again(self, engine: Engine, upstream: Upstream) -> None:
        call = in_background(lambda: engine.post("/rerank", body_for(upstream)))
        upstream.arrival(of=[call])
        os.kill(pid_of(engine), signal.SIGKILL)
        second = upstream.arrival(1, of=[call])
        second.answer(200, ranking_of(second.body))
        assert call.result(PATIENCE).status == 200

    def test_a_coroutine_under_way_is_tried_again(self, engine: Engine, upstream: Upstream) -> None:
        async def call() -> int:
            asked = [asyncio.create_task(engine.apost("/rerank", body_for(upstream))) for _ in range(3)]
            await asyncio.to_thread(upstream.arrival, 2, of=asked)
            os.kill(await asyncio.to_thread(pid_of, engine), signal.SIGKILL)
            for number in (3, 4, 5):
                arrival = await asyncio.to_thread(upstream.arrival, number, of=asked)
                arrival.answer(200, ranking_of(arrival.body))
            return sum(answer.status == 200 for answer in await asyncio.gather(*asked))

        assert asyncio.run(call()) == 3

    def test_a_call_that_sees_the_loss_after_another_had_it_started_again_is_tried_again(
        self, engine: Engine, upstream: Upstream
    ) -> None:
        async def call() -> int:
            late = asyncio.create_task(engine.apost("/rerank", body_for(upstream)))
            await asyncio.to_thread(upstream.arrival, of=[late])
            early = in_background(lambda: engine.post("/rerank", body_for(upstream)))
            await asyncio.to_thread(upstream.arrival, 1, of=[late, early])
            os.kill(await asyncio.to_thread(pid_of, engine), signal.SIGKILL)
            upstream.at_once = True
            # Holds up the loop: the task hears of its connection when another engine runs already.
            assert early.result(PATIENCE).status == 200
            return (await late).status

        assert asyncio.run(call()) == 200

    def test_a_call_that_sees_the_loss_after_close_starts_no_other(self, engine: Engine, upstream: Upstream) -> None:
        async def call() -> None:
            late = asyncio.create_task(engine.apost("/rerank", body_for(upstream)))
            await asyncio.to_thread(upstream.arrival, of=[late])
            os.kill(await asyncio.to_thread(pid_of, engine), signal.SIGKILL)
            # Hold up the loop.
            engine.post("/rerank", _bm25)
            engine.close()
            with pytest.raises(EngineError, match="closed while this call was under way"):
                await late

        asyncio.run(call())
        assert engine._supervisor.running is None

    def test_a_connection_that_breaks_while_it_is_asked_has_it_asked_again(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine.post("/rerank", _bm25)
        running = engine._supervisor.running
        assert running is not None
        exchange, asked = running.connections.exchange, 0

        def exchange_while_another_call_loses_its_connection(sent: Exchange) -> Answer:
            nonlocal asked
            answer = exchange(sent)
            if sent.url.endswith("/health"):
                asked += 1
                if asked == 1:
                    running.doubt()
            return answer

        monkeypatch.setattr(running.connections, "exchange", exchange_while_another_call_loses_its_connection)
        running.doubt()
        assert engine.post("/rerank", _bm25).status == 200
        assert engine._supervisor.running is running
        assert asked == 2

    def test_a_call_that_loses_it_twice_says_so_and_the_next_one_works(
        self, engine: Engine, upstream: Upstream
    ) -> None:
        call = in_background(lambda: engine.post("/rerank", body_for(upstream)))
        for number in range(2):
            upstream.arrival(number, of=[call])
            os.kill(pid_of(engine), signal.SIGKILL)
        with pytest.raises(EngineError, match=r"lost 2 times.*killed by signal 9.*memory"):
            call.result(PATIENCE)
        assert len(upstream.arrivals) == 2
        assert engine.post("/rerank", _bm25).status == 200


class TestStatus:
    def test_it_starts_nothing_and_says_what_runs(self, engine: Engine) -> None:
        assert engine.status() == EngineStatus(running=False, pid=None, calls=0, starts=0, losses=0, last_loss=None)
        pid = pid_of(engine)
        assert engine.status() == EngineStatus(running=True, pid=pid, calls=0, starts=1, losses=0, last_loss=None)
        engine.close()
        assert engine.status() == EngineStatus(running=False, pid=None, calls=0, starts=1, losses=0, last_loss=None)

    def test_it_counts_calls_that_wait(self, engine: Engine, upstream: Upstream) -> None:
        call = in_background(lambda: engine.post("/rerank", body_for(upstream)))
        arrival = upstream.arrival(of=[call])
        assert engine.status().calls == 1
        arrival.answer(200, ranking_of(arrival.body))
        call.result(PATIENCE)
        assert engine.status().calls == 0

    def test_a_client_with_a_configuration_tells_of_its_own(self) -> None:
        config = {"model_list": [{"model_name": "words", "dheera_ai_params": {"model": "bm25/default"}}]}
        with dheera_ai.Client(config) as client:
            assert client.engine_status().starts == 0
            client.rerank("words", "moon", _texts)
            status = client.engine_status()
            assert (status.running, status.starts, status.calls) == (True, 1, 0)
            assert dheera_ai.engine_status().pid != status.pid
        assert dheera_ai.AsyncClient().engine_status() == dheera_ai.engine_status()
        with pytest.raises(RuntimeError, match="closed"):
            client.engine_status()

    def test_it_counts_losses_whether_or_not_a_call_has_seen_them(
        self, engine: Engine, caplog: pytest.LogCaptureFixture
    ) -> None:
        pid = pid_of(engine)
        os.kill(pid, signal.SIGKILL)
        eventually(lambda: not engine.status().running, "that it is seen to be gone")
        how = "it was killed by signal 9"
        assert engine.status() == EngineStatus(running=False, pid=None, calls=0, starts=1, losses=1, last_loss=how)
        with caplog.at_level(logging.WARNING, logger="dheera_ai.engine"):
            assert engine.post("/rerank", _bm25).status == 200
        assert f"the engine was lost ({how}), and is started again" in caplog.messages
        assert engine.status() == EngineStatus(
            running=True, pid=pid_of(engine), calls=0, starts=2, losses=1, last_loss=how
        )


class TestStop:
    def test_closing_ends_calls_under_way_and_a_later_call_starts_another(
        self, engine: Engine, upstream: Upstream
    ) -> None:
        call = in_background(lambda: engine.post("/rerank", body_for(upstream)))
        upstream.arrival(of=[call])
        pid = pid_of(engine)
        engine.close()
        assert is_gone(pid)
        with pytest.raises(EngineError, match="closed while this call was under way"):
            call.result(PATIENCE)
        assert engine.post("/rerank", _bm25).status == 200

    def test_closing_in_an_event_loop(self, engine: Engine) -> None:
        async def call() -> int:
            pid = int(json.loads((await engine.arequest("GET", "/health")).body)["pid"])
            await engine.aclose()
            return pid

        assert is_gone(asyncio.run(call()))

    def test_closing_ends_an_engine_that_starts(self, engine: Engine) -> None:
        call = in_background(lambda: engine.post("/rerank", _bm25))
        eventually(lambda: engine._supervisor._starting is not None or call.done(), "the start of the engine")
        engine.close()
        # The call may have been quicker.
        failure = call.exception(PATIENCE)
        assert failure is None or (isinstance(failure, EngineError) and "closed" in str(failure))

    def test_an_engine_ends_with_its_object(self) -> None:
        engine = Engine()
        pid = pid_of(engine)
        del engine
        gc.collect()
        assert is_gone(pid)

    def test_50_starts_leave_no_process_thread_file_or_folder(self, tmp_path: Path) -> None:
        output = run_program(
            """
            import asyncio, threading
            import dheera_ai

            def state():
                return len(os.listdir("/proc/self/fd")), threading.active_count(), os.listdir(os.environ["TMPDIR"])

            async def arank():
                await dheera_ai.arerank("bm25/default", "moon", ["the sun", "the moon"])
                if number % 2:
                    await dheera_ai.aclose()

            pids = set()
            for number in range(50):
                rank()
                pids.add(engine_pid())
                asyncio.run(arank())
                dheera_ai.close()
                if number == 0:
                    before = state()
            tell([before, state(), sorted(pids)])
            """,
            environment={"TMPDIR": str(tmp_path)},
        )
        before, after, pids = json.loads(output)
        assert after == before
        assert after[2] == []
        assert len(pids) == 50
        assert [pid for pid in pids if not is_gone(pid)] == []

    def test_a_thread_that_takes_its_time_to_end_is_waited_for(self) -> None:
        output = run_program(
            """
            import asyncio, threading, time
            import dheera_ai

            run_work = threading.Thread.run

            def run_and_linger(thread):
                run_work(thread)
                time.sleep(1)

            threading.Thread.run = run_and_linger

            async def arank():
                await dheera_ai.arerank("bm25/default", "moon", ["the sun", "the moon"])
                await dheera_ai.aclose()
                left.append([thread.name for thread in threading.enumerate()])

            left = []
            rank()
            dheera_ai.close()
            left.append([thread.name for thread in threading.enumerate()])
            asyncio.run(arank())
            tell(left)
            """
        )
        assert json.loads(output) == [["MainThread"], ["MainThread"]]


class TestSilence:
    def test_nothing_is_printed_and_no_warning_given(self) -> None:
        output = run_program(
            """
            import asyncio
            import dheera_ai

            async def arank():
                await asyncio.gather(*(dheera_ai.arerank("bm25/default", "q", ["a", "b"]) for _ in range(5)))

            rank()
            asyncio.run(arank())
            asyncio.run(arank())
            loop = asyncio.new_event_loop()
            loop.run_until_complete(arank())
            loop.run_until_complete(loop.shutdown_asyncgens())
            loop.close()
            import gc
            gc.collect()
            """
        )
        assert output == ""

    def test_what_the_engine_says_goes_to_a_logger(
        self, engine: Engine, upstream: Upstream, caplog: pytest.LogCaptureFixture
    ) -> None:
        with caplog.at_level(logging.DEBUG):
            call = in_background(lambda: engine.post("/rerank", body_for(upstream)))
            first = upstream.arrival(of=[call])
            upstream.at_once = True
            first.answer(503, {"message": "later"})
            assert call.result(PATIENCE).status == 200
            eventually(
                lambda: any(record.name == "dheera_ai.engine" for record in caplog.records),
                "a line of the engine's log",
            )
        assert any(record.name == "dheera_ai" and "/rerank: 200" in record.message for record in caplog.records)
        assert "secret" not in caplog.text


class TestCalls:
    def test_1000_coroutines_at_once_with_1024_files(self) -> None:
        output = run_program(
            """
            import asyncio, resource
            resource.setrlimit(resource.RLIMIT_NOFILE, (1024, 1024))
            import dheera_ai

            async def main():
                calls = (dheera_ai.arerank("bm25/default", "moon", ["the sun", "the moon"]) for _ in range(1_000))
                return [ranking.results[0].index for ranking in await asyncio.gather(*calls)]

            tell([sum(asyncio.run(main())), len({engine_pid()})])
            """
        )
        assert json.loads(output) == [1_000, 1]

    def test_a_cancelled_task_stops_the_upstream_call(self, engine: Engine, upstream: Upstream) -> None:
        async def call() -> None:
            task = asyncio.create_task(engine.apost("/rerank", body_for(upstream)))
            arrival = await asyncio.to_thread(upstream.arrival, of=[task])
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await asyncio.to_thread(arrival.gone.wait, PATIENCE)

        asyncio.run(call())
        assert engine.post("/rerank", _bm25).status == 200

    @pytest.mark.parametrize("of_loop", [False, True])
    def test_a_timeout_stops_the_upstream_call(self, engine: Engine, upstream: Upstream, of_loop: bool) -> None:
        pid_of(engine)
        body = body_for(upstream)

        def post(seconds: float) -> Answer:
            if of_loop:
                return asyncio.run(engine.apost("/rerank", body, timeout=seconds))
            return engine.post("/rerank", body, timeout=seconds)

        def call(seconds: float) -> None:
            with pytest.raises(Timeout, match="no answer in time"):
                post(seconds)

        assert upstream.arrival_of(call).gone.wait(PATIENCE)

    def test_ctrl_c_stops_the_upstream_call_and_leaves_the_engine(self, upstream: Upstream) -> None:
        source = """
            import dheera_ai
            tell(engine_pid())
            try:
                dheera_ai.rerank("cohere/x", "q", ["a", "b"], api_base=sys.argv[1], api_key="k")
            except KeyboardInterrupt:
                tell("interrupted")
            wait_for_a_word()
            tell([rank(), engine_pid()])
            """
        with program(source, upstream.url) as running:
            pid = running.hear()
            arrival = upstream.arrival(of=[running])
            running.signal_group(signal.SIGINT)
            assert running.hear() == "interrupted"
            assert arrival.gone.wait(PATIENCE)
            running.say("go on")
            assert running.hear() == [1, pid]
            assert running.finish() == (0, "", "")


class TestEnd:
    @pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGHUP])
    def test_it_ends_when_its_parent_is_killed(self, number: int) -> None:
        with program("rank(); tell(engine_pid()); wait_for_a_word()") as running:
            pid = running.hear()
            running.signal(number)
            eventually(lambda: is_gone(pid), "the end of the engine")

    def test_it_ends_when_its_parent_is_killed_while_it_works(self, upstream: Upstream) -> None:
        source = """
            import threading
            import dheera_ai
            tell(engine_pid())
            dheera_ai.rerank("cohere/x", "q", ["a", "b"], api_base=sys.argv[1], api_key="k")
            """
        with program(source, upstream.url) as running:
            pid = running.hear()
            arrival = upstream.arrival(of=[running])
            running.signal(signal.SIGKILL)
            eventually(lambda: is_gone(pid), "the end of the engine")
            assert arrival.gone.wait(PATIENCE)

    @pytest.mark.parametrize("end", ["", "sys.exit(0)", "os._exit(0)", "raise SystemExit"])
    def test_it_ends_with_its_parent(self, end: str, tmp_path: Path) -> None:
        output = run_program(f"rank()\ntell(engine_pid())\n{end}", environment={"TMPDIR": str(tmp_path)})
        eventually(lambda: is_gone(int(output)), "the end of the engine")
        if "_exit" not in end:
            assert list(tmp_path.iterdir()) == []

    def test_an_exception_of_the_program_is_all_that_is_said(self) -> None:
        with program("rank()\nraise ValueError('mine')") as running:
            code, _, error = running.finish()
        assert code == 1
        assert error.splitlines()[-1] == "ValueError: mine"
        assert "dheera_ai" not in error


def test_importing_the_package_loads_no_http_client() -> None:
    loaded = subprocess.run(
        [sys.executable, "-c", "import sys, dheera_ai; dheera_ai.rerank; print('httpx' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "False\n"
