import asyncio
from typing import Any

import cohere
import pytest

from conftest import Proxy

CLIENT = [
    {"package": "cohere", "what": "`cohere.Client`, v1", "base": "`base_url=\"{proxy}\"`"},
    {"package": "cohere", "what": "`cohere.ClientV2` and `AsyncClientV2`", "base": "`base_url=\"{proxy}\"`"},
]
once: Any = {"max_retries": 0}


def test_v1_ranks(proxy: Proxy) -> None:
    client = cohere.Client(proxy.key, base_url=proxy.url)
    response = client.rerank(
        model=proxy.model, query=proxy.query, documents=proxy.documents, top_n=3, return_documents=True
    )
    proxy.check([result.index for result in response.results], [result.relevance_score for result in response.results])
    assert len(response.results) == 3
    best = response.results[0]
    assert best.document is not None and best.document.text == proxy.documents[best.index]
    assert response.id
    assert response.meta is not None and response.meta.api_version is not None
    assert response.meta.api_version.version


def test_v1_takes_records(proxy: Proxy) -> None:
    client = cohere.Client(proxy.key, base_url=proxy.url)
    records: Any = [{"text": text} for text in proxy.documents]
    response = client.rerank(model=proxy.model, query=proxy.query, documents=records)
    proxy.check([result.index for result in response.results], [result.relevance_score for result in response.results])
    assert len(response.results) == len(proxy.documents)


def test_v2_ranks(proxy: Proxy) -> None:
    client = cohere.ClientV2(proxy.key, base_url=proxy.url)
    response = client.rerank(model=proxy.model, query=proxy.query, documents=proxy.documents, top_n=2)
    proxy.check([result.index for result in response.results], [result.relevance_score for result in response.results])
    assert len(response.results) == 2
    assert response.meta is not None and response.meta.api_version is not None
    assert response.meta.api_version.version == "2"


def test_v2_ranks_async(proxy: Proxy) -> None:
    async def rank() -> Any:
        async with cohere.AsyncClientV2(proxy.key, base_url=proxy.url) as client:
            return await client.rerank(model=proxy.model, query=proxy.query, documents=proxy.documents)

    response = asyncio.run(rank())
    proxy.check([result.index for result in response.results], [result.relevance_score for result in response.results])


@pytest.mark.parametrize("client_class", [cohere.Client, cohere.ClientV2])
def test_knows_the_key(proxy: Proxy, client_class: Any) -> None:
    with pytest.raises(cohere.UnauthorizedError) as raised:
        client_class("wrong", base_url=proxy.url).rerank(
            model=proxy.model, query=proxy.query, documents=proxy.documents, request_options=once
        )
    assert raised.value.status_code == 401
    assert "key" in raised.value.body["message"]


@pytest.mark.parametrize("client_class", [cohere.Client, cohere.ClientV2])
def test_hears_of_a_refused_document(proxy: Proxy, client_class: Any) -> None:
    with pytest.raises(cohere.UnprocessableEntityError) as raised:
        client_class(proxy.key, base_url=proxy.url).rerank(
            model=proxy.model, query=proxy.query, documents=[proxy.refused], request_options=once
        )
    assert raised.value.status_code == 422
    assert raised.value.body["message"]


@pytest.mark.parametrize("client_class", [cohere.Client, cohere.ClientV2])
def test_hears_of_a_limit(proxy: Proxy, client_class: Any) -> None:
    with pytest.raises(cohere.TooManyRequestsError) as raised:
        client_class(proxy.key, base_url=proxy.url).rerank(
            model=proxy.busy, query=proxy.query, documents=proxy.documents, request_options=once
        )
    assert raised.value.status_code == 429
    assert raised.value.headers is not None and int(raised.value.headers["retry-after"]) >= 1
