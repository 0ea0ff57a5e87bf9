"""What the other tests rely on: waiting ends with the work that is waited for, and servers end with their test."""

from __future__ import annotations

import asyncio
import socket
import threading
from concurrent.futures import Future

import pytest
from helpers import Upstream, eventually, in_background, program


def _never() -> bool:
    return False


class TestEventually:
    def test_the_error_of_one_call_ends_the_wait_for_all(self) -> None:
        running: Future[int] = Future()
        failed: Future[int] = Future()
        failed.set_exception(ValueError("its own error"))
        with pytest.raises(ValueError, match="its own error"):
            eventually(_never, "what both bring", of=[running, failed])

    def test_so_does_that_of_a_task(self) -> None:
        async def fail() -> None:
            raise ValueError("its own error")

        async def wait() -> None:
            failing = asyncio.create_task(fail())
            await asyncio.to_thread(eventually, _never, "what it brings", of=[failing])

        with pytest.raises(ValueError, match="its own error"):
            asyncio.run(wait())

    def test_nothing_is_waited_for_when_all_work_has_ended(self) -> None:
        done: Future[int] = Future()
        done.set_result(7)
        with pytest.raises(AssertionError, match=r"what it brings; all work for it has ended: \[7\]"):
            eventually(_never, "what it brings", of=[done])

    def test_nor_when_a_program_has_ended_and_what_it_said_is_told(self) -> None:
        with program("sys.exit('no room')") as running, pytest.raises(AssertionError, match="no room"):
            eventually(_never, "what it brings", of=[running])

    def test_what_came_about_before_the_end_counts(self) -> None:
        failed: Future[int] = Future()
        failed.set_exception(ValueError("later"))
        eventually(lambda: True, "what it brought", of=[failed])


def test_a_closed_upstream_leaves_no_thread_and_accepts_nobody() -> None:
    before = set(threading.enumerate())
    with Upstream() as upstream:
        port = int(upstream.url.rpartition(":")[2])
        client = socket.create_connection(("127.0.0.1", port))
        client.sendall(b"POST /rerank HTTP/1.1\r\ncontent-length: 2\r\n\r\n{}")
        asked = in_background(lambda: client.recv(1))
        upstream.arrival(of=[asked])
    # Closed also for a client whose request was held.
    assert asked.result() == b""
    client.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    eventually(lambda: set(threading.enumerate()) <= before, "the end of the threads")
