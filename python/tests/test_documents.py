from __future__ import annotations

import json
import types
from collections import UserDict, namedtuple
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from decimal import Decimal
from enum import Enum
from itertools import count
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import numpy as np
import pandas as pd
import polars as pl
import pytest
from haystack import Document as HaystackDocument
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from langchain_core.documents import Document as LangChainDocument
from llama_index.core.schema import Document as LlamaDocument
from llama_index.core.schema import NodeWithScore, TextNode
from pydantic import BaseModel

from dheera_ai import BadRequestError
from dheera_ai._call import documents as module
from dheera_ai._call.documents import read_documents
from dheera_ai._call.encode import encode


def sent(documents: object, rank_fields: object = None) -> list[Any]:
    """Documents as they are in the body of a request."""
    body = json.loads(encode({"documents": read_documents(documents, rank_fields)}))
    read: list[Any] = body["documents"]
    return read


@dataclass
class Part:
    number: int


@dataclass
class Product:
    title: str
    price: Decimal = Decimal("9.90")
    parts: list[Part] = field(default_factory=lambda: [Part(1)])


class Article(BaseModel):
    title: str
    day: date
    tags: set[str]


class Row(NamedTuple):
    title: str
    year: int


class TestWhatDocumentsMayBe:
    def test_texts_and_dicts_stay_as_they_are(self) -> None:
        documents = ["a", {"text": "b", "year": 1969}, ""]
        assert read_documents(documents) is documents
        assert sent(documents) == documents

    def test_a_generator_is_consumed_once(self) -> None:
        seen: list[int] = []

        def generate() -> Iterator[str]:
            for number in range(3):
                seen.append(number)
                yield f"text {number}"

        assert sent(generate()) == ["text 0", "text 1", "text 2"]
        assert seen == [0, 1, 2]

    def test_tuples_views_and_iterators(self) -> None:
        assert sent(("a", "b")) == ["a", "b"]
        assert sent({"x": "a", "y": "b"}.values()) == ["a", "b"]
        assert sent(map(str.upper, ["a"])) == ["A"]

    def test_mappings_of_any_kind(self) -> None:
        frozen = types.MappingProxyType({"text": "a"})
        assert sent([frozen, UserDict({"text": "b"})]) == [{"text": "a"}, {"text": "b"}]

    def test_a_dataclass_with_what_is_in_it(self) -> None:
        assert sent([Product("moon")]) == [{"title": "moon", "price": "9.90", "parts": [{"number": 1}]}]

    def test_a_model_of_pydantic(self) -> None:
        article = Article(title="moon", day=date(1969, 7, 20), tags={"space"})
        assert sent([article]) == [{"title": "moon", "day": "1969-07-20", "tags": ["space"]}]

    def test_named_tuples(self) -> None:
        old = namedtuple("old", ["title"])  # noqa: PYI024 - they are still in use
        assert sent([Row("moon", 1969), old("sun")]) == [{"title": "moon", "year": 1969}, {"title": "sun"}]

    def test_texts_of_other_classes(self) -> None:
        class Colour(str, Enum):
            RED = "red"

        assert sent([np.str_("a"), Colour.RED]) == ["a", "red"]

    @pytest.mark.parametrize(
        "column",
        [
            np.array(["a", "b"]),
            np.array(["a", "b"], dtype=object),
            pd.Series(["a", "b"]),
            pd.Series(["a", "b"], dtype="string"),
            pd.Series(["a", "b"], index=[7, 3]),
            pd.Index(["a", "b"]),
            pd.DataFrame({"text": ["a", "b"]})["text"],
            pl.Series(["a", "b"]),
            pl.DataFrame({"text": ["a", "b"]})["text"],
        ],
        ids=repr,
    )
    def test_columns_of_texts(self, column: object) -> None:
        assert sent(column) == ["a", "b"]

    def test_rows_of_tables(self) -> None:
        rows = {"title": ["a", "b"], "year": [1969, None]}
        expected = [{"title": "a", "year": 1969}, {"title": "b", "year": None}]
        # pandas makes NaN of what is missing.
        assert sent(pd.DataFrame(rows).to_dict("records")) == expected
        assert sent(pd.DataFrame(rows).itertuples(index=False)) == expected
        assert sent(pl.DataFrame(rows).to_dicts()) == expected


