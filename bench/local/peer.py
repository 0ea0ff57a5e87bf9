"""The same work in Python: onnxruntime and tokenizers, one document a run. Reads an order a line, answers each with a line.

{"do": "load", "folder", "file", "threads", "spins", "precise"}
{"do": "score", "query", "documents"}  -> {"scores"}
{"do": "embed", "texts", "tokens"}     -> {"vectors"}

Each answer has "seconds" as well, and those of the "processor".
"""

import json
import sys
import time
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Encoding, Tokenizer


class Model:
    def __init__(self, folder: str, file: str, threads: int, spins: bool = True, precise: bool = False) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.add_session_config_entry("session.intra_op.allow_spinning", str(int(spins)))
        if precise:
            # Signed weights are multiplied as unsigned ones, which does not saturate without VNNI.
            options.add_session_config_entry("session.x64quantprecision", "1")
        self.session = onnxruntime.InferenceSession(Path(folder) / file, options, providers=["CPUExecutionProvider"])
        self.inputs = [one.name for one in self.session.get_inputs()]
        self.tokenizer = Tokenizer.from_file(str(Path(folder) / "tokenizer.json"))
        self.tokenizer.no_padding()

    def score(self, query: str, document: str) -> float:
        return float(self.run(self.tokenizer.encode(query, document))[0][0])

    def embed(self, text: str, tokens: int) -> list[float]:
        self.tokenizer.enable_truncation(tokens)
        vector = self.run(self.tokenizer.encode(text))[0]
        return (vector / np.linalg.norm(vector)).tolist()

    def run(self, encoding: Encoding) -> np.ndarray:
        values = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        return self.session.run(None, {name: np.array([values[name]], np.int64) for name in self.inputs})[0]


def main() -> None:
    model = None
    for line in sys.stdin:
        order = json.loads(line)
        what = order.pop("do")
        began, processor = time.perf_counter(), time.process_time()
        if what == "load":
            model = Model(**order)
            answer = {}
        elif what == "score":
            answer = {"scores": [model.score(order["query"], document) for document in order["documents"]]}
        else:
            answer = {"vectors": [model.embed(text, order["tokens"]) for text in order["texts"]]}
        answer["seconds"] = time.perf_counter() - began
        answer["processor"] = time.process_time() - processor
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
