import type { LineAnswer, RankLine } from "@dheera-ai/batch";
import { type Dheera, isDheeraError } from "@dheera-ai/core";
import { array, object, parse, string } from "valibot";

const body = object({ model: string(), query: string(), documents: array(string()) });

/** Lines of a batch, whose texts a test or a bench has made, ranked by an engine. */
export function rankWith(dheera: Dheera): RankLine {
  return async (line): Promise<LineAnswer> => {
    try {
      return { status: 200, body: await dheera.rerank(parse(body, line.body), { signal: line.signal }) };
    } catch (error) {
      if (!isDheeraError(error)) throw error;
      return { status: error.status, body: { error: { code: error.code, message: error.message } } };
    }
  };
}
