"""Every command of the program that the wheel carries, and the packages of providers beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from dheera_ai._node import bundle_path, node_path

config = """
model_list:
  - model_name: words
    dheera_ai_params:
      model: bm25/default
general_settings:
  disable_auth: true
"""


def run(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [node_path(), bundle_path(), *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=cwd,
        env=environment(cwd),
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment(home: Path) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"]}


def test_the_commands(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(config)
    assert "Commands" in run("--help", cwd=tmp_path)
    assert "complete" in run("completion", "bash", cwd=tmp_path)
    assert json.loads(run("models", "--config", "words.yaml", cwd=tmp_path))[0]["model_name"] == "words"
    assert json.loads(run("doctor", "--config", "words.yaml", cwd=tmp_path))[0]["reachable"] is True
    assert json.loads(run("models", "--local", cwd=tmp_path)) == []
    assert "sk-" in run("keys", "create", "--name", "team", cwd=tmp_path)
    run("init", cwd=tmp_path)
    assert "model_list" in (tmp_path / "config.yaml").read_text()
    # Nothing but what the commands were asked to write.
    assert {path.name for path in tmp_path.iterdir()} == {"words.yaml", "config.yaml"}


@pytest.mark.parametrize(
    ("model", "parameters", "said"),
    [
        (
            "bedrock/amazon.rerank-v1:0",
            "aws_region_name: us-west-2, aws_profile_name: nobody",
            "check aws_profile_name",
        ),
        (
            "vertex_ai/semantic-ranker-default@latest",
            "vertex_project: p, vertex_credentials: /nowhere",
            "vertex_credentials",
        ),
        (
            "azure_ai/some-reranker",
            "api_base: https://a.example, azure_credential: unknown",
            "azure_credential must be",
        ),
        ("local/./no-folder", "threads: 0", "threads must be"),
        ("volcengine/doubao-seed-rerank", "model_version: 1", "model_version"),
        ("watsonx/some-reranker", "api_base: not-an-address, project_id: p, api_key: k", "api_base"),
    ],
)
def test_the_providers_that_are_packages_elsewhere(tmp_path: Path, model: str, parameters: str, said: str) -> None:
    """Nothing is installed from npm here, so each is in the wheel and says what it misses itself."""
    entry = f'model_name: m, dheera_ai_params: {{ model: "{model}", {parameters} }}, model_info: {{ mode: rerank }}'
    (tmp_path / "one.yaml").write_text(f"model_list: [{{ {entry} }}]")
    with pytest.raises(AssertionError) as failed:
        run("rerank", "--config", "one.yaml", "--model", "m", "--query", "q", "d", cwd=tmp_path)
    assert said in str(failed.value)
    assert "npm install" not in str(failed.value)


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_proxy_with_its_pages_and_workers(tmp_path: Path) -> None:
    (tmp_path / "words.yaml").write_text(config)
    options = ["--config", "words.yaml", "--host", "127.0.0.1", "--port", "0", "--num_workers", "2"]
    proxy = subprocess.Popen(
        [node_path(), bundle_path(), *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        cwd=tmp_path,
        env=environment(tmp_path),
    )
    try:
        assert proxy.stdout is not None
        url = next(line for line in proxy.stdout if line.startswith("RUNNING on ")).split()[-1]
        body = json.dumps({"model": "words", "query": "capital", "documents": ["a town", "the capital"]}).encode()
        with urllib.request.urlopen(urllib.request.Request(f"{url}/rerank", body)) as answer:
            assert json.load(answer)["results"][0]["index"] == 1
        for path in ("/", "/docs", "/openapi.json"):
            with urllib.request.urlopen(url + path) as answer:
                assert len(answer.read()) > 5_000, path
        proxy.send_signal(signal.SIGTERM)
        assert proxy.wait(30) == 0
    finally:
        proxy.kill()
        proxy.communicate()
