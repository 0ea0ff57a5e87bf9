from typing import Any

import cohere
import httpx
import pytest
import voyageai
import voyageai.error
from llama_index.core.schema import NodeWithScore, TextNode
from llama_index.postprocessor.cohere_rerank import CohereRerank
from llama_index.postprocessor.jinaai_rerank import JinaRerank
from llama_index.postprocessor.nvidia_rerank import NVIDIARerank
from llama_index.postprocessor.tei_rerank import TextEmbeddingInference
from llama_index.postprocessor.voyageai_rerank import VoyageAIRerank
from llama_index.postprocessor.xinference_rerank import XinferenceRerank

from conftest import Proxy

package = "llama-index-postprocessor-{}-rerank".format
CLIENT = [
    {"package": package("cohere"), "what": "`CohereRerank`", "base": "`base_url=\"{proxy}\"`"},
    {"package": package("jinaai"), "what": "`JinaRerank`", "base": "`base_url=\"{proxy}/jina/v1\"`"},
    {
        "package": package("voyageai"),
        "what": "`VoyageAIRerank`",
        "base": "it takes none, so its client gets it: `reranker._client = voyageai.Client(base_url=\"{proxy}/voyage/v1\")`",
    },
    {
        "package": package("tei"),
        "what": "`TextEmbeddingInference`",
        "base": "`base_url=\"{proxy}\", auth_token=\"Bearer …\"`",
    },
    {
        "package": package("xinference"),
        "what": "`XinferenceRerank`",
        "base": "`base_url=\"{proxy}\"`; it sends no key",
    },
    {"package": package("nvidia"), "what": "`NVIDIARerank`", "base": "`base_url=\"{proxy}/nvidia/v1\"`"},
]


def _cohere(proxy: Proxy, model: str, key: str) -> Any:
    return CohereRerank(top_n=3, model=model, api_key=key, base_url=proxy.url, max_retries=1)


def _jina(proxy: Proxy, model: str, key: str) -> Any:
    return JinaRerank(top_n=3, model=model, api_key=key, base_url=f"{proxy.url}/jina/v1")


def _voyage(proxy: Proxy, model: str, key: str) -> Any:
    reranker = VoyageAIRerank(model=model, api_key=key, top_n=3)
    reranker._client = voyageai.Client(api_key=key, base_url=f"{proxy.url}/voyage/v1")
    return reranker


def _tei(proxy: Proxy, model: str, key: str) -> Any:
    # It names no model; the key decides.
    token = proxy.busy_key if model == proxy.busy else key
    return TextEmbeddingInference(top_n=3, base_url=proxy.url, auth_token=f"Bearer {token}")


def _xinference(proxy: Proxy, model: str, key: str) -> Any:
    base = proxy.keyless if key == proxy.key else proxy.url
    return XinferenceRerank(top_n=3, model=model, base_url=base)


def _nvidia(proxy: Proxy, model: str, key: str) -> Any:
    return NVIDIARerank(top_n=3, model=model, api_key=key, base_url=f"{proxy.url}/nvidia/v1")


#: Each reranker with its errors for 401, 422 and 429, and what they say.
RERANKERS = [
    pytest.param(
        _cohere,
        (cohere.UnauthorizedError, cohere.UnprocessableEntityError, cohere.TooManyRequestsError),
        ("key", "message", "message"),
        id="CohereRerank",
    ),
    pytest.param(_jina, (RuntimeError, RuntimeError, RuntimeError), ("key", "tokenizer", "more requests|limit"), id="JinaRerank"),
    pytest.param(
        _voyage,
        (voyageai.error.AuthenticationError, voyageai.error.MalformedRequestError, voyageai.error.RateLimitError),
        ("key", "tokenizer", "more requests|limit"),
        id="VoyageAIRerank",
    ),
    # It takes the body of a refusal for scores, and stumbles over it.
    pytest.param(_tei, ((AssertionError, TypeError),) * 3, ("", "", ""), id="TextEmbeddingInference"),
    pytest.param(_xinference, (Exception, Exception, Exception), ("401", "422", "429"), id="XinferenceRerank"),
    pytest.param(
        _nvidia,
        (httpx.HTTPStatusError, httpx.HTTPStatusError, httpx.HTTPStatusError),
        ("401", "422", "429"),
        id="NVIDIARerank",
    ),
]


def _nodes(texts: list[str]) -> list[NodeWithScore]:
    return [NodeWithScore(node=TextNode(id_=str(index), text=text)) for index, text in enumerate(texts)]


def _rank(reranker: Any, proxy: Proxy, texts: list[str]) -> list[NodeWithScore]:
    return reranker.postprocess_nodes(_nodes(texts), query_str=proxy.query)


@pytest.mark.parametrize(("make", "errors", "words"), RERANKERS)
def test_ranks(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    ranked = _rank(make(proxy, proxy.model, proxy.key), proxy, proxy.documents)
    assert len(ranked) == 3
    scores = [node.score for node in ranked if node.score is not None]
    order = [int(node.node_id) for node in ranked]
    proxy.check(order, scores, logits=make is _nvidia)


@pytest.mark.parametrize(("make", "errors", "words"), RERANKERS)
def test_knows_the_key(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    with pytest.raises(errors[0], match=words[0]):
        _rank(make(proxy, proxy.model, "wrong"), proxy, proxy.documents)


@pytest.mark.parametrize(("make", "errors", "words"), RERANKERS)
def test_hears_of_a_refused_document(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    with pytest.raises(errors[1], match=words[1]):
        _rank(make(proxy, proxy.model, proxy.key), proxy, [proxy.refused])


@pytest.mark.parametrize(("make", "errors", "words"), RERANKERS)
def test_hears_of_a_limit(proxy: Proxy, make: Any, errors: Any, words: Any) -> None:
    with pytest.raises(errors[2], match=words[2]):
        _rank(make(proxy, proxy.busy, proxy.key), proxy, proxy.documents)
