import type { CountMessage, CountsMessage, DoneMessage, ScoreMessage, ScoresMessage } from "../process/protocol.ts";
import type { LoadedModel } from "./loaded-model.ts";

/** A request while it is served: text by text, each first made into tokens and then computed. */
export interface Request {
  readonly id: number;
  /** How many texts it has. */
  readonly size: number;
  /**
   * Makes tokens of the text at a position, beside whatever else runs. What it gives computes the rest, and is called in
   * the order of the positions.
   */
  prepare(position: number): Promise<() => Promise<void>>;
  isComplete(): boolean;
  /** The scores that were not taken yet. @param memory Bytes that this process uses. */
  takeScores(memory: number): ScoresMessage | undefined;
  finish(): DoneMessage | CountsMessage;
}

export function createRequest(message: ScoreMessage | CountMessage, model: LoadedModel): Request {
  return message.type === "score" ? createScoreRequest(message, model) : createCountRequest(message, model);
}

function createScoreRequest({ id, documents, ...asked }: ScoreMessage, model: LoadedModel): Request {
  const query = model.read(asked);
  const size = documents.length;
  let from = 0;
  let scores: number[] = [];
  let tokens: number[] = [];
  let truncated: number[] = [];
  return {
    id,
    size,
    prepare: async (position) => {
      const reading = await query.prepare(documents[position] ?? "");
      return async () => {
        scores.push(await reading.score());
        tokens.push(reading.tokens);
        if (reading.isCut) truncated.push(position);
      };
    },
    isComplete: () => from + scores.length === size,
    takeScores: (memory) => {
      if (scores.length === 0) return undefined;
      const taken = { from, scores: Float64Array.from(scores), tokens: Uint32Array.from(tokens), truncated };
      from += scores.length;
      [scores, tokens, truncated] = [[], [], []];
      return { type: "scores", id, ...taken, ...query.usage(), memory };
    },
    finish: () => ({ type: "done", id, ...query.usage() }),
  };
}

function createCountRequest({ id, texts }: CountMessage, model: LoadedModel): Request {
  const tokens: number[] = [];
  return {
    id,
    size: texts.length,
    prepare: async (position) => {
      const count = await model.countTokens(texts[position] ?? "");
      return async () => void tokens.push(count);
    },
    isComplete: () => tokens.length === texts.length,
    takeScores: () => undefined,
    finish: () => ({ type: "counts", id, tokens }),
  };
}
