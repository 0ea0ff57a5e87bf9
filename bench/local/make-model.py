"""Makes a cross-encoder of the size of MiniLM-L6 with random weights: fp32, and signed 8 bits per channel.

    python make-model.py <folder>     (needs onnx, onnxruntime, tokenizers, numpy)

Its folders fp32 and int8 are as on the Hub. The same seed gives the same weights, so that figures of two days can be
compared. Beside them, words.json lists words that are one token each.
"""

import json
import sys
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

LAYERS, HIDDEN, HEADS, INNER, POSITIONS, VOCABULARY = 6, 384, 12, 1536, 512, 30_522
EPSILON = 1e-12
CONFIGURATION = {
    "architectures": ["BertForSequenceClassification"],
    "model_type": "bert",
    "hidden_size": HIDDEN,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": HEADS,
    "intermediate_size": INNER,
    "hidden_act": "gelu",
    "max_position_embeddings": POSITIONS,
    "type_vocab_size": 2,
    "vocab_size": VOCABULARY,
    "pad_token_id": 0,
    "id2label": {"0": "LABEL_0"},
    "label2id": {"LABEL_0": 0},
}


def main(folder: Path) -> None:
    vocabulary, words = make_vocabulary()
    tokenizer = make_tokenizer(vocabulary)
    whole, quantized = folder / "fp32/onnx/model.onnx", folder / "int8/onnx/model_int8.onnx"
    for weights in (whole, quantized):
        weights.parent.mkdir(parents=True, exist_ok=True)
        tokenizer.save(str(weights.parents[1] / "tokenizer.json"))
        write(weights.parents[1] / "tokenizer_config.json", {"model_max_length": POSITIONS})
        write(weights.parents[1] / "config.json", CONFIGURATION)
    whole.write_bytes(Network().build().SerializeToString())
    quantize_dynamic(whole, quantized, per_channel=True, weight_type=QuantType.QInt8)
    write(folder / "words.json", words)


def make_vocabulary() -> tuple[list[str], list[str]]:
    """As long as BERT's: special tokens, letters and digits, the same inside of words, and words of two to four syllables."""
    characters = "abcdefghijklmnopqrstuvwxyz0123456789.,;:!?'\"()-"
    tokens = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *characters, *(f"##{one}" for one in characters)]
    syllables = [consonant + vowel for consonant in "bdfgklmnprstvz" for vowel in "aeiou"]
    draw = np.random.default_rng(1)
    words: dict[str, None] = {}
    while len(tokens) + len(words) < VOCABULARY:
        words["".join(draw.choice(syllables, draw.integers(2, 5)))] = None
    return [*tokens, *words], list(words)[:4_000]


def make_tokenizer(vocabulary: list[str]) -> Tokenizer:
    ids = {token: id for id, token in enumerate(vocabulary)}
    tokenizer = Tokenizer(models.WordPiece(ids, unk_token="[UNK]", max_input_chars_per_word=100))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]",
        pair="[CLS] $A [SEP] $B:1 [SEP]:1",
        special_tokens=[("[CLS]", ids["[CLS]"]), ("[SEP]", ids["[SEP]"])],
    )
    return tokenizer


