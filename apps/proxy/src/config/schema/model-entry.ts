import type { ModelEntry } from "@dheera-ai/core";
import * as v from "valibot";

import { modelParams } from "./deployment-params.ts";
import { priceEntries } from "./prices.ts";
import { type Kind, anything, flag, number, openSection, sharedSection, text } from "./kinds.ts";

const modelInfo = openSection(
  {
    id: v.optional(text("Names the deployment in headers, metrics and logs; derived from the parameters when absent.")),
    health_check_timeout: v.optional(number("Seconds for one health check of this deployment; default 60.")),
    disable_background_health_check: v.optional(flag("Leave this deployment out of background health checks.")),
    ...priceEntries,
    metadata: v.optional(anything("Shown in `/model/info`.")),
  },
  "Shown in `/model/info`.",
);

/** One entry of `model_list`. */
export const modelEntry: Kind<ModelEntry> = sharedSection(
  {
    model_name: text("The name callers use. Entries that share it share its traffic."),
    dheera_ai_params: modelParams,
    model_info: v.optional(modelInfo),
  },
  "One deployment: a model at a place with a key.",
  ["tpm", "rpm"],
);
