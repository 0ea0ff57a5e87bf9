import type { ShadowParams } from "@dheera-ai/core";
import * as v from "valibot";

import { type Kind, number, section, seconds, text, whole } from "../kinds.ts";

/** A second model that is asked after answers were given. */
export function shadow(meaning: string): Kind<ShadowParams> {
  return section(
    {
      model: text("The model name of the second model."),
      sample: v.optional(number("The part of requests that it gets as well, 0 to 1; default 0.05.", { most: 1 })),
      timeout: v.optional(seconds("Seconds for one of them; default 30.")),
      max_parallel: v.optional(
        whole("Of them at one time, over all workers; one more is dropped. Default 4.", { most: 1_000 }),
      ),
      max_cost_per_day: v.optional(
        number(
          "US dollars for them in one day (UTC) in this process and its workers; none is sent once it could be passed. No limit when absent.",
        ),
      ),
    },
    meaning,
  );
}
