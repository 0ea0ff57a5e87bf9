from typing import Any

import cohere
import pytest
from haystack import Document
from haystack.utils import Secret
from haystack_integrations.components.rankers.cohere import CohereRanker
from haystack_integrations.components.rankers.huggingface_api import HuggingFaceTEIRanker
from haystack_integrations.components.rankers.jina import JinaRanker
from haystack_integrations.components.rankers.nvidia import NvidiaRanker

from conftest import Proxy

CLIENT = [
    {"package": "cohere-haystack", "what": "`CohereRanker`", "base": "`api_base_url=\"{proxy}\"`"},
    {"package": "jina-haystack", "what": "`JinaRanker`", "base": "`base_url=\"{proxy}/jina/v1/rerank\"`"},
    {"package": "huggingface-api-haystack", "what": "`HuggingFaceTEIRanker`", "base": "`url=\"{proxy}\"`"},
    {"package": "nvidia-haystack", "what": "`NvidiaRanker`", "base": "`api_url=\"{proxy}/nvidia/v1\"`"},
]


def _cohere(proxy: Proxy, model: str, key: str) -> Any:
    return CohereRanker(model=model, top_k=3, api_key=Secret.from_token(key), api_base_url=proxy.url)


def _jina(proxy: Proxy, model: str, key: str) -> Any:
    return JinaRanker(model=model, top_k=3, api_key=Secret.from_token(key), base_url=f"{proxy.url}/jina/v1/rerank")


def _tei(proxy: Proxy, model: str, key: str) -> Any:
    # It names no model; the key decides.
    token = proxy.busy_key if model == proxy.busy else key
    return HuggingFaceTEIRanker(url=proxy.url, top_k=3, token=Secret.from_token(token), max_retries=1)


def _nvidia(proxy: Proxy, model: str, key: str) -> Any:
    return NvidiaRanker(model=model, top_k=3, api_key=Secret.from_token(key), api_url=f"{proxy.url}/nvidia/v1")


#: Each ranker with its errors for 401, 422 and 429, and what they say.
RANKERS = [
    pytest.param(
        _cohere,
        (cohere.UnauthorizedError, cohere.UnprocessableEntityError, cohere.TooManyRequestsError),
        ("key", "message", "message"),
        id="CohereRanker",
    ),
    pytest.param(_jina, (RuntimeError, RuntimeError, RuntimeError), ("key", "tokenizer", "more requests|limit"), id="JinaRanker"),
    pytest.param(_tei, (RuntimeError, RuntimeError, RuntimeError), ("401.*key", "422", "429"), id="HuggingFaceTEIRanker"),
    pytest.param(_nvidia, (ValueError, ValueError, ValueError), ("key", "tokenizer", "more requests|limit"), id="NvidiaRanker"),
]


def _run(ranker: Any, proxy: Proxy, texts: list[str]) -> list[Document]:
    documents = [Document(content=text, meta={"index": index}) for index, text in enumerate(texts)]
    return ranker.run(query=proxy.query, documents=documents)["documents"]


@pytest.mark.parametrize(("make", "errors", "words"), RANKERS)
def test_ranks(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    ranked = _run(make(proxy, proxy.model, proxy.key), proxy, proxy.documents)
    assert len(ranked) == 3
    order = [document.meta["index"] for document in ranked]
    scores = [document.score for document in ranked if document.score is not None]
    proxy.check(order, scores, logits=make is _nvidia)


@pytest.mark.parametrize(("make", "errors", "words"), RANKERS)
def test_knows_the_key(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    with pytest.raises(errors[0], match=words[0]):
        _run(make(proxy, proxy.model, "wrong"), proxy, proxy.documents)


@pytest.mark.parametrize(("make", "errors", "words"), RANKERS)
def test_hears_of_a_refused_document(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    with pytest.raises(errors[1], match=words[1]):
        _run(make(proxy, proxy.model, proxy.key), proxy, [proxy.refused])


@pytest.mark.parametrize(("make", "errors", "words"), RANKERS)
def test_hears_of_a_limit(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    with pytest.raises(errors[2], match=words[2]):
        _run(make(proxy, proxy.busy, proxy.key), proxy, proxy.documents)
