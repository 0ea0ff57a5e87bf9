"""Files and batches with OpenAI's own client: the whole cycle, synchronous and not."""

import asyncio
import json
import time

import openai
import pytest

from conftest import Proxy

ENDED = {"completed", "failed", "expired", "cancelled"}


def _client(proxy: Proxy, key: str | None = None) -> openai.OpenAI:
    return openai.OpenAI(api_key=key or proxy.key, base_url=f"{proxy.url}/v1", max_retries=0)


def _line(proxy: Proxy, custom_id: str, documents: list[str]) -> bytes:
    body = {"model": proxy.model, "query": proxy.query, "documents": documents}
    line = {"custom_id": custom_id, "method": "POST", "url": "/v1/rerank", "body": body}
    return json.dumps(line).encode() + b"\n"


def _create(client: openai.OpenAI, lines: bytes) -> openai.types.Batch:
    file = client.files.create(file=("lines.jsonl", lines), purpose="batch")
    endpoint = "/v1/rerank"
    return client.batches.create(input_file_id=file.id, endpoint=endpoint, completion_window="24h")  # type: ignore[arg-type]


def _until_ended(client: openai.OpenAI, batch: openai.types.Batch) -> openai.types.Batch:
    deadline = time.monotonic() + 120
    while batch.status not in ENDED:
        assert time.monotonic() < deadline, f"still {batch.status}"
        time.sleep(0.1)
        batch = client.batches.retrieve(batch.id)
    return batch


def test_runs_a_batch(proxy: Proxy) -> None:
    client = _client(proxy)
    lines = _line(proxy, "all", proxy.documents) + _line(proxy, "refused", [proxy.refused])
    batch = _until_ended(client, _create(client, lines))
    assert batch.status == "completed"
    assert batch.errors is None
    assert batch.request_counts is not None
    assert (batch.request_counts.total, batch.request_counts.completed, batch.request_counts.failed) == (2, 1, 1)

    assert batch.output_file_id is not None
    (answer,) = [json.loads(line) for line in client.files.content(batch.output_file_id).text.splitlines()]
    assert (answer["custom_id"], answer["error"], answer["response"]["status_code"]) == ("all", None, 200)
    results = answer["response"]["body"]["results"]
    proxy.check([result["index"] for result in results], [result["relevance_score"] for result in results])

    assert batch.error_file_id is not None
    (failed,) = [json.loads(line) for line in client.files.content(batch.error_file_id).iter_lines()]
    assert (failed["custom_id"], failed["response"]["status_code"]) == ("refused", 422)


def test_runs_a_batch_async(proxy: Proxy) -> None:
    async def run() -> openai.types.Batch:
        async with openai.AsyncOpenAI(api_key=proxy.key, base_url=f"{proxy.url}/v1", max_retries=0) as client:
            file = await client.files.create(file=("lines.jsonl", _line(proxy, "one", proxy.documents)), purpose="batch")
            batch = await client.batches.create(input_file_id=file.id, endpoint="/v1/rerank", completion_window="24h")  # type: ignore[arg-type]
            while batch.status not in ENDED:
                await asyncio.sleep(0.1)
                batch = await client.batches.retrieve(batch.id)
            return batch

    batch = asyncio.run(asyncio.wait_for(run(), 120))
    assert batch.status == "completed"


def test_lists_cancels_and_deletes(proxy: Proxy) -> None:
    client = _client(proxy)
    # So many that they have not all been ranked when it is cancelled.
    lines = b"".join(_line(proxy, str(number), proxy.documents) for number in range(5_000))
    batch = _create(client, lines)
    assert batch.id in [one.id for one in client.batches.list(limit=1)]
    assert client.batches.cancel(batch.id).status == "cancelling"
    batch = _until_ended(client, batch)
    assert batch.status == "cancelled"
    assert batch.expired_at is None
    with pytest.raises(openai.ConflictError) as ended:
        client.batches.cancel(batch.id)
    assert "Cannot cancel a batch with status 'cancelled'." in str(ended.value)
    file = batch.input_file_id
    assert file in [one.id for one in client.files.list(purpose="batch", limit=2)]
    assert list(client.files.list(purpose="vision")) == []
    oldest = [one.created_at for one in client.files.list(order="asc")]
    assert oldest == sorted(oldest)
    assert client.files.delete(file).deleted
    with pytest.raises(openai.NotFoundError):
        client.files.retrieve(file)


def test_gets_its_own_kinds_of_errors(proxy: Proxy) -> None:
    with pytest.raises(openai.AuthenticationError):
        _client(proxy, "wrong").files.list()
    with pytest.raises(openai.NotFoundError) as missing:
        _client(proxy).batches.retrieve("batch_none")
    assert missing.value.code == "not_found"
    with pytest.raises(openai.BadRequestError) as wrong:
        _client(proxy).files.create(file=("a.jsonl", b"{}"), purpose="assistants")
    assert wrong.value.param == "purpose"
    # Another key's files are not there for this one.
    file = _client(proxy).files.create(file=("a.jsonl", b"{}"), purpose="batch")
    with pytest.raises(openai.NotFoundError):
        _client(proxy, proxy.busy_key).files.content(file.id)