framework_documents = [
    pytest.param(LangChainDocument("moon", metadata={"title": "Moon", "secret": object()}), id="langchain"),
    pytest.param(LlamaDocument(text="moon", metadata={"title": "Moon", "secret": "s"}), id="llama_index document"),
    pytest.param(TextNode(text="moon", metadata={"title": "Moon", "secret": "s"}), id="llama_index node"),
    pytest.param(
        NodeWithScore(node=TextNode(text="moon", metadata={"title": "Moon", "secret": "s"}), score=0.5),
        id="llama_index scored node",
    ),
    pytest.param(HaystackDocument(content="moon", meta={"title": "Moon", "secret": object()}), id="haystack"),
]


class TestDocumentsOfFrameworks:
    @pytest.mark.parametrize("document", framework_documents)
    def test_only_the_text_leaves_the_process(self, document: object) -> None:
        assert sent([document]) == ["moon"]

    @pytest.mark.parametrize("document", framework_documents)
    def test_rank_fields_may_name_metadata(self, document: object) -> None:
        assert sent([document], ["title", "text"]) == [{"title": "Moon", "text": "moon"}]
        assert sent([document], ["missing"]) == [{"text": "moon"}]

    def test_rank_fields_may_name_the_text_as_the_framework_does(self) -> None:
        named = {"page_content": "moon", "text": "moon"}
        assert sent([LangChainDocument("moon")], ["page_content"]) == [named]
        assert sent([HaystackDocument(content="moon")], ["content"]) == [{"content": "moon", "text": "moon"}]

    def test_a_document_without_a_text_is_named(self) -> None:
        with pytest.raises(BadRequestError, match=r"documents\[1\]: has no text: its content is None") as caught:
            read_documents(["a", HaystackDocument(content=None)])
        assert caught.value.param == "documents[1]"

    def test_another_class_with_a_content_is_read_whole(self) -> None:
        class Note(BaseModel):
            content: str
            meta: str

        assert sent([Note(content="a", meta="b")]) == [{"content": "a", "meta": "b"}]


class TestWhatDocumentsMayNotBe:
    @pytest.mark.parametrize(
        ("documents", "problem"),
        [
            (None, "is required"),
            ([], "must hold at least one document"),
            (iter(()), "must hold at least one document"),
            (np.array([]), "must hold at least one document"),
            ("secret text", "put a single one into a list"),
            (b"secret text", "put a single one into a list"),
            ({"a": "secret text"}, r"list\(documents.values\(\)\)"),
            ({"secret text"}, "a set has no order"),
            (pd.DataFrame({"text": ["secret text"]}), "a table is none"),
            (pl.DataFrame({"text": ["secret text"]}), "a table is none"),
            (np.array([["secret text"]]), "must have one dimension"),
            (np.array("secret text"), "must have one dimension"),
            (7, "not int"),
            (object(), "not object"),
        ],
        ids=lambda value: type(value).__name__ if not isinstance(value, str) else None,
    )
    def test_no_list(self, documents: object, problem: str) -> None:
        with pytest.raises(BadRequestError, match=f"documents: .*{problem}") as caught:
            read_documents(documents)
        assert caught.value.param == "documents"
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        ("document", "problem"),
        [
            (None, "is missing"),
            (float("nan"), "is missing"),
            (np.float32("nan"), "is missing"),
            (pd.NA, "is missing"),
            (pd.NaT, "is missing"),
            (b"secret", "decode the bytes"),
            (1, "not int"),
            (True, "not bool"),
            (["secret"], "not list"),
            (("secret",), "not tuple"),
            (Product, "not a class"),
            (object(), "not object"),
        ],
        ids=repr,
    )
    def test_no_document(self, document: object, problem: str) -> None:
        with pytest.raises(BadRequestError, match=rf"documents\[2\]: .*{problem}") as caught:
            read_documents(["a", "b", document])
        assert caught.value.param == "documents[2]"
        assert caught.value.status_code == 400
        assert "secret" not in str(caught.value)

    @pytest.mark.parametrize(
        "column",
        [
            pd.Series(["a", None]),
            pd.Series(["a", None], dtype="string"),
            pd.Series(["a", float("nan")], dtype=object),
            pl.Series(["a", None]),
            np.array(["a", None], dtype=object),
        ],
        ids=repr,
    )
    def test_a_cell_without_a_text(self, column: object) -> None:
        with pytest.raises(BadRequestError, match=r"documents\[1\]: is missing"):
            read_documents(column)

    def test_a_generator_that_never_ends(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "_most_documents", 1_000)
        numbers = count()
        with pytest.raises(BadRequestError, match="more than 1,000 are too many"):
            read_documents(f"text {number}" for number in numbers)
        assert next(numbers) == 1_001


