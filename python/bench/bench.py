"""What it costs to call from Python: prints one table.

    pnpm bench:python

builds the wheel, installs it into a virtual environment of its own and runs this. Everything ranks with BM25, so that
no upstream is in the figures. Calls that are compared take turns, and what is shown is a median. Linux only.
"""

# ruff: noqa: RUF001
from __future__ import annotations

import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import httpx

import dheera_ai

QUERY = "What is the capital of the United States?"
SMALL = [f"{number}. Washington, D.C. is the capital of the United States, Saipan is not." for number in range(4)]
LARGE = [
    f"{number}. {'the capital of the states is where people of the island meet ' * 20}"[:1000]
    for number in range(10_000)
]
MODEL = "bm25"
CONFIG = f"model_list: [{{ model_name: {MODEL}, dheera_ai_params: {{ model: bm25/default }} }}]\n"


def main() -> None:
    print(f"{platform.platform()}, Python {platform.python_version()}, load {os.getloadavg()[0]:.1f} at the start\n")
    print("| what | measured | goal |\n|---|---:|---:|")
    starts()
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yaml")
        config.write_text(CONFIG)
        with dheera_ai.proxy(config) as proxy:
            waiting_calls(proxy.url)
            asyncio.run(coroutines(proxy.url))
    many_documents()
    memory("engine", "the engine after that")
    print(f"\nload {os.getloadavg()[0]:.1f} at the end")


def row(what: str, measured: str, goal: str = "") -> None:
    print(f"| {what} | {measured} | {goal} |", flush=True)


def starts() -> None:
    """A first import and a first call, in processes of their own."""
    code = (
        "import time; begun = time.perf_counter(); import dheera_ai; imported = time.perf_counter();"
        f"dheera_ai.rerank('bm25/default', {QUERY!r}, {SMALL!r}); called = time.perf_counter();"
        "import json; print(json.dumps([imported - begun, called - imported]))"
    )
    outcomes = [json.loads(subprocess.check_output([sys.executable, "-c", code], text=True)) for _ in range(11)]
    imports, calls = zip(*outcomes, strict=True)
    row("`import dheera_ai`", milliseconds(imports))
    row(
        "first call, with the engine's start (11 processes, the slowest)",
        f"{milliseconds(calls)} ({max(calls) * 1e3:.0f})",
        "≤ 500 ms",
    )


def waiting_calls(url: str) -> None:
    """Four documents of 80 bytes, one call at a time."""
    body = {"model": MODEL, "query": QUERY, "documents": SMALL}
    with httpx.Client() as client:
        taken = take_turns(
            {
                "httpx": lambda: client.post(f"{url}/rerank", json=body).raise_for_status().json(),
                "direct": lambda: dheera_ai.rerank(MODEL, QUERY, SMALL, api_base=url, api_key="sk-1"),
                "engine": lambda: dheera_ai.rerank("bm25/default", QUERY, SMALL),
            },
            rounds=1_000,
        )
    row("httpx to a proxy, 4 × 80 B", milliseconds(taken["httpx"]))
    row("`rerank` to the same proxy, more than that", more(taken["direct"], taken["httpx"]), "≤ 1.5 ms")
    row("`rerank` through the engine, more than that", more(taken["engine"], taken["httpx"]), "≤ 1.5 ms")


