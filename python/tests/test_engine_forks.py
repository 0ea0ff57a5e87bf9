"""Forked processes: each has an engine of its own, and none touches its parent's."""

from __future__ import annotations

import json
import os
import signal
from functools import partial
from pathlib import Path

import pytest
from helpers import PATIENCE, Upstream, eventually, is_gone, program, run_program


def test_children_forked_in_a_thread_pool_have_engines_of_their_own() -> None:
    output = run_program(
        """
        from concurrent.futures import ThreadPoolExecutor

        def fork_and_rank(_):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(writing, f"{rank()} {engine_pid()}".encode())
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading) as answer:
                said = answer.read().split()
            os.waitpid(child, 0)
            return int(said[0]), int(said[1])

        def rank_often(_):
            return [rank() for _ in range(20)]

        rank()
        own = engine_pid()
        with ThreadPoolExecutor(4) as busy, ThreadPoolExecutor(3) as pool:
            working = busy.map(rank_often, range(4))
            children = list(pool.map(fork_and_rank, range(6)))
            indexes = {index for indexes in working for index in indexes}
        tell([own, children, sorted(indexes), engine_pid()])
        """
    )
    own, children, indexes, after = json.loads(output)
    assert own == after
    assert indexes == [1]
    assert [index for index, _ in children] == [1] * 6
    pids = {pid for _, pid in children}
    assert len(pids | {own}) == 7
    for pid in pids:
        eventually(partial(is_gone, pid), "the end of a child's engine")


def test_a_connection_imports_nothing_that_a_fork_could_cut_in_two() -> None:
    output = run_program(
        """
        import ssl
        from dheera_ai._processes.forks import import_http_client

        import_http_client()
        import httpx

        before = set(sys.modules)
        httpx.HTTPTransport(verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)
        tell(sorted(set(sys.modules) - before))
        """
    )
    assert json.loads(output) == []


def test_children_forked_while_an_engine_starts_and_stops() -> None:
    output = run_program(
        """
        import threading
        import dheera_ai

        stop = threading.Event()
        pids = []

        def start_and_stop():
            while not stop.is_set():
                rank()
                pids.append(engine_pid())
                dheera_ai.close()

        working = threading.Thread(target=start_and_stop)
        working.start()
        indexes = []
        for _ in range(10):
            reading, writing = os.pipe()
            child = os.fork()
            if child == 0:
                os.write(writing, str(rank()).encode())
                os._exit(0)
            os.close(writing)
            with os.fdopen(reading) as answer:
                indexes.append(int(answer.read()))
            os.waitpid(child, 0)
        stop.set()
        working.join()
        tell([indexes, pids])
        """
    )
    indexes, pids = json.loads(output)
    assert indexes == [1] * 10
    assert [pid for pid in pids if not is_gone(pid)] == []


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_multiprocessing(method: str, tmp_path: Path) -> None:
    module = tmp_path / "work.py"
    module.write_text(
        """
import json, os, sys
import multiprocessing
import dheera_ai
from dheera_ai._engine import default_engine

def work(_):
    ranking = dheera_ai.rerank("bm25/default", "moon", ["the sun", "the moon"])
    pid = json.loads(default_engine().request("GET", "/health").body)["pid"]
    return ranking.results[0].index, pid, os.getpid()

if __name__ == "__main__":
    own = work(0)
    with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
        results = pool.map(work, range(8), chunksize=1)
        pool.close()
        pool.join()
    print(json.dumps([own, results, work(0)]))
""",
        encoding="utf-8",
    )
    folder = Path("/tmp", f"d{os.getpid()}{method}")
    folder.mkdir()
    try:
        output = run_program(
            f"os.execv(sys.executable, [sys.executable, '-W', 'error', {str(module)!r}, {method!r}])",
            environment={"TMPDIR": str(folder)},
        )
        own, results, after = json.loads(output)
        assert own == after
        assert {index for index, _, _ in results} == {1}
        # One engine for each process that worked.
        engine_of = {process: engine for _, engine, process in results}
        assert {engine for _, engine, _ in results} == set(engine_of.values())
        assert own[1] not in engine_of.values()
        for engine in (own[1], *engine_of.values()):
            eventually(partial(is_gone, engine), "the end of an engine")
        assert [name for name in os.listdir(folder) if name.startswith("dheera_ai-")] == []
    finally:
        for left in folder.iterdir():
            left.rmdir() if left.is_dir() else left.unlink()
        folder.rmdir()


