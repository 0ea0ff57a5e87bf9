"""``rerank`` and ``arerank``, and clients with a configuration or a server of their own."""

from __future__ import annotations

from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, overload

from dheera_ai._call.exchange import Transports, arun, exchange, run
from dheera_ai._call.narrow import Json
from dheera_ai._call.request import Documents, Request, RerankOptions, read_request
from dheera_ai._call.responses import RerankResponse, read_models
from dheera_ai._configuration import Configuration, ConfigurationFile
from dheera_ai._processes.forks import no_fork
from dheera_ai._transport import DuplexTransport

if TYPE_CHECKING:
    from typing_extensions import Self, Unpack

    from dheera_ai._engine import Engine, EngineStatus
    from dheera_ai._http import Remote

_seconds_for_models = 60.0


@overload
def rerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: Literal[True],
    **options: Unpack[RerankOptions],
) -> RerankResponse[Json]: ...
@overload
def rerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: Literal[False] | None = None,
    **options: Unpack[RerankOptions],
) -> RerankResponse[None]: ...
@overload
def rerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: bool | None = None,
    **options: Unpack[RerankOptions],
) -> RerankResponse: ...
def rerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: bool | None = None,
    **options: Unpack[RerankOptions],
) -> RerankResponse[Any]:
    """Rank documents by their relevance to a query.

    An argument that is no field of a request has no effect, and ``meta.warnings`` of the answer names it. A
    ``KeyboardInterrupt`` stops the upstream call.

    :param model: ``<provider>/<model>`` (``huggingface/BAAI/bge-reranker-base``, ``bm25/default``), or with
        ``api_base`` a model name of the Dheera AI proxy there.
    :param query: What the documents are compared with.
    :param documents: Texts or records: strings, dicts, dataclasses, pydantic models, documents of LangChain,
        LlamaIndex and Haystack; also as a generator, or a column of NumPy, pandas or Polars.
    :param top_n: How many results to return, 1 or more; all by default.
    :param return_documents: Whether each result has its ``document``; it has none by default.
    :param options: Any other field of a request, by its name.
    :returns: The results, best first.
    :raises DheeraError: Its class and its ``code`` say what happened.
    """
    return _default.rerank(model, query, documents, top_n, return_documents=return_documents, **options)


@overload
async def arerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: Literal[True],
    **options: Unpack[RerankOptions],
) -> RerankResponse[Json]: ...
@overload
async def arerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: Literal[False] | None = None,
    **options: Unpack[RerankOptions],
) -> RerankResponse[None]: ...
@overload
async def arerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: bool | None = None,
    **options: Unpack[RerankOptions],
) -> RerankResponse: ...
async def arerank(
    model: str,
    query: str,
    documents: Documents,
    top_n: int | None = None,
    *,
    return_documents: bool | None = None,
    **options: Unpack[RerankOptions],
) -> RerankResponse[Any]:
    """As ``rerank``, without blocking the event loop. Cancelling the task stops the upstream call."""
    return await _default_async.rerank(model, query, documents, top_n, return_documents=return_documents, **options)


class _Settings:
    """What both clients keep: where requests go that do not say it themselves."""

    def __init__(
        self,
        config: Configuration | None,
        api_base: str | None,
        api_key: str | None,
        timeout: float | None,
    ) -> None:
        if config is not None and (api_base is not None or api_key is not None):
            raise ValueError(
                "give either config, or api_base and api_key: a configuration has its own addresses and keys"
            )
        self._api_base = api_base
        self._api_key = api_key
        self._timeout = timeout
        self._file = None if config is None else ConfigurationFile(config)
        self._engines: dict[str, Engine] = {}
        self._is_closed = False

    def read(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None,
        return_documents: bool | None,
        options: RerankOptions,
    ) -> Request:
        if self._is_closed:
            raise RuntimeError("the client is closed")
        if options.get("timeout") is None and self._timeout is not None:
            options["timeout"] = self._timeout
        # The client's key goes to the client's address and to no other.
        if options.get("api_base") is None:
            options["api_base"] = self._api_base
            if options.get("api_key") is None:
                options["api_key"] = self._api_key
        return read_request(model, query, documents, top_n, return_documents=return_documents, **options)

    def transports(self) -> Transports:
        if self._file is None:
            return Transports(default_engine, remote)
        return Transports(self._own_engine, None)

    def place_of_models(self) -> Engine | Remote:
        """Who knows the model names."""
        if self._file is not None:
            return self._own_engine()
        if self._api_base is None:
            raise ValueError("models() lists those of a configuration or a proxy: give the client config or api_base")
        with no_fork():
            from dheera_ai._http import Remote

        return Remote(self._api_base, self._api_key)

    def engine_status(self) -> EngineStatus:
        return engine_status() if self._file is None else self._own_engine().status()

    def end(self) -> Engine | None:
        """Takes no more requests, and returns the engine that is to be closed."""
        self._is_closed = True
        if self._file is not None:
            self._file.remove()
        return self._engines.pop("own", None)

    def _own_engine(self) -> Engine:
        engine = self._engines.get("own")
        if engine is None and self._file is not None:
            with no_fork():
                from dheera_ai._engine import Engine

            # Of two threads that come here at once both get the engine of the first; the other one never starts.
            engine = self._engines.setdefault("own", Engine(config=self._file.path()))
        if engine is None or self._is_closed:
            raise RuntimeError("the client is closed")
        return engine


