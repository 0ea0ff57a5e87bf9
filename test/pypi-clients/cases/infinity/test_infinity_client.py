from http import HTTPStatus
from typing import Any

import pytest
from infinity_client import AuthenticatedClient
from infinity_client.api.default import rerank
from infinity_client.errors import UnexpectedStatus
from infinity_client.models import HTTPValidationError, RerankInput, ReRankResult

from conftest import Proxy

CLIENT = [
    {
        "package": "infinity-client",
        "what": "`infinity_client.AuthenticatedClient`",
        "base": "`base_url=\"{proxy}/infinity\"`",
    }
]


def _rerank(proxy: Proxy, key: str | None = None, **body: Any) -> Any:
    client = AuthenticatedClient(
        base_url=f"{proxy.url}/infinity", token=key or proxy.key, raise_on_unexpected_status=True
    )
    wanted = {"query": proxy.query, "documents": proxy.documents, "model": proxy.model, **body}
    return rerank.sync_detailed(client=client, body=RerankInput(**wanted))


def test_ranks(proxy: Proxy) -> None:
    ranking = _rerank(proxy, top_n=3, return_documents=True).parsed
    assert isinstance(ranking, ReRankResult)
    proxy.check([result.index for result in ranking.results], [result.relevance_score for result in ranking.results])
    assert ranking.model == proxy.model
    assert ranking.results[0].document == proxy.documents[ranking.results[0].index]
    assert isinstance(ranking.usage.total_tokens, int)
    assert isinstance(ranking.usage.prompt_tokens, int)


def test_knows_the_key(proxy: Proxy) -> None:
    with pytest.raises(UnexpectedStatus) as raised:
        _rerank(proxy, key="wrong")
    assert raised.value.status_code == HTTPStatus.UNAUTHORIZED
    assert b"key" in raised.value.content


def test_hears_of_a_refused_document(proxy: Proxy) -> None:
    response = _rerank(proxy, documents=[proxy.refused])
    assert response.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert isinstance(response.parsed, HTTPValidationError)
    [problem] = response.parsed.detail
    assert problem.msg
    assert problem.loc == ["body", "documents", 0]


def test_hears_of_a_limit(proxy: Proxy) -> None:
    with pytest.raises(UnexpectedStatus) as raised:
        _rerank(proxy, model=proxy.busy)
    assert raised.value.status_code == HTTPStatus.TOO_MANY_REQUESTS
