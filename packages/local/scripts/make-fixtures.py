"""Makes src/fixtures/models, and what Python's own libraries say of them, in src/fixtures/expected.

    pip install onnx onnxruntime tokenizers numpy
    python scripts/make-fixtures.py [folder of other models ...]

A further folder is a model that is not kept in the repository: only what its tokenizer says is stored, under the
folder's name.
The same versions of those libraries make the same bytes.
"""

import json
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent / "fixtures"))

import networks
from expectations import expect_scores, expect_tokens
from tokenizers_of_fixtures import make_deberta, make_modernbert, make_wordpiece, make_xlm_roberta

FIXTURES = Path(__file__).parents[1] / "src/fixtures"
TOKENS = 128


def main() -> None:
    for made in ("models", "expected"):
        shutil.rmtree(FIXTURES / made, ignore_errors=True)
    wordpiece, unigram, deberta, bytes_ = make_wordpiece(), make_xlm_roberta(), make_deberta(), make_modernbert()
    bert = {"positions": TOKENS, "types": True, "vocabulary": wordpiece.get_vocab_size()}
    roberta = {"positions": TOKENS, "types": False, "first_position": 2, "vocabulary": unigram.get_vocab_size()}

    write(
        "cross-encoder",
        wordpiece,
        networks.cross_encoder(1, **bert, labels=1),
        config("BertForSequenceClassification", "bert", wordpiece, ["LABEL_0"]),
    )
    write(
        "cross-encoder-labels",
        unigram,
        networks.cross_encoder(2, **roberta, labels=3),
        config(
            "XLMRobertaForSequenceClassification", "xlm-roberta", unigram, ["contradiction", "entailment", "neutral"]
        ),
    )
    write(
        "cross-encoder-modernbert",
        bytes_,
        networks.cross_encoder(3, bytes_.get_vocab_size(), TOKENS, labels=1, types=False),
        config("ModernBertForSequenceClassification", "modernbert", bytes_, ["LABEL_0"]),
    )
    write(
        "cross-encoder-deberta",
        deberta,
        networks.cross_encoder(4, deberta.get_vocab_size(), TOKENS, labels=1, types=True),
        config("DebertaV2ForSequenceClassification", "deberta-v2", deberta, ["LABEL_0"]),
    )
    prompts = {"query": "query: ", "document": "passage: "}
    write(
        "bi-encoder-mean",
        wordpiece,
        networks.bare_encoder(5, **bert),
        config("BertModel", "bert", wordpiece),
        pooling="mean",
        prompts=prompts,
    )
    write(
        "bi-encoder-cls",
        unigram,
        networks.bare_encoder(6, **roberta, output="token_embeddings"),
        config("XLMRobertaModel", "xlm-roberta", unigram),
        pooling="cls",
    )
    write(
        "bi-encoder-pooled",
        wordpiece,
        networks.pooled_encoder(7, **bert),
        config("BertModel", "bert", wordpiece),
        pooling="mean",
    )
    write(
        "without-logits",
        wordpiece,
        networks.bare_encoder(8, **bert),
        config("BertForSequenceClassification", "bert", wordpiece, ["LABEL_0"]),
    )
    write(
        "gives-nan",
        wordpiece,
        networks.cross_encoder(9, **bert, labels=1, poison=wordpiece.token_to_id("void")),
        config("BertForSequenceClassification", "bert", wordpiece, ["LABEL_0"]),
    )

    for name in ("cross-encoder", "cross-encoder-labels", "cross-encoder-modernbert", "cross-encoder-deberta"):
        write_json(FIXTURES / f"expected/tokens-{name}.json", expect_tokens(FIXTURES / "models" / name, TOKENS))
    for name in (
        "cross-encoder",
        "cross-encoder-labels",
        "cross-encoder-modernbert",
        "cross-encoder-deberta",
        "bi-encoder-mean",
        "bi-encoder-cls",
        "bi-encoder-pooled",
    ):
        write_json(FIXTURES / f"expected/scores-{name}.json", expect_scores(FIXTURES / "models" / name, TOKENS))
    for folder in map(Path, sys.argv[1:]):
        write_json(FIXTURES / f"expected/tokens-{folder.name}.json", expect_tokens(folder, TOKENS))


def config(architecture: str, model_type: str, tokenizer, labels: list[str] | None = None) -> dict:
    first_position = 2 if model_type == "xlm-roberta" else 0
    return {
        "architectures": [architecture],
        "model_type": model_type,
        "hidden_size": networks.HIDDEN,
        "num_hidden_layers": 1,
        "num_attention_heads": networks.HEADS,
        "intermediate_size": networks.INNER,
        "max_position_embeddings": TOKENS + first_position,
        "pad_token_id": 1 if first_position else 0,
        "vocab_size": tokenizer.get_vocab_size(),
        **(
            {"id2label": dict(enumerate(labels)), "label2id": {label: id for id, label in enumerate(labels)}}
            if labels
            else {}
        ),
    }


def write(
    name: str, tokenizer, network, configuration: dict, *, pooling: str | None = None, prompts: dict | None = None
) -> None:
    """A model's folder as on the Hub."""
    folder = FIXTURES / "models" / name
    (folder / "onnx").mkdir(parents=True)
    (folder / "onnx/model.onnx").write_bytes(network.SerializeToString())
    (folder / "tokenizer.json").write_text(tokenizer.to_str(), encoding="utf-8")
    write_json(folder / "tokenizer_config.json", {"model_max_length": TOKENS, "truncation_side": "right"})
    write_json(folder / "config.json", configuration)
    if pooling is None:
        return
    types = ["Transformer", "Pooling", "Normalize"]
    paths = ["", "1_Pooling", "2_Normalize"]
    modules = [
        {"idx": i, "name": str(i), "path": paths[i], "type": f"sentence_transformers.models.{types[i]}"}
        for i in range(3)
    ]
    write_json(folder / "modules.json", modules)
    write_json(folder / "sentence_bert_config.json", {"max_seq_length": TOKENS, "do_lower_case": False})
    modes = {
        f"pooling_mode_{mode}": mode.startswith(pooling)
        for mode in ("cls_token", "mean_tokens", "max_tokens", "mean_sqrt_len_tokens")
    }
    modes["pooling_mode_mean_sqrt_len_tokens"] = False
    write_json(folder / "1_Pooling/config.json", {"word_embedding_dimension": networks.HIDDEN, **modes})
    if prompts:
        write_json(folder / "config_sentence_transformers.json", {"prompts": prompts, "default_prompt_name": None})


def write_json(file: Path, value) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