class Client:
    """Ranks with a configuration of its own, or with a server that all its requests go to.

    With a configuration it has an engine of its own, which ``close``, or the end of a ``with`` block, ends. Threads may
    share a client.
    """

    def __init__(
        self,
        config: Configuration | None = None,
        *,
        api_base: str | None = None,
        api_key: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """Create a client; its engine starts when it is first needed.

        :param config: The path of a ``config.yaml``, or a dict of what one holds (``model_list``, ``router_settings``,
            ``cache`` …). It has its own addresses and keys: give either this, or ``api_base`` and ``api_key``.
        :param api_base: The server for requests that name none.
        :param api_key: The key for that server, which goes to no other.
        :param timeout: Seconds for the whole of a request that names no time, waits and retries included.
        :raises ValueError: If there is a configuration, and an address or a key as well.
        """
        self._settings = _Settings(config, api_base, api_key, timeout)

    @overload
    def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: Literal[True],
        **options: Unpack[RerankOptions],
    ) -> RerankResponse[Json]: ...
    @overload
    def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: Literal[False] | None = None,
        **options: Unpack[RerankOptions],
    ) -> RerankResponse[None]: ...
    @overload
    def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: bool | None = None,
        **options: Unpack[RerankOptions],
    ) -> RerankResponse: ...
    def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: bool | None = None,
        **options: Unpack[RerankOptions],
    ) -> RerankResponse[Any]:
        """As ``dheera_ai.rerank``."""
        settings = self._settings
        request = settings.read(model, query, documents, top_n, return_documents, options)
        return run(exchange(request, settings.transports()))

    def models(self) -> list[str]:
        """The model names of the client's configuration, or those that its key may use at the proxy it was given.

        :raises ValueError: If the client has neither a configuration nor an ``api_base``.
        :raises DheeraError: If the proxy does not answer, or refuses the key.
        """
        place = self._settings.place_of_models()
        return read_models(place.request("GET", "/models", timeout=_seconds_for_models))

    def engine_status(self) -> EngineStatus:
        """As ``dheera_ai.engine_status``; of the client's own engine where it has a configuration."""
        return self._settings.engine_status()

    def close(self) -> None:
        """End the client's engine, if it has one. The client takes no more requests."""
        engine = self._settings.end()
        if engine is not None:
            engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class AsyncClient:
    """As ``Client``, for coroutines. Several event loops may share one."""

    def __init__(
        self,
        config: Configuration | None = None,
        *,
        api_base: str | None = None,
        api_key: str | None = None,
        timeout: float | None = None,
    ) -> None:
        """As ``Client``."""
        self._settings = _Settings(config, api_base, api_key, timeout)

    @overload
    async def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: Literal[True],
        **options: Unpack[RerankOptions],
    ) -> RerankResponse[Json]: ...
    @overload
    async def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: Literal[False] | None = None,
        **options: Unpack[RerankOptions],
    ) -> RerankResponse[None]: ...
    @overload
    async def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: bool | None = None,
        **options: Unpack[RerankOptions],
    ) -> RerankResponse: ...
    async def rerank(
        self,
        model: str,
        query: str,
        documents: Documents,
        top_n: int | None = None,
        *,
        return_documents: bool | None = None,
        **options: Unpack[RerankOptions],
    ) -> RerankResponse[Any]:
        """As ``dheera_ai.arerank``."""
        settings = self._settings
        request = settings.read(model, query, documents, top_n, return_documents, options)
        return await arun(exchange(request, settings.transports()))

    async def models(self) -> list[str]:
        """As ``Client.models``."""
        place = self._settings.place_of_models()
        return read_models(await place.arequest("GET", "/models", timeout=_seconds_for_models))

    def engine_status(self) -> EngineStatus:
        """As ``Client.engine_status``; it waits for nothing."""
        return self._settings.engine_status()

    async def close(self) -> None:
        """End the client's engine, if it has one. The client takes no more requests."""
        engine = self._settings.end()
        if engine is not None:
            await engine.aclose()

    async def aclose(self) -> None:
        """As ``close``."""
        await self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def close() -> None:
    """End the engine of this process. The next request starts another."""
    with no_fork():
        from dheera_ai._engine import close_default_engine

    close_default_engine()


async def aclose() -> None:
    """As ``close``, without blocking the event loop; closes the loop's connections too."""
    with no_fork():
        from dheera_ai._engine import aclose_default_engine

    await aclose_default_engine()


def engine_status() -> EngineStatus:
    """Tell how the engine is that all calls of this process without a configuration share.

    It starts nothing, asks nobody and waits for nothing, so that a health check may call it as often as it likes.
    """
    with no_fork():
        from dheera_ai._engine import default_engine as find

    return find().status()


# Imported when they are needed: with the HTTP client they take most of the time of an import. Another thread must not
# fork meanwhile, because its child could never import what was half imported.
def default_engine() -> DuplexTransport:
    """The engine that all calls of this process without a configuration share."""
    with no_fork():
        from dheera_ai._engine import default_engine as find

    return find()


def remote(base: str, key: str | None) -> DuplexTransport:
    """A server that is asked without the engine."""
    with no_fork():
        from dheera_ai._http import Remote

    return Remote(base, key)


_default = Client()
_default_async = AsyncClient()
