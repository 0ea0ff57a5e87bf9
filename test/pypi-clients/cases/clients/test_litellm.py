import asyncio
from typing import Any

import litellm
import pytest

from conftest import Proxy

#: Provider, the model as LiteLLM names it, and what follows the proxy's address in `api_base`.
MODES = [
    ("cohere", "cohere/{model}", ""),
    ("cohere", "cohere/{model}", "/v1/rerank"),
    ("cohere", "cohere/{model}", "/v2/rerank"),
    ("litellm_proxy", "litellm_proxy/{model}", ""),
    ("azure_ai", "azure_ai/{model}", ""),
    ("azure_ai", "azure_ai/{model}", "/v2"),
    ("jina_ai", "jina_ai/{model}", "/jina/v1"),
    ("infinity", "infinity/{model}", "/infinity"),
    ("hosted_vllm", "hosted_vllm/{model}", ""),
    ("hosted_vllm", "hosted_vllm/{model}", "/v1"),
    ("huggingface", "huggingface/{model}", ""),
    ("together_ai", "together_ai/{model}", "/v1"),
    ("together_ai", "together_ai/{model}", "/together/v1"),
    ("voyage", "voyage/{model}", "/voyage/v1"),
    ("scaleway", "scaleway/{model}", "/v1"),
    ("dashscope", "dashscope/{model}", "/dashscope/compatible-api/v1"),
    ("nvidia_nim", "nvidia_nim/{model}", "/nvidia"),
    ("nvidia_nim", "nvidia_nim/ranking/{model}", "/nvidia"),
]
CLIENT = [
    {
        "package": "litellm",
        "what": f"`litellm.rerank`, `{name}`",
        "base": f"`api_base=\"{{proxy}}{path}\"`",
    }
    for name, model, path in MODES
]
#: LiteLLM says nothing of the model to these, so the key decides which one serves.
NAMELESS = {"huggingface"}


def _rerank(proxy: Proxy, mode: tuple[str, str, str], **others: Any) -> Any:
    return litellm.rerank(**_arguments(proxy, mode, **others))


def _arguments(proxy: Proxy, mode: tuple[str, str, str], **others: Any) -> dict[str, Any]:
    _, model, path = mode
    return {
        "query": proxy.query,
        "documents": proxy.documents,
        "api_base": f"{proxy.url}{path}",
        "api_key": proxy.key,
        "num_retries": 0,
        **others,
        "model": model.format(model=others.get("model", proxy.model)),
    }


def _name(mode: tuple[str, str, str]) -> str:
    return f"{mode[1]} at {mode[2] or '/'}"


@pytest.mark.parametrize("mode", MODES, ids=_name)
def test_ranks(proxy: Proxy, mode: tuple[str, str, str]) -> None:
    response = _rerank(proxy, mode, top_n=3)
    assert isinstance(response, litellm.RerankResponse)
    results: Any = response.results
    proxy.check(
        [result["index"] for result in results],
        [result["relevance_score"] for result in results],
        logits=mode[0] == "nvidia_nim",
    )
    assert len(results) >= 3
    assert response.id
    billed: Any = (response.meta or {}).get("billed_units", {})
    assert set(billed) <= {"search_units", "total_tokens", "input_tokens", "output_tokens"}


@pytest.mark.parametrize("mode", MODES, ids=_name)
def test_ranks_async(proxy: Proxy, mode: tuple[str, str, str]) -> None:
    response: Any = asyncio.run(litellm.arerank(**_arguments(proxy, mode)))
    proxy.check(
        [result["index"] for result in response.results],
        [result["relevance_score"] for result in response.results],
        logits=mode[0] == "nvidia_nim",
    )
    assert len(response.results) == len(proxy.documents)


#: Its client for Together gives the body of every refusal, and no status.
STATUS_LOST = {"together_ai"}


def _refusal(proxy: Proxy, mode: tuple[str, str, str], status: int, **others: Any) -> None:
    with pytest.raises(Exception) as raised:
        _rerank(proxy, mode, **others)
    error: Any = raised.value
    assert type(error).__module__ == "litellm.exceptions", repr(error)
    if mode[0] not in STATUS_LOST:
        assert error.status_code == status, repr(error)


@pytest.mark.parametrize("mode", MODES, ids=_name)
def test_knows_the_key(proxy: Proxy, mode: tuple[str, str, str]) -> None:
    _refusal(proxy, mode, 401, api_key="wrong")


@pytest.mark.parametrize("mode", MODES, ids=_name)
def test_hears_of_a_refused_document(proxy: Proxy, mode: tuple[str, str, str]) -> None:
    _refusal(proxy, mode, 422, documents=[proxy.refused])


@pytest.mark.parametrize("mode", MODES, ids=_name)
def test_hears_of_a_limit(proxy: Proxy, mode: tuple[str, str, str]) -> None:
    key = proxy.busy_key if mode[0] in NAMELESS else proxy.key
    _refusal(proxy, mode, 429, model=proxy.busy, api_key=key)
