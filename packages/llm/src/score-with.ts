import type { ScoreCall, Scorer, ScoreResult, Target } from "@dheera-ai/core";

import type { Endpoint } from "./endpoint/find-endpoint.ts";
import { gradeAll } from "./modes/grade-all.ts";
import { judgeEach } from "./modes/judge-each.ts";
import type { Judged } from "./modes/judged.ts";
import { rankAll } from "./modes/rank-all.ts";
import type { Mode } from "./options/mode.ts";
import type { Options } from "./options/parse-options.ts";
import { cutPassages } from "./prompt/cut-passages.ts";
import { takesInstruction } from "./prompt/template.ts";
import { Exchanges } from "./wire/exchange.ts";

type Judge = (judged: Judged) => Promise<ScoreResult>;

const judges: Readonly<Record<Mode, Judge>> = {
  listwise: rankAll,
  tournament: rankAll,
  graded: gradeAll,
  pointwise: judgeEach,
};

/** Asks the model of a deployment; what is learned of its server holds for all further calls. */
export function scoreWith(target: Target, options: Options, endpoint: Endpoint): Scorer["score"] {
  const exchanges = new Exchanges(target, options, endpoint);
  return async (call) => {
    call.signal.throwIfAborted();
    const { texts, truncated } = cutPassages(call, options);
    const ofCall = exchanges.begin(call);
    try {
      const result = await judges[options.mode]({ call, texts, options, exchanges: ofCall });
      const warnings = [...ignored(call.params, options), ...(result.warnings ?? [])];
      return { ...result, warnings, ...(truncated.length > 0 && { truncated }) };
    } catch (error) {
      ofCall.keepPaid();
      throw error;
    }
  };
}

function ignored({ rawScores = false, instruction }: ScoreCall["params"], { prompt }: Options): readonly string[] {
  return [
    ...(rawScores ? ["a chat model has no raw_scores; it had no effect"] : []),
    ...(instruction !== undefined && prompt !== undefined && !takesInstruction(prompt)
      ? ["the prompt of this deployment has no {instruction}; the instruction had no effect"]
      : []),
  ];
}
