import type { CrossEncoder } from "../model/description.ts";
import type { Asked, LoadedModel, Query, Reading } from "./loaded-model.ts";
import { Refusal, notANumber } from "./refusal.ts";
import type { Output, Session } from "./session.ts";
import type { TextTokenizer } from "./tokens/tokenizer.ts";
import { cut, shareRoom } from "./tokens/truncation.ts";

/** Reads query and document together. @throws Error where the file has no logits */
export function loadCrossEncoder(model: CrossEncoder, tokenizer: TextTokenizer, session: Session): LoadedModel {
  if (!session.outputs.includes("logits"))
    throw new Error(
      `${model.weights.file} of local/${model.name} has no output named logits (it has ${session.outputs.join(", ")}), so that it ` +
        "scores nothing: it was exported without the head of the cross-encoder. Export it again for text classification, or use " +
        "another model",
    );
  return {
    read: (asked) => readQuery(asked, model, tokenizer, session),
    countTokens: (text) => tokenizer.countTokens(text),
  };
}

function readQuery(asked: Asked, model: CrossEncoder, tokenizer: TextTokenizer, session: Session): Query {
  const { truncate, truncationDirection: direction, maxTokensPerDocument = Number.POSITIVE_INFINITY } = asked;
  const room = model.tokens - tokenizer.pair.added;
  const query = tokenizer.encode(asked.query);
  query.catch(() => undefined);
  let isQueryCut = false;

  return {
    prepare: async (document): Promise<Reading> => {
      const queryIds = await query;
      // Where the query leaves no place, it decides who is longer, and not by how much.
      const place = Math.min(queryIds.length < room ? room - queryIds.length : queryIds.length, maxTokensPerDocument);
      const { ids, isWhole } = await tokenizer.encodeStart(document, place, direction);
      const counted = cut(ids, maxTokensPerDocument, direction);
      const shares = shareRoom(queryIds.length, counted.length, room);
      const isTooLong = shares.query < queryIds.length || shares.document < counted.length;
      if (!truncate && isTooLong) throw tooLong(model, queryIds.length, room);
      isQueryCut ||= shares.query < queryIds.length;
      const input = tokenizer.pair.join(
        cut(queryIds, shares.query, direction),
        cut(counted, shares.document, direction),
      );
      return {
        tokens: input.ids.length,
        isCut: !isWhole || shares.document < ids.length,
        score: async () => scoreOf(model, await session.run("logits", input)),
      };
    },
    usage: () => ({ queryTokens: 0, isQueryCut }),
  };
}

/** The logit, or the logarithm of the odds of the positive label. */
function scoreOf({ name, labels, positive, weights }: CrossEncoder, { values, shape }: Output): number {
  if (values.length !== labels || shape.length > 2)
    throw new Refusal(
      "failed",
      `${weights.file} of local/${name} gave logits of the shape [${shape.join(", ")}], and its config.json says ` +
        `[1, ${labels}]: it is not a cross-encoder or not the file of this model`,
    );
  const score = labels === 1 ? Number(values[0]) : logOdds(values, positive);
  if (!Number.isFinite(score)) throw notANumber(name, weights.dtype);
  return score;
}

function logOdds(logits: ArrayLike<number>, positive: number): number {
  const others = Array.from(logits).filter((_, label) => label !== positive);
  const highest = Math.max(...others);
  const sum = others.reduce((total, logit) => total + Math.exp(logit - highest), 0);
  return Number(logits[positive]) - highest - Math.log(sum);
}

function tooLong({ name, tokens }: CrossEncoder, queryTokens: number, room: number): Refusal {
  const what =
    queryTokens >= room
      ? `the query has ${queryTokens} tokens, which leaves none for a document`
      : `a document has more than the ${room - queryTokens} tokens that the query leaves`;
  return new Refusal(
    "too-long",
    `${what} of the ${tokens} that local/${name} reads, and truncate: false forbids to cut it`,
  );
}
