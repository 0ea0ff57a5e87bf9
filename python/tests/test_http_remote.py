"""Posts to a server that the caller names."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import trustme
from helpers import PATIENCE, LoopbackServer, Upstream, in_background, program, run_program

from dheera_ai._errors import APIConnectionError, BadRequestError, Timeout
from dheera_ai._http import Remote, close_remotes
from dheera_ai._transport import Answer

_body = b'{"model":"m","query":"q","documents":["a","b"]}'


def post(remote: Remote, path: str = "/rerank", timeout: float | None = None) -> Answer:
    return remote.post(path, _body, timeout=timeout)


def apost(remote: Remote, path: str = "/rerank", timeout: float | None = None) -> Answer:
    return asyncio.run(remote.apost(path, _body, timeout=timeout))


both = pytest.mark.parametrize("post", [post, apost], ids=["threads", "loops"])
Post = Callable[..., Answer]


@pytest.fixture(autouse=True)
def _no_connections_left() -> Iterator[None]:
    yield
    close_remotes()


@pytest.fixture
def upstream() -> Iterator[Upstream]:
    with Upstream(at_once=True) as made:
        yield made


class ScriptedServer:
    """Answers connections with the bytes that the test gave, and closes each where it says so."""

    def __init__(self, *connections: list[bytes | None]) -> None:
        """For each connection what its requests are answered with; ``None``: it is closed instead."""
        self._connections = iter(connections)
        self.requests = 0
        self._server = LoopbackServer(self._serve)
        self.url = f"http://127.0.0.1:{self._server.port}"

    def close(self) -> None:
        self._server.close()

    def _serve(self, connection: socket.socket) -> None:
        for answer in next(self._connections, []):
            if answer is not None:
                _read_request(connection)
                self.requests += 1
                connection.sendall(answer)
            elif not self._took_request(connection):
                return

    def _took_request(self, connection: socket.socket) -> bool:
        # Reads the head of a request and closes before any of an answer, as a server does that gave up an idle
        # connection just as it was used again.
        if not connection.recv(65_536):
            return False
        self.requests += 1
        return True


def _read_request(connection: socket.socket) -> None:
    received = b""
    while not received.endswith(_body):
        piece = connection.recv(65_536)
        if not piece:
            raise ConnectionError
        received += piece


_fine = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"


@both
@pytest.mark.parametrize(
    ("base", "path"),
    [("", "/rerank"), ("/", "/rerank"), ("/v1/", "/v1/rerank"), ("/v2", "/v2/rerank"), ("/a/rerank/", "/a/rerank")],
)
def test_a_base_gets_rerank_unless_it_ends_in_it(upstream: Upstream, post: Post, base: str, path: str) -> None:
    assert post(Remote(upstream.url + base, "key")).status == 200
    (arrival,) = upstream.arrivals
    assert arrival.path == path
    assert arrival.headers["authorization"] == "Bearer key"
    assert arrival.headers["content-type"] == "application/json"
    assert arrival.body == json.loads(_body)


@both
def test_connections_are_used_again(post: Post) -> None:
    server = ScriptedServer([_fine, _fine])
    if post is apost:

        async def twice() -> None:
            for _ in range(2):
                assert (await Remote(server.url).apost("/rerank", _body)).status == 200

        asyncio.run(twice())
    else:
        assert [post(Remote(server.url)).status for _ in range(2)] == [200, 200]
    assert server.requests == 2
    server.close()


def test_a_connection_that_the_server_closed_while_it_was_idle_is_made_again() -> None:
    server = ScriptedServer([_fine, None], [_fine])
    remote = Remote(server.url)
    assert [remote.post("/rerank", _body).status for _ in range(2)] == [200, 200]
    assert server.requests == 3
    server.close()


def test_a_new_connection_that_breaks_is_an_error_at_once() -> None:
    server = ScriptedServer([None], [_fine])
    with pytest.raises(APIConnectionError, match=r"does not answer.*check api_base"):
        Remote(server.url).post("/rerank", _body)
    assert server.requests == 1
    server.close()


def test_nothing_is_tried_again_after_the_first_bytes_of_an_answer() -> None:
    server = ScriptedServer([_fine, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"], [_fine])
    remote = Remote(server.url)
    assert remote.post("/rerank", _body).status == 200
    with pytest.raises(APIConnectionError, match="broke off its answer"):
        remote.post("/rerank", _body)
    assert server.requests == 2
    server.close()


@both
def test_an_address_where_nothing_listens(post: Post) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(APIConnectionError, match=rf"http://127.0.0.1:{port} does not answer") as caught:
        post(Remote(f"http://127.0.0.1:{port}/path?token=secret", "secret"))
    assert "secret" not in str(caught.value)
    assert caught.value.param == "api_base"


@both
def test_a_timeout_closes_the_connection(post: Post) -> None:
    with Upstream() as upstream:

        def call(seconds: float) -> None:
            with pytest.raises(Timeout, match="did not answer in time"):
                post(Remote(upstream.url), timeout=seconds)

        assert upstream.arrival_of(call).gone.wait(PATIENCE)


@both
def test_a_redirect_is_an_answer_and_not_followed(post: Post) -> None:
    with Upstream(at_once=True) as other:
        server = ScriptedServer(
            [f"HTTP/1.1 307 X\r\nlocation: {other.url}/rerank\r\ncontent-length: 0\r\n\r\n".encode()]
        )
        assert post(Remote(server.url, "key")).status == 307
        assert other.arrivals == []
        server.close()


@pytest.mark.parametrize("base", ["", "localhost:4000", "ftp://a", "http://", "http://[::1", "http://a\nb", "//a"])
def test_what_is_no_address_is_refused(base: str) -> None:
    with pytest.raises(BadRequestError, match="api_base must be a URL that begins with http:// or https://"):
        Remote(base)


def test_a_password_in_the_address_is_refused_and_not_repeated() -> None:
    with pytest.raises(BadRequestError, match="give the key as api_key instead") as caught:
        Remote("http://user:hidden@127.0.0.1")
    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("key", ["two words", "ключ", "a\nb"])
def test_a_key_that_no_header_holds_is_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(BadRequestError, match="the key holds characters") as caught:
        Remote("http://127.0.0.1", key)
    assert key not in str(caught.value)


@both
def test_a_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch, upstream: Upstream, post: Post) -> None:
    monkeypatch.setenv("HTTP_PROXY", upstream.url)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    assert post(Remote("http://rerank.invalid/v1")).status == 200
    assert [arrival.path for arrival in upstream.arrivals] == ["http://rerank.invalid/v1/rerank"]
    # And one that is not for this address is not.
    assert post(Remote(upstream.url)).status == 200
    assert upstream.arrivals[1].path == "/rerank"


@both
def test_a_certificate_is_checked_against_those_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, post: Post
) -> None:
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(context)

    def serve(plain: socket.socket) -> None:
        with context.wrap_socket(plain, server_side=True) as safe:
            _read_request(safe)
            safe.sendall(_fine)

    server = LoopbackServer(serve)
    url = f"https://127.0.0.1:{server.port}"
    with pytest.raises(APIConnectionError, match="certificate verify failed"):
        post(Remote(url))
    bundle = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(bundle))
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    assert post(Remote(url)).status == 200
    server.close()


def test_a_cancelled_task_closes_the_connection() -> None:
    async def call(upstream: Upstream) -> None:
        task = asyncio.create_task(Remote(upstream.url).apost("/rerank", _body))
        arrival = await asyncio.to_thread(upstream.arrival, of=[task])
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(arrival.gone.wait, PATIENCE)

    with Upstream() as upstream:
        asyncio.run(call(upstream))


def test_ctrl_c_closes_the_connection() -> None:
    source = """
        from dheera_ai._http import Remote
        try:
            Remote(sys.argv[1]).post("/rerank", b"{}")
        except KeyboardInterrupt:
            tell("interrupted")
        wait_for_a_word()
        """
    with Upstream() as upstream, program(source, upstream.url) as running:
        arrival = upstream.arrival(of=[running])
        running.signal_group(signal.SIGINT)
        assert running.hear() == "interrupted"
        assert arrival.gone.wait(PATIENCE)


def test_a_forked_child_uses_no_connection_of_its_parent(upstream: Upstream) -> None:
    output = run_program(
        """
        import asyncio
        from dheera_ai._http import Remote
        remote = Remote(sys.argv[1])

        async def main():
            await remote.apost("/rerank", b'{"documents": []}')
            remote.post("/rerank", b'{"documents": []}')
            child = os.fork()
            if child == 0:
                tell(remote.post("/rerank", b'{"documents": []}').status)
                os._exit(0)
            os.waitpid(child, 0)
            tell((await remote.apost("/rerank", b'{"documents": []}')).status)
            tell(remote.post("/rerank", b'{"documents": []}').status)

        asyncio.run(main())
        """,
        upstream.url,
    )
    assert output.split() == ["200"] * 3
    # Two of the parent, which it went on to use, and one of the child.
    assert len({arrival.connection for arrival in upstream.arrivals}) == 3


def test_1000_coroutines_at_once(upstream: Upstream) -> None:
    upstream.at_once = False

    async def main() -> list[int]:
        remote = Remote(upstream.url)
        answers = await asyncio.gather(*(remote.apost("/rerank", _body) for _ in range(1_000)))
        return [answer.status for answer in answers]

    calls = in_background(lambda: asyncio.run(main()))
    # Nobody is answered before as many have come as may be connected at one time.
    upstream.arrival(499, of=[calls])
    for number in range(1_000):
        upstream.arrival(number, of=[calls]).answer(200, {"results": []})
    assert calls.result(PATIENCE) == [200] * 1_000


def test_the_context_of_opentelemetry_goes_along(upstream: Upstream) -> None:
    run_program(
        """
        from dheera_ai._http import Remote
        from opentelemetry import propagate, trace

        context = trace.SpanContext(int("a" * 32, 16), int("b" * 16, 16), True, trace.TraceFlags(1))
        with trace.use_span(trace.NonRecordingSpan(context)):
            Remote(sys.argv[1]).post("/rerank", b"{}")
        """,
        upstream.url,
    )
    Remote(upstream.url).post("/rerank", _body)
    traced, plain = upstream.arrivals
    assert traced.headers["traceparent"] == f"00-{'a' * 32}-{'b' * 16}-01"
    assert "traceparent" not in plain.headers


def test_this_process_has_files_for_the_rest_of_its_work(monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    from dheera_ai._http.connections import most_connections

    for soft, most in [(20_000, 1_000), (1_024, 512), (1, 1), (resource.RLIM_INFINITY, 1_000)]:
        monkeypatch.setattr(resource, "getrlimit", lambda _, soft=soft: (soft, soft))
        assert most_connections() == most


assert os.name != "nt", "these tests read /proc and signal process groups"
