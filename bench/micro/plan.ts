import { planBatches } from "../../packages/core/src/plan/plan-batches.ts";
import { skewedTexts } from "../dispatch/texts.ts";
import { type Step, counts } from "./step.ts";

/** Defaults of Text Embeddings Inference. */
const limits = { documentsPerCall: 32, bytesPerCall: 2_000_000, documentsInFlight: 512, tokensPerDocument: 8_192 };

export function planSteps(): readonly Step[] {
  return counts.flatMap((documents) => {
    const input = { query: "which bridge is old?", texts: skewedTexts(documents), limits, spread: 4 };
    return [
      { name: "plan, longest first", documents, run: () => planBatches({ ...input, pads: false }) },
      { name: "plan, neighbours together", documents, run: () => planBatches({ ...input, pads: true }) },
    ];
  });
}
