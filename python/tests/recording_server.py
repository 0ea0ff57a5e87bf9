"""A server on loopback that answers as a Dheera AI proxy does, and keeps what it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any


@dataclass
class Asked:
    """One request."""

    path: str
    authorization: str | None
    body: dict[str, Any]


@dataclass
class RecordingServer:
    """``url`` is an ``api_base``."""

    url: str
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def recording_server() -> Iterator[RecordingServer]:
    """Rank the documents of each request in reverse: the last one scores 1, the one before it 1/2, then 1/3."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            asked.append(Asked(self.path, self.headers["authorization"], body))
            last = len(body["documents"]) - 1
            ranking = [{"index": last - rank, "relevance_score": 1 / (rank + 1)} for rank in range(last + 1)]
            self._answer({"id": "call-1", "results": ranking[: body.get("top_n")], "meta": {}})

        def _answer(self, answer: dict[str, Any]) -> None:
            text = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.send_header("x-dheera-call-id", "call-1")
            self.end_headers()
            self.wfile.write(text)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield RecordingServer(f"http://127.0.0.1:{server.server_port}", asked)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