@pytest.mark.parametrize("end", ["os._exit(0)", "sys.exit(0)", "os.kill(os.getpid(), 9)"])
@pytest.mark.parametrize("calls", [False, True])
def test_the_end_of_a_child_leaves_the_parents_engine(end: str, calls: bool) -> None:
    output = run_program(
        f"""
        rank()
        own = engine_pid()
        child = os.fork()
        if child == 0:
            if {calls}:
                rank()
            {end}
        os.waitpid(child, 0)
        tell([rank(), own, engine_pid()])
        """
    )
    index, before, after = json.loads(output)
    assert index == 1
    assert before == after


def test_the_engine_ends_with_its_parent_while_a_child_lives() -> None:
    source = """
        rank()
        own = engine_pid()
        if os.fork() == 0:
            tell([own, os.getpid()])
            import time
            time.sleep(600)
        os.waitpid(-1, 0)
        """
    with program(source) as running:
        engine, child = running.hear()
        try:
            running.signal(signal.SIGKILL)
            eventually(lambda: is_gone(engine), "the end of the engine")
            assert not is_gone(child)
        finally:
            os.kill(child, signal.SIGKILL)


def test_a_child_holds_no_pipe_and_no_socket_of_its_parent() -> None:
    output = run_program(
        """
        import asyncio
        import dheera_ai

        def link_of(name):
            try:
                return os.readlink(f"/proc/self/fd/{name}")
            except FileNotFoundError:
                return "the folder itself"

        def special():
            links = [link_of(name) for name in os.listdir("/proc/self/fd") if int(name) > 2]
            return sorted(link.partition(":")[0] for link in links if link.startswith(("socket:", "pipe:")))

        rank()
        async def main():
            await asyncio.gather(*(dheera_ai.arerank("bm25/default", "q", ["a", "b"]) for _ in range(5)))
            loop = len(special())
            child = os.fork()
            if child == 0:
                # The loop's own two sockets are the loop's.
                tell(special())
                os._exit(0)
            os.waitpid(child, 0)
            tell(loop)
        asyncio.run(main())
        tell(rank())
        """
    )
    of_child, of_parent, index = (json.loads(line) for line in output.splitlines())
    assert of_child == ["socket", "socket"]
    # Three pipes, and a connection for threads and some for coroutines.
    assert of_parent >= 7
    assert index == 1


def test_a_child_that_lives_does_not_keep_an_interrupted_call_going() -> None:
    source = """
        import threading
        import dheera_ai

        def fork():
            wait_for_a_word()
            child = os.fork()
            if child == 0:
                import time
                time.sleep(600)
            tell(child)

        threading.Thread(target=fork, daemon=True).start()
        try:
            dheera_ai.rerank("cohere/x", "q", ["a", "b"], api_base=sys.argv[1], api_key="k")
        except KeyboardInterrupt:
            tell("interrupted")
        import time
        time.sleep(600)
        """
    with Upstream() as upstream, program(source, upstream.url) as running:
        arrival = upstream.arrival(of=[running])
        running.say("fork")
        child = running.hear()
        try:
            running.signal(signal.SIGINT)
            assert running.hear() == "interrupted"
            assert arrival.gone.wait(PATIENCE)
        finally:
            os.kill(child, signal.SIGKILL)


def test_workers_of_a_server_that_forks_before_it_serves() -> None:
    source = """
        rank()
        children = []
        for _ in range(3):
            child = os.fork()
            if child == 0:
                # A worker forks in its turn, as some servers do when they replace one.
                grandchild = os.fork()
                if grandchild == 0:
                    tell([rank(), engine_pid()])
                    wait_for_a_word()
                    os._exit(0)
                tell([rank(), engine_pid()])
                os.waitpid(grandchild, 0)
                os._exit(0)
            children.append(child)
        tell([rank(), engine_pid()])
        for child in children:
            os.waitpid(child, 0)
        """
    with program(source) as running:
        told = [running.hear() for _ in range(7)]
        assert [index for index, _ in told] == [1] * 7
        pids = {pid for _, pid in told}
        assert len(pids) == 7
        running.signal_group(signal.SIGKILL)
        for pid in pids:
            eventually(partial(is_gone, pid), "the end of an engine")
