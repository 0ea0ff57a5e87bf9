"""Models in the process, with the two packages of npm that run them, and without."""

from __future__ import annotations

from pathlib import Path

import pytest

import dheera_ai

workspace = Path(__file__).parents[2] / "packages" / "local"
model = workspace / "src" / "fixtures" / "models" / "cross-encoder"
documents = ["A sun.", "A moon.", "A moon and a sun."]


@pytest.mark.skipif(
    not (workspace / "node_modules" / "onnxruntime-node").exists(),
    reason="the packages that run local models are not installed in the clone",
)
def test_a_local_model(monkeypatch: pytest.MonkeyPatch) -> None:
    # As where somebody has installed them in the folder of their program.
    monkeypatch.chdir(workspace)
    with dheera_ai.Client({"model_list": [_entry("tiny", warm=True)]}) as client:
        response = client.rerank("tiny", "moon", documents)
        again = client.rerank("tiny", "moon", documents, 1)
    assert sorted(result.index for result in response.results) == [0, 1, 2]
    assert all(0 < result.relevance_score < 1 for result in response.results)
    assert response.meta.score_kind == "probability"
    assert again.results[0] == response.results[0]
    # Counted by the model's own tokenizer, so it was the model that ranked.
    assert response.usage is not None
    assert (response.usage.total_tokens or 0) > 0


def test_what_runs_it_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with (
        dheera_ai.Client({"model_list": [_entry("tiny")]}) as client,
        pytest.raises(dheera_ai.BadRequestError, match=r"npm install onnxruntime-node tokenizers$"),
    ):
        client.rerank("tiny", "moon", documents)


def _entry(name: str, **parameters: object) -> dict[str, object]:
    return {"model_name": name, "dheera_ai_params": {"model": f"local/{model}", **parameters}}
