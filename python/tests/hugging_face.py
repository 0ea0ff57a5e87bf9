"""The internet, as far as the guide's samples reach for it: a forward proxy behind which both hosts are played here."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import trustme

SERVERLESS = "router.huggingface.co"
RANKING = "/hf-inference/models/BAAI/bge-reranker-base/pipeline/text-ranking"


@dataclass
class Scored:
    """One request that was answered with scores."""

    host: str
    authorization: str | None
    query: str
    texts: list[str]


@dataclass
class Internet:
    """What a process needs to reach it, and what was asked there."""

    environment: dict[str, str]
    scored: list[Scored] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


def score(query: str, text: str) -> float:
    """By the words of the query that a text has, less a little for each of its own, within 0 and 1."""
    asked, given = (re.findall(r"\w+", words.lower()) for words in (query, text))
    return round((1 + sum(word in given for word in set(asked))) / (2 + len(set(asked))) - 0.001 * len(given), 6)


@contextmanager
def internet(folder: Path) -> Iterator[Internet]:
    """Serve every https address through ``HTTPS_PROXY``, with certificates of an authority in ``SSL_CERT_FILE``.

    ``router.huggingface.co`` answers as Hugging Face's serverless API does, every other host as a Text Embeddings
    Inference, each only to the key that the guide's samples use there. Nothing leaves loopback.
    """
    authority = trustme.CA()
    certificate = folder / "authority.pem"
    authority.cert_pem.write_to_path(certificate)
    scored: list[Scored] = []
    refused: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        host = ""

        def do_CONNECT(self) -> None:
            self.host = self.path.partition(":")[0]
            self.send_response(200, "Connection established")
            self.end_headers()
            self.wfile.flush()
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert(self.host).configure_cert(context)
            self.connection = context.wrap_socket(self.connection, server_side=True)
            self.rfile = self.connection.makefile("rb")
            self.wfile = self.connection.makefile("wb")
            self.close_connection = False

        def do_GET(self) -> None:
            if self.host != SERVERLESS and self.path == "/info":
                self._answer(200, INFO)
            else:
                self._refuse(404, {"error": "Not Found"})

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            key = KEYS.get(self.host)
            if key is None or self.headers["authorization"] != f"Bearer {key}":
                self._refuse(401, {"error": "Invalid credentials in Authorization header"})
            elif self.host == SERVERLESS and self.path == RANKING:
                self._rank(body["inputs"]["query"], body["inputs"]["texts"])
            elif self.host != SERVERLESS and self.path == "/rerank":
                self._rank(body["query"], body["texts"])
            else:
                self._refuse(404, {"error": "Not Found"})

        def _rank(self, query: str, texts: list[str]) -> None:
            scored.append(Scored(self.host, self.headers["authorization"], query, texts))
            rows = [{"index": index, "score": score(query, text)} for index, text in enumerate(texts)]
            self._answer(200, sorted(rows, key=lambda row: -row["score"]))

        def _refuse(self, status: int, answer: object) -> None:
            refused.append(f"{status} {self.command} https://{self.host}{self.path}")
            self._answer(status, answer)

        def _answer(self, status: int, answer: object) -> None:
            text = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)
            self.wfile.flush()

        def finish(self) -> None:
            super().finish()
            self.connection.close()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that is gone is no failure of the server."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        proxy = f"http://127.0.0.1:{server.server_port}"
        yield Internet({"HTTPS_PROXY": proxy, "SSL_CERT_FILE": str(certificate)}, scored, refused)
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


KEYS = {
    SERVERLESS: "hf_xxxxxx",
    "my-custom-hf-endpoint.com": "test_api_key",
    "your-custom-endpoint.com": "your-custom-key",
}

INFO = {
    "model_id": "BAAI/bge-reranker-base",
    "model_sha": "2cfc18c9415c912f9d8155881c133215df768a70",
    "model_dtype": "float16",
    "model_type": {"reranker": {"id2label": {"0": "LABEL_0"}, "label2id": {"LABEL_0": 0}}},
    "max_concurrent_requests": 512,
    "max_input_length": 512,
    "max_batch_tokens": 16384,
    "max_client_batch_size": 32,
    "auto_truncate": True,
    "tokenization_workers": 8,
    "version": "1.9.3",
}
