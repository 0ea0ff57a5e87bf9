import type { DiversifyOptions } from "@dheera-ai/core";
import * as v from "valibot";

import { type Kind, choice, number, section } from "../kinds.ts";

/** How documents that say the same are put apart. */
export function diversify(meaning: string): Kind<DiversifyOptions> {
  return section(
    {
      method: v.optional(choice(["mmr"], "Maximal marginal relevance.")),
      lambda: v.optional(
        number("How much relevance counts beside difference, 0 to 1; 1 is relevance alone. Default 0.7.", { most: 1 }),
      ),
    },
    meaning,
  );
}
