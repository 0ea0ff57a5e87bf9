"""What huggingface_hub makes of a cache: `python hub-cache.py <action> [<model> [<revision>]]` prints JSON."""

import json
import sys
from pathlib import Path

import huggingface_hub


def scan():
    info = huggingface_hub.scan_cache_dir()
    return {
        "warnings": [str(warning) for warning in info.warnings],
        "incomplete": len(info.incomplete_files),
        "models": [
            {
                "name": repo.repo_id,
                "type": repo.repo_type,
                "bytes": repo.size_on_disk,
                "revisions": sorted(
                    [
                        revision.commit_hash,
                        sorted(revision.refs),
                        sorted(str(file.file_path.relative_to(revision.snapshot_path)) for file in revision.files),
                    ]
                    for revision in repo.revisions
                ),
            }
            for repo in sorted(info.repos, key=lambda repo: repo.repo_id)
        ],
    }


def find(model, revision="main"):
    """Nothing is asked of the Hub."""
    path = huggingface_hub.hf_hub_download(model, "onnx/model.onnx", revision=revision, local_files_only=True)
    return {"path": path, "bytes": Path(path).stat().st_size}


def download(model, revision="main"):
    patterns = ["*.json", "onnx/model.onnx"]
    return {"folder": huggingface_hub.snapshot_download(model, revision=revision, allow_patterns=patterns)}


def delete(model, revision):
    strategy = huggingface_hub.scan_cache_dir().delete_revisions(revision)
    strategy.execute()
    return {"bytes": strategy.expected_freed_size, "of": model}


if __name__ == "__main__":
    action, *arguments = sys.argv[1:]
    actions = {"scan": scan, "find": find, "download": download, "delete": delete}
    print(json.dumps(actions[action](*arguments)))
