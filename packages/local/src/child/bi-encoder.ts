import type { BiEncoder } from "../model/description.ts";
import type { Asked, LoadedModel, Query } from "./loaded-model.ts";
import { Refusal, notANumber } from "./refusal.ts";
import type { Output, Session } from "./session.ts";
import type { TextTokenizer } from "./tokens/tokenizer.ts";
import { cut } from "./tokens/truncation.ts";
import { type Embed, keepVectors } from "./vectors/kept-vectors.ts";
import { cosine, pool } from "./vectors/pooling.ts";

/**
 * Makes a vector of each text and compares them.
 * @param vectorCacheBytes see `LoadMessage`
 * @throws Error where the file gives no vectors
 */
export function loadBiEncoder(
  model: BiEncoder,
  tokenizer: TextTokenizer,
  session: Session,
  vectorCacheBytes: number,
): LoadedModel {
  const output = findOutput(model, session.outputs);
  const embed = keepVectors(
    async (input) => vectorOf(model, output, await session.run(output, input)),
    vectorCacheBytes,
  );
  return {
    read: (asked) => readQuery(asked, model, tokenizer, embed),
    countTokens: (text) => tokenizer.countTokens(text),
  };
}

function readQuery(
  { query, truncate, truncationDirection: direction, maxTokensPerDocument = Number.POSITIVE_INFINITY }: Asked,
  model: BiEncoder,
  tokenizer: TextTokenizer,
  embed: Embed,
): Query {
  const room = model.tokens - tokenizer.single.added;
  const queryStart = tokenizer.encodeStart(model.prompts.query + query, room, "right");
  queryStart.catch(() => undefined);
  let queryVector: Float64Array | undefined;
  let queryTokens = 0;
  let isQueryCut = false;

  return {
    prepare: async (document) => {
      const { ids: queryIds } = await queryStart;
      if (!truncate && queryIds.length > room) throw tooLong("the query", model, room);
      const most = Math.min(room, maxTokensPerDocument);
      const { ids, isWhole } = await tokenizer.encodeStart(model.prompts.document + document, most, direction);
      if (!truncate && ids.length > room && maxTokensPerDocument > room) throw tooLong("a document", model, room);
      const input = tokenizer.single.join(cut(ids, most, direction));
      return {
        tokens: input.ids.length,
        isCut: !isWhole || ids.length > most,
        score: async () => {
          if (queryVector === undefined) {
            const queryInput = tokenizer.single.join(cut(queryIds, room, "right"));
            queryTokens = queryInput.ids.length;
            isQueryCut = queryIds.length > room;
            queryVector = await embed(queryInput);
          }
          const score = cosine(queryVector, await embed(input));
          if (!Number.isFinite(score)) throw notANumber(model.name, model.weights.dtype);
          return score;
        },
      };
    },
    usage: () => ({ queryTokens, isQueryCut }),
  };
}

/** The model's own vector of the text where it gives one, because its pooling is then surely right. */
function findOutput({ name, weights, pooling }: BiEncoder, outputs: readonly string[]): string {
  const own = ["sentence_embedding", "sentence_embeddings"].find((output) => outputs.includes(output));
  const ofTokens = ["token_embeddings", "last_hidden_state"].find((output) => outputs.includes(output));
  const found = own ?? (pooling === "in-the-file" ? undefined : ofTokens);
  if (found !== undefined) return found;
  const missing =
    pooling === "in-the-file"
      ? "no output named sentence_embedding, and what its other files say of pooling is more than can be done outside of it"
      : "no output named sentence_embedding, token_embeddings or last_hidden_state";
  throw new Error(
    `${weights.file} of local/${name} has ${missing} (it has ${outputs.join(", ")}). Export it again for feature extraction, or ` +
      "use another model",
  );
}

function vectorOf(model: BiEncoder, output: string, { values, shape }: Output): Float64Array {
  const [batch, , dimensions] = shape;
  if (shape.length === 2 && batch === 1) return Float64Array.from(values);
  const { name, weights, pooling } = model;
  if (shape.length !== 3 || batch !== 1 || !dimensions || pooling === "in-the-file")
    throw new Refusal(
      "failed",
      `${output} of ${weights.file} of local/${name} has the shape [${shape.join(", ")}], which is neither a vector of the ` +
        "text nor vectors of its tokens: it is not an embedding model",
    );
  return pool(pooling, values, dimensions);
}

function tooLong(what: string, { name, tokens }: BiEncoder, room: number): Refusal {
  return new Refusal(
    "too-long",
    `${what} has more than ${room} tokens, and local/${name} reads ${tokens} with the special ones; truncate: false forbids to ` +
      "cut it",
  );
}
