import pytest
from xinference_client import RESTfulClient

from conftest import Proxy

CLIENT = [
    {
        "package": "xinference-client",
        "what": "`xinference_client.RESTfulClient`",
        "base": "`RESTfulClient(\"{proxy}\", api_key=…)`",
    }
]


def test_ranks(proxy: Proxy) -> None:
    model = RESTfulClient(proxy.url, api_key=proxy.key).get_model(proxy.model)
    response = model.rerank(proxy.documents, proxy.query, top_n=3, return_documents=True)
    proxy.check(
        [result["index"] for result in response["results"]],
        [result["relevance_score"] for result in response["results"]],
    )
    best = response["results"][0]
    assert best["document"]["text"] == proxy.documents[best["index"]]


def test_knows_the_key(proxy: Proxy) -> None:
    with pytest.raises(RuntimeError, match="Failed to get the model description, detail: .*key"):
        RESTfulClient(proxy.url, api_key="wrong").get_model(proxy.model)


def test_hears_of_a_refused_document(proxy: Proxy) -> None:
    model = RESTfulClient(proxy.url, api_key=proxy.key).get_model(proxy.model)
    with pytest.raises(RuntimeError, match="Failed to rerank documents, detail: .*tokenizer"):
        model.rerank([proxy.refused], proxy.query)


def test_hears_of_a_limit(proxy: Proxy) -> None:
    model = RESTfulClient(proxy.url, api_key=proxy.key).get_model(proxy.busy)
    with pytest.raises(RuntimeError, match="Failed to rerank documents, detail: .*requests"):
        model.rerank(proxy.documents, proxy.query)