class Network:
    """BERT with a pooler and one label, operator by operator as PyTorch exports it."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.draw = np.random.default_rng(2)

    def build(self) -> onnx.ModelProto:
        ids, mask, types = "input_ids", "attention_mask", "token_type_ids"
        length = self.add("Slice", self.add("Shape", ids), self.ints([1]), self.ints([2]))
        positions = self.add("Slice", self.ints([list(range(POSITIONS))]), self.ints([0]), length, self.ints([1]))
        embedded = self.add("Gather", self.random("words", VOCABULARY, HIDDEN, scale=0.5), ids)
        embedded = self.add("Add", embedded, self.add("Gather", self.random("types", 2, HIDDEN, scale=0.3), types))
        places = self.add("Gather", self.random("positions", POSITIONS, HIDDEN, scale=0.2), positions)
        state = self.normalize("embeddings", self.add("Add", embedded, places))
        masked = self.add("Cast", self.add("Unsqueeze", mask, self.ints([1, 2])), to=TensorProto.FLOAT)
        hidden = self.add("Mul", self.add("Sub", self.number(1), masked), self.number(-1e9))
        for layer in range(LAYERS):
            state = self.layer(f"layer{layer}", state, hidden)
        first = self.add("Gather", state, self.constant(np.array(0, np.int64)), axis=1)
        pooled = self.add("Tanh", self.linear("pooler", first, HIDDEN, HIDDEN))
        self.nodes.append(helper.make_node("Identity", [self.linear("classifier", pooled, HIDDEN, 1)], ["logits"]))
        graph = helper.make_graph(
            self.nodes,
            "minilm",
            [helper.make_tensor_value_info(name, TensorProto.INT64, ["batch", "length"]) for name in (ids, mask, types)],
            [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", 1])],
            self.weights,
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        onnx.checker.check_model(model)
        return model

    def layer(self, name: str, state: str, hidden: str) -> str:
        query, key, value = (self.heads(f"{name}.{part}", state) for part in ("query", "key", "value"))
        turned = self.add("Transpose", key, perm=[0, 1, 3, 2])
        products = self.add("Div", self.add("MatMul", query, turned), self.number(np.sqrt(HIDDEN / HEADS)))
        attention = self.add("Softmax", self.add("Add", products, hidden), axis=-1)
        seen = self.add("Transpose", self.add("MatMul", attention, value), perm=[0, 2, 1, 3])
        joined = self.add("Reshape", seen, self.ints([0, 0, HIDDEN]))
        attended = self.linear(f"{name}.attended", joined, HIDDEN, HIDDEN)
        state = self.normalize(f"{name}.first", self.add("Add", attended, state))
        wide = self.gelu(self.linear(f"{name}.wide", state, HIDDEN, INNER))
        narrow = self.linear(f"{name}.narrow", wide, INNER, HIDDEN)
        return self.normalize(f"{name}.second", self.add("Add", narrow, state))

    def heads(self, name: str, state: str) -> str:
        split = self.add("Reshape", self.linear(name, state, HIDDEN, HIDDEN), self.ints([0, 0, HEADS, HIDDEN // HEADS]))
        return self.add("Transpose", split, perm=[0, 2, 1, 3])

    def gelu(self, x: str) -> str:
        error = self.add("Erf", self.add("Div", x, self.number(np.sqrt(2))))
        return self.add("Mul", self.add("Mul", x, self.add("Add", error, self.number(1))), self.number(0.5))

    def linear(self, name: str, x: str, inner: int, outer: int) -> str:
        product = self.add("MatMul", x, self.random(f"{name}.weight", inner, outer, scale=1.2 / np.sqrt(inner)))
        return self.add("Add", product, self.random(f"{name}.bias", outer, scale=0.05))

    def normalize(self, name: str, x: str) -> str:
        scale = self.constant(1 + 0.02 * self.draw.standard_normal(HIDDEN, np.float32), f"{name}.scale")
        return self.add("LayerNormalization", x, scale, self.random(f"{name}.shift", HIDDEN, scale=0.02), epsilon=EPSILON)

    def random(self, name: str, *shape: int, scale: float) -> str:
        return self.constant(self.draw.standard_normal(shape, np.float32) * np.float32(scale), name)

    def number(self, value: float) -> str:
        return self.constant(np.array(value, np.float32))

    def ints(self, values: list) -> str:
        return self.constant(np.array(values, np.int64))

    def constant(self, values: np.ndarray, name: str | None = None) -> str:
        name = name or f"constant{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def add(self, operator: str, *inputs: str, **attributes) -> str:
        output = f"{operator.lower()}{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output


def write(file: Path, value: object) -> None:
    file.write_text(json.dumps(value) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
