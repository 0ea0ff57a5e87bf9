import asyncio

import pytest
import voyageai
import voyageai.error

from conftest import Proxy

CLIENT = [
    {
        "package": "voyageai",
        "what": "`voyageai.Client` and `AsyncClient`",
        "base": "`base_url=\"{proxy}/voyage/v1\"`",
    }
]


def _client(proxy: Proxy, key: str | None = None) -> voyageai.Client:
    return voyageai.Client(api_key=key or proxy.key, base_url=f"{proxy.url}/voyage/v1", max_retries=0)


def test_ranks(proxy: Proxy) -> None:
    ranking = _client(proxy).rerank(proxy.query, proxy.documents, model=proxy.model, top_k=3)
    proxy.check([result.index for result in ranking.results], [result.relevance_score for result in ranking.results])
    assert len(ranking.results) == 3
    assert ranking.results[0].document == proxy.documents[ranking.results[0].index]
    assert isinstance(ranking.total_tokens, int)


def test_ranks_async(proxy: Proxy) -> None:
    client = voyageai.AsyncClient(api_key=proxy.key, base_url=f"{proxy.url}/voyage/v1", max_retries=0)
    ranking = asyncio.run(client.rerank(proxy.query, proxy.documents, model=proxy.model))
    proxy.check([result.index for result in ranking.results], [result.relevance_score for result in ranking.results])
    assert len(ranking.results) == len(proxy.documents)


def test_knows_the_key(proxy: Proxy) -> None:
    with pytest.raises(voyageai.error.AuthenticationError) as raised:
        _client(proxy, "wrong").rerank(proxy.query, proxy.documents, model=proxy.model)
    assert raised.value.http_status == 401
    assert "key" in raised.value.user_message


def test_hears_of_a_refused_document(proxy: Proxy) -> None:
    with pytest.raises(voyageai.error.MalformedRequestError) as raised:
        _client(proxy).rerank(proxy.query, [proxy.refused], model=proxy.model)
    assert raised.value.http_status == 422
    assert raised.value.user_message


def test_hears_of_a_limit(proxy: Proxy) -> None:
    with pytest.raises(voyageai.error.RateLimitError) as raised:
        _client(proxy).rerank(proxy.query, proxy.documents, model=proxy.busy)
    assert raised.value.http_status == 429
    assert int(raised.value.headers["retry-after"]) >= 1
