import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { describe, expect, it } from "vitest";

import { fixturePath } from "../../fixtures/fixture-models.ts";
import { makePairs, settingsOf } from "../../fixtures/pairs.ts";
import type { BiEncoder, CrossEncoder, ModelDescription } from "../../model/description.ts";
import { loadBiEncoder } from "../bi-encoder.ts";
import { loadCrossEncoder } from "../cross-encoder.ts";
import type { LoadedModel } from "../loaded-model.ts";
import type { Session } from "../session.ts";
import type { TokenizedText } from "./special-tokens.ts";
import { openTokenizer } from "./tokenizer.ts";

const shared = fileURLToPath(new URL("../../../../../../shared/", import.meta.url));
const models = [
  ...["cross-encoder", "cross-encoder-labels", "cross-encoder-modernbert", "cross-encoder-deberta"].map((name) => ({
    name,
    folder: fixturePath(`models/${name}`),
  })),
  // Too large for the repository.
  { name: "all-minilm-l6-v2", folder: join(shared, "models/all-minilm-l6-v2") },
  { name: "tiny-cross-encoder", folder: join(shared, "real-servers/tei/tiny-cross-encoder") },
];

describe.each(models)("the tokenizer of $name", ({ name, folder }) => {
  it.skipIf(!existsSync(folder))("gives the tokens of Python's for 1,000 varied pairs and single texts", async () => {
    const expected: Expected = JSON.parse(readFileSync(fixturePath(`expected/tokens-${name}.json`), "utf8"));
    const tokenizer = join(folder, "tokenizer.json");
    const pairs = await readWith(tokenizer, expected.tokens, "cross-encoder");
    const singles = await readWith(tokenizer, expected.tokens, "bi-encoder");
    const digests = Buffer.from(expected.digests, "base64");
    const wrong: number[] = [];
    for (const [position, { query, document }] of makePairs(digests.length / 6).entries()) {
      const { direction, most } = settingsOf(position);
      const pair = await pairs(query, document, direction, most);
      const single = await singles("", document, direction, most);
      const shown = expected.shown.find((one) => one.pair === position);
      if (shown) expect(pair.input).toEqual({ ids: shown.ids, types: shown.types });
      const text = [pair.input.ids, pair.input.types, single.input.ids, [Number(pair.isCut), Number(single.isCut)]];
      const digest = createHash("sha256").update(text.map(String).join(";")).digest().subarray(0, 6);
      if (!digest.equals(digests.subarray(position * 6, position * 6 + 6))) wrong.push(position);
    }
    expect(digests.length).toBe(6000);
    expect(wrong).toEqual([]);
  });
});

interface Expected {
  readonly tokens: number;
  /** Six bytes for each pair, in base64. */
  readonly digests: string;
  readonly shown: readonly { readonly pair: number; readonly ids: number[]; readonly types: number[] }[];
}

/** Reads pairs or single texts as a model does, and gives what its network would get. */
async function readWith(
  tokenizer: string,
  tokens: number,
  kind: ModelDescription["kind"],
): Promise<
  (
    query: string,
    document: string,
    direction: "left" | "right",
    most: number | undefined,
  ) => Promise<{ input: TokenizedText; isCut: boolean }>
> {
  const described = {
    name: "fixture",
    folder: "",
    revision: undefined,
    tokenizer,
    tokens,
    warnings: [],
    weights: { path: "", file: "", dtype: "fp32", externalData: [], bytes: 0, reason: "", integers: false },
  } as const;
  const crossEncoder: CrossEncoder = { ...described, kind: "cross-encoder", labels: 1, positive: 0 };
  const biEncoder: BiEncoder = {
    ...described,
    kind: "bi-encoder",
    pooling: "mean",
    prompts: { query: "", document: "" },
  };
  const modules = { onnxRuntime: "", tokenizer: createRequire(import.meta.url).resolve("tokenizers") };
  const opened = await openTokenizer({ model: crossEncoder, modules });
  let last: TokenizedText | undefined;
  const session: Session = {
    outputs: ["logits", "sentence_embedding"],
    run: async (output, input) => {
      last = input;
      return output === "logits" ? { values: [0], shape: [1, 1] } : { values: [1, 1], shape: [1, 2] };
    },
  };
  const model: LoadedModel =
    kind === "cross-encoder"
      ? loadCrossEncoder(crossEncoder, opened, session)
      : loadBiEncoder(biEncoder, opened, session, 0);
  return async (query, document, truncationDirection, maxTokensPerDocument) => {
    const asked = { query, truncate: true, truncationDirection, maxTokensPerDocument };
    const reading = await model.read(asked).prepare(document);
    await reading.score();
    expect(reading.tokens).toBe(last?.ids.length);
    return { input: last ?? { ids: [], types: [] }, isCut: reading.isCut };
  };
}
