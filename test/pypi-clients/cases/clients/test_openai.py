import openai
import pytest

from conftest import Proxy

CLIENT = [{"package": "openai", "what": "`openai.OpenAI().models`", "base": "`base_url=\"{proxy}/v1\"`"}]


def test_lists_the_models(proxy: Proxy) -> None:
    client = openai.OpenAI(api_key=proxy.key, base_url=f"{proxy.url}/v1")
    models = list(client.models.list())
    assert {proxy.model, proxy.busy} <= {model.id for model in models}
    assert all(model.object == "model" and isinstance(model.created, int) and model.owned_by for model in models)


def test_retrieves_a_model(proxy: Proxy) -> None:
    client = openai.OpenAI(api_key=proxy.key, base_url=f"{proxy.url}/v1")
    model = client.models.retrieve(proxy.model)
    assert model.id == proxy.model
    assert model.object == "model"


def test_knows_the_key(proxy: Proxy) -> None:
    client = openai.OpenAI(api_key="wrong", base_url=f"{proxy.url}/v1", max_retries=0)
    with pytest.raises(openai.AuthenticationError) as raised:
        client.models.list()
    assert raised.value.status_code == 401
    assert raised.value.code == "unauthenticated"
    assert "key" in raised.value.message


def test_hears_that_a_model_is_not_there(proxy: Proxy) -> None:
    client = openai.OpenAI(api_key=proxy.key, base_url=f"{proxy.url}/v1", max_retries=0)
    with pytest.raises(openai.NotFoundError) as raised:
        client.models.retrieve("nobodys")
    assert raised.value.code == "model_not_found"


def _rerank(proxy: Proxy, model: str, documents: list[str]) -> object:
    """The client sends what it has no method for."""
    client = openai.OpenAI(api_key=proxy.key, base_url=f"{proxy.url}/v1", max_retries=0)
    body = {"model": model, "query": proxy.query, "documents": documents}
    return client.post("/rerank", body=body, cast_to=object)


def test_posts_to_rerank(proxy: Proxy) -> None:
    response = _rerank(proxy, proxy.model, proxy.documents)
    assert isinstance(response, dict)
    proxy.check(
        [result["index"] for result in response["results"]],
        [result["relevance_score"] for result in response["results"]],
    )


def test_hears_of_a_refused_document(proxy: Proxy) -> None:
    with pytest.raises(openai.UnprocessableEntityError) as raised:
        _rerank(proxy, proxy.model, [proxy.refused])
    assert raised.value.code == "provider_rejected"


def test_hears_of_a_limit(proxy: Proxy) -> None:
    with pytest.raises(openai.RateLimitError) as raised:
        _rerank(proxy, proxy.busy, proxy.documents)
    assert raised.value.code == "provider_rate_limited"
    assert int(raised.value.response.headers["retry-after"]) >= 1