class TestValuesInRecords:
    def test_what_json_does_not_know(self) -> None:
        record = {
            "day": date(1969, 7, 20),
            "time": datetime(1969, 7, 20, 20, 17, tzinfo=timezone.utc),
            "price": Decimal("9.90"),
            "id": UUID(int=1),
            "path": PurePosixPath("a/b"),
            "count": np.int64(3),
            "score": np.float32(0.5),
            "vector": np.array([1, 2]),
            "column": pd.Series([1, 2]),
            "tags": {"b", "a"},
            "inner": types.MappingProxyType({"x": Row("t", 1)}),
            "missing": [float("nan"), float("inf"), np.float64("nan"), pd.NA, pd.NaT],
            1: "a number for a name",
        }
        assert sent([record]) == [
            {
                "day": "1969-07-20",
                "time": "1969-07-20T20:17:00+00:00",
                "price": "9.90",
                "id": "00000000-0000-0000-0000-000000000001",
                "path": "a/b",
                "count": 3,
                "score": 0.5,
                "vector": [1, 2],
                "column": [1, 2],
                "tags": ["a", "b"],
                # As any tuple inside a value.
                "inner": {"x": ["t", 1]},
                "missing": [None, None, None, None, None],
                "1": "a number for a name",
            }
        ]

    @pytest.mark.parametrize(
        ("record", "param", "problem"),
        [
            ({"a": 1, "image": b"secret"}, "documents[1].image", "a value of type bytes"),
            ({"a": {"b": [object()]}}, "documents[1].a", "a value of type object"),
            ({"a": 1, "secret name of a field": object()}, "documents[1]", "a value of type object"),
            ({("secret", 1): "a"}, "documents[1]", "names of fields must be texts, not tuple"),
        ],
    )
    def test_what_json_cannot_say(self, record: dict[Any, Any], param: str, problem: str) -> None:
        with pytest.raises(BadRequestError, match=problem) as caught:
            sent(["a", record])
        assert caught.value.param == param
        assert str(caught.value).startswith(f"{param}: ")
        assert "secret" not in str(caught.value)

    def test_a_record_that_holds_itself(self) -> None:
        record: dict[str, Any] = {"a": 1}
        record["self"] = record
        with pytest.raises(BadRequestError, match=r"documents\[0\]\.self: holds itself"):
            sent([record])

    def test_a_record_that_is_nested_too_deeply(self) -> None:
        deep: list[Any] = []
        for _ in range(100_000):
            deep = [deep]
        with pytest.raises(BadRequestError, match=r"documents\[0\]\.a: holds itself, or is nested too deeply"):
            sent([{"a": deep}])

    def test_half_a_surrogate_pair_is_escaped(self) -> None:
        body = encode({"query": "é", "documents": ["\ud800 x", {"\udfff": "ü"}]})
        assert body.isascii()
        assert json.loads(body)["documents"] == ["\ud800 x", {"\udfff": "ü"}]

    def test_other_letters_stay_short(self) -> None:
        assert encode({"query": "日本"}) == '{"query":"日本"}'.encode()


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)
# The same examples each time, however slow the machine.
steadily = settings(derandomize=True, database=None, deadline=None, suppress_health_check=[HealthCheck.too_slow])
# With halves of surrogate pairs.
any_text = st.text(st.characters())


@steadily
@given(st.lists(any_text | st.dictionaries(any_text, values, max_size=4), min_size=1, max_size=8))
def test_what_is_json_arrives_unchanged(documents: list[Any]) -> None:
    assert sent(documents) == documents
    assert sent(iter(documents)) == documents
    assert sent(tuple(documents)) == documents


@steadily
@given(
    st.lists(
        st.none() | st.floats() | st.integers() | st.binary() | st.text() | st.lists(st.text()) | st.just({"a": b""}),
        max_size=6,
    )
)
def test_whatever_it_is_it_is_sent_or_refused_by_its_position(documents: list[Any]) -> None:
    refusal: BadRequestError | None = None
    try:
        arrived = sent(documents)
    except BadRequestError as error:
        refusal, arrived = error, documents
    assert len(arrived) == len(documents)
    assert refusal is None or (refusal.param or "").startswith("documents")
