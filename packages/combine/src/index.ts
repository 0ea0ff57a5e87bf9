import type { Combination } from "@dheera-ai/core";

import { cascade } from "./cascade/cascade.ts";
import { fusion } from "./fusion/fusion.ts";
import { split } from "./split/split.ts";

export { cascade, fusion, split };
export { inputOrder } from "./fusion/fusion-options.ts";
export { ShadowSpending } from "./shadow/spending.ts";
export { type ShadowOptions, whyNoShadow, withShadows } from "./shadow/with-shadows.ts";

/** Models that are made of others: all official ones. */
export const combinations: readonly Combination[] = [cascade, fusion, split];
