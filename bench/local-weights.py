"""What quantized weights cost in quality and bring in speed on this machine's CPU, by how they were quantized.

    python3 -m venv venv && venv/bin/pip install onnx onnxruntime tokenizers numpy
    venv/bin/python bench/local-weights.py

It takes the quantized all-MiniLM-L6-v2 and the Cranfield collection from ../shared, beside the repository. The 32-bit
twin is made of the model itself, whose weights it therefore has; only what quantizing the other factor and saturation do
is seen for signed weights per channel. One thread, one document a run, at most 128 tokens. Prints for each kind:
documents per second of processor time, nDCG@10, and how far cosines are from those of the twin, on average and at most.
A number behind the command takes only so many documents.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import helper, numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic
from tokenizers import Tokenizer

SHARED = Path(__file__).resolve().parents[2] / "shared"
MODEL = SHARED / "models" / "all-minilm-l6-v2"
COLLECTION = SHARED / "collections" / "cranfield"

KINDS = {
    "signed, per channel": {"weight_type": QuantType.QInt8, "per_channel": True},
    "signed, per channel, 7 bits": {"weight_type": QuantType.QInt8, "per_channel": True, "reduce_range": True},
    "unsigned, per channel": {"weight_type": QuantType.QUInt8, "per_channel": True},
    "signed, per tensor": {"weight_type": QuantType.QInt8},
    "unsigned, per tensor": {"weight_type": QuantType.QUInt8},
}


def main() -> None:
    documents, queries, relevance = read_collection()
    with tempfile.TemporaryDirectory() as folder:
        twin = Path(folder) / "fp32.onnx"
        onnx.save(float_twin(onnx.load(MODEL / "onnx" / "model_qint8.onnx")), twin)
        exact = evaluate("fp32", twin, documents, queries, relevance, None)
        for name, options in KINDS.items():
            quantized = Path(folder) / "quantized.onnx"
            quantize_dynamic(twin, quantized, **options)
            evaluate(name, quantized, documents, queries, relevance, exact)


def float_twin(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with a product of floats for each product of integers, of the same weights."""
    graph = model.graph
    values = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
    producer = {output: node for node in graph.node for output in node.output}
    consumers: dict[str, list[onnx.NodeProto]] = {}
    for node in graph.node:
        for name in node.input:
            consumers.setdefault(name, []).append(node)
    products: dict[int, onnx.NodeProto] = {}
    for node in graph.node:
        if node.op_type != "MatMulInteger":
            continue
        weights = node.input[1].removesuffix("_quantized")
        exact = values[node.input[1]].astype(np.float32) - values[f"{weights}_zero_point"].astype(np.float32)
        graph.initializer.append(numpy_helper.from_array((exact * values[f"{weights}_scale"]).astype(np.float32), weights))
        (cast,) = consumers[node.output[0]]
        (scaled,) = consumers[cast.output[0]]
        factor = producer[node.input[0]].input[0]
        products[id(scaled)] = helper.make_node("MatMul", [factor, weights], list(scaled.output), name=f"{weights}_product")
    kept = [products.get(id(node), node) for node in graph.node]
    # What nobody reads any more goes, from the end on.
    needed = {output.name for output in graph.output}
    nodes = []
    for node in reversed(kept):
        if needed.intersection(node.output):
            nodes.append(node)
            needed.update(node.input)
    initializers = [each for each in graph.initializer if each.name in needed]
    del graph.node[:], graph.initializer[:]
    graph.node.extend(reversed(nodes))
    graph.initializer.extend(initializers)
    return model


def evaluate(name, path, documents, queries, relevance, exact):
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])
    began = time.process_time()
    vectors = np.array([embed(session, ids) for ids in documents.values()])
    speed = len(documents) / (time.process_time() - began)
    cosines = np.array([embed(session, ids) for ids in queries.values()]) @ vectors.T
    gains = [ndcg(scores, list(documents), relevance[query]) for query, scores in zip(queries, cosines)]
    apart = np.abs(cosines - (cosines if exact is None else exact))
    print(
        f"{name:28} {speed:6.1f} documents/s   nDCG@10 {np.mean(gains):.4f}"
        f"   cosines apart {apart.mean():.4f} on average, {apart.max():.4f} at most",
        flush=True,
    )
    return cosines


def embed(session, ids):
    tokens = np.array([ids], dtype=np.int64)
    (vectors,) = session.run(
        None,
        {"input_ids": tokens, "attention_mask": np.ones_like(tokens), "token_type_ids": np.zeros_like(tokens)},
    )
    return vectors[0] / np.linalg.norm(vectors[0])


def ndcg(scores, documents, relevance):
    discounts = 1 / np.log2(np.arange(10) + 2)
    gains = [relevance.get(documents[index], 0) for index in np.argsort(-scores, kind="stable")[:10]]
    best = sorted(relevance.values(), reverse=True)[:10]
    return float(np.dot(gains, discounts[: len(gains)]) / np.dot(best, discounts[: len(best)]))


def read_collection():
    tokenizer = Tokenizer.from_file(str(MODEL / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(128)
    relevance: dict[str, dict[str, int]] = {}
    for line in (COLLECTION / "qrels" / "test.tsv").read_text().splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            relevance.setdefault(query, {})[document] = int(grade)
    most = int(sys.argv[1]) if len(sys.argv) > 1 else None
    documents = {
        each["_id"]: tokenizer.encode(f"{each.get('title') or ''} {each['text']}".strip()).ids
        for each in read_lines("corpus.jsonl")[:most]
    }
    relevance = {
        query: judged
        for query, grades in relevance.items()
        if (judged := {document: grade for document, grade in grades.items() if document in documents})
    }
    queries = {
        each["_id"]: tokenizer.encode(each["text"]).ids for each in read_lines("queries.jsonl") if each["_id"] in relevance
    }
    return documents, queries, relevance


def read_lines(name):
    return [json.loads(line) for line in (COLLECTION / name).read_text().splitlines()]


main()