async def coroutines(url: str) -> None:
    """The same from one event loop: one call at a time, then a thousand."""
    body = {"model": MODEL, "query": QUERY, "documents": SMALL}
    # With more calls than its hundred connections at one time, httpx itself takes minutes for a thousand.
    places = asyncio.Semaphore(100)
    async with httpx.AsyncClient(timeout=60) as client:

        async def bare() -> object:
            async with places:
                return (await client.post(f"{url}/rerank", json=body)).raise_for_status().json()

        async def direct() -> object:
            return await dheera_ai.arerank(MODEL, QUERY, SMALL, api_base=url, api_key="sk-1")

        async def engine() -> object:
            return await dheera_ai.arerank("bm25/default", QUERY, SMALL)

        calls: dict[str, Callable[[], Awaitable[object]]] = {"httpx": bare, "direct": direct, "engine": engine}
        alone: dict[str, list[float]] = {name: [] for name in calls}
        crowd: dict[str, list[float]] = {name: [] for name in calls}
        for _ in range(500):
            for name, call in calls.items():
                alone[name].append(await timed(call()))
        for _ in range(3):
            for name, call in calls.items():
                crowd[name].append(await timed(asyncio.gather(*(call() for _ in range(1_000)))))
    row("`arerank` to the same proxy, more than httpx", more(alone["direct"], alone["httpx"]), "≤ 1.5 ms")
    row("`arerank` through the engine, more than httpx to the proxy", more(alone["engine"], alone["httpx"]), "≤ 1.5 ms")
    row("1,000 calls at one time, httpx to a proxy, 100 of them in flight", milliseconds(crowd["httpx"]))
    row("1,000 `arerank` at one time, to the same proxy", milliseconds(crowd["direct"]))
    row("1,000 `arerank` at one time, through the engine", milliseconds(crowd["engine"]))
    memory("engine", "the engine after these calls")
    memory("--config", "the proxy after these calls")
    # The loop's connections end with it, and the engine too: the next call starts another.
    await dheera_ai.aclose()


def many_documents() -> None:
    """10,000 documents of 1 kB, against the TypeScript library in a process of its own."""
    node, script = os.environ["BENCH_NODE"], str(Path(__file__).with_name("library.ts"))
    with subprocess.Popen(
        [node, "-C", "source", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as library:
        assert library.stdin is not None
        assert library.stdout is not None
        print(json.dumps({"query": QUERY, "documents": LARGE}), file=library.stdin, flush=True)
        taken: dict[str, list[float]] = {"library": [], "engine": []}
        for _ in range(6):
            print("rerank", file=library.stdin, flush=True)
            taken["library"].append(float(library.stdout.readline()))
            begun = time.perf_counter()
            dheera_ai.rerank("bm25/default", QUERY, LARGE)
            taken["engine"].append(time.perf_counter() - begun)
        library.stdin.close()
    # The first call of each compiles.
    ratios = [engine / library for engine, library in zip(taken["engine"][1:], taken["library"][1:], strict=True)]
    row("10,000 × 1 kB, the TypeScript library", milliseconds(taken["library"][1:]))
    row("10,000 × 1 kB, `rerank`", milliseconds(taken["engine"][1:]))
    row("the ratio of both", f"{statistics.median(ratios):.2f} ×", "≤ 2 ×")


def memory(argument: str, what: str) -> None:
    """Of the child of this process that was started with an argument."""
    for children in Path("/proc/self/task").glob("*/children"):
        for pid in children.read_text().split():
            if argument in Path("/proc", pid, "cmdline").read_text().split("\0"):
                status = dict(line.split(":", 1) for line in Path("/proc", pid, "status").read_text().splitlines())
                row(f"memory of {what}", f"{int(status['VmRSS'].split()[0]) / 1024:.0f} MiB")


def take_turns(calls: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Seconds of each call, by name; the first tenth warms up and does not count."""
    taken: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            begun = time.perf_counter()
            call()
            taken[name].append(time.perf_counter() - begun)
    return {name: times[rounds // 10 :] for name, times in taken.items()}


async def timed(call: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await call
    return time.perf_counter() - begun


def milliseconds(times: tuple[float, ...] | list[float]) -> str:
    return f"{statistics.median(times) * 1e3:.2f} ms"


def more(times: list[float], bare: list[float]) -> str:
    """The median of the differences within a round."""
    return f"{statistics.median(one - other for one, other in zip(times, bare, strict=True)) * 1e3:+.2f} ms"


if __name__ == "__main__":
    main()
