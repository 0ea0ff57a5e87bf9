from typing import Any

import cohere
import pytest
import voyageai.error
from langchain_cohere import CohereRerank
from langchain_core.documents import Document
from langchain_voyageai import VoyageAIRerank
from pydantic import SecretStr

from conftest import Proxy

CLIENT = [
    {"package": "langchain-cohere", "what": "`CohereRerank`", "base": "`base_url=\"{proxy}\"`"},
    {"package": "langchain-voyageai", "what": "`VoyageAIRerank`", "base": "`base_url=\"{proxy}/voyage/v1\"`"},
]


def _cohere(proxy: Proxy, key: str | None = None, model: str | None = None) -> Any:
    return CohereRerank(
        cohere_api_key=SecretStr(key or proxy.key), base_url=proxy.url, model=model or proxy.model, top_n=3
    )


def _voyage(proxy: Proxy, key: str | None = None, model: str | None = None) -> Any:
    return VoyageAIRerank(
        voyage_api_key=SecretStr(key or proxy.key),
        base_url=f"{proxy.url}/voyage/v1",
        model=model or proxy.model,
        top_k=3,
    )


#: Each reranker with its errors for 401, 422 and 429.
RERANKERS = [
    pytest.param(
        _cohere,
        (cohere.UnauthorizedError, cohere.UnprocessableEntityError, cohere.TooManyRequestsError),
        id="CohereRerank",
    ),
    pytest.param(
        _voyage,
        (
            voyageai.error.AuthenticationError,
            voyageai.error.MalformedRequestError,
            voyageai.error.RateLimitError,
        ),
        id="VoyageAIRerank",
    ),
]


def _documents(texts: list[str]) -> list[Document]:
    return [Document(page_content=text, metadata={"index": index}) for index, text in enumerate(texts)]


@pytest.mark.parametrize(("make", "errors"), RERANKERS)
def test_ranks(proxy: Proxy, make: Any, errors: Any) -> None:
    ranked = make(proxy).compress_documents(_documents(proxy.documents), proxy.query)
    proxy.check(
        [document.metadata["index"] for document in ranked],
        [document.metadata["relevance_score"] for document in ranked],
    )
    assert len(ranked) == 3


@pytest.mark.parametrize(("make", "errors"), RERANKERS)
def test_knows_the_key(proxy: Proxy, make: Any, errors: Any) -> None:
    with pytest.raises(errors[0]):
        make(proxy, key="wrong").compress_documents(_documents(proxy.documents), proxy.query)


@pytest.mark.parametrize(("make", "errors"), RERANKERS)
def test_hears_of_a_refused_document(proxy: Proxy, make: Any, errors: Any) -> None:
    with pytest.raises(errors[1]):
        make(proxy).compress_documents(_documents([proxy.refused]), proxy.query)


@pytest.mark.parametrize(("make", "errors"), RERANKERS)
def test_hears_of_a_limit(proxy: Proxy, make: Any, errors: Any) -> None:
    with pytest.raises(errors[2]):
        make(proxy, model=proxy.busy).compress_documents(_documents(proxy.documents), proxy.query)
