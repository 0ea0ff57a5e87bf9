import type { EventType, Format } from "@dheera-ai/teams";
import * as v from "valibot";

import { type BodyKind, type Clearable, bodyKind, flag, id, line, neededId, whole } from "./field-kinds.ts";

/** The same as the database's package has, which is not loaded to describe them. */
export const eventNames = [
  "budget.nearly_spent",
  "budget.spent",
  "key.expiring",
  "deployment.down",
  "deployment.up",
] as const satisfies readonly EventType[];
export const formatNames = ["json", "slack"] as const satisfies readonly Format[];

const events = v.nullish(
  v.pipe(
    v.array(v.picklist(eventNames, `must be one of: ${eventNames.join(", ")}`), "must be a list of events"),
    v.maxLength(20, "must hold at most 20"),
    v.transform((items) => [...new Set(items)]),
    v.description("What it is told; everything when absent or empty."),
  ),
);
const address = line(
  "Where events are sent: `https://`. It is not shown again as a whole, because addresses of channels are secrets.",
  2_048,
);
const disabled = v.nullish(flag("It is told nothing; what waits for it is sent when it is switched on again."));

interface WebhookFields {
  readonly events?: Clearable<EventType[]>;
  readonly disabled?: Clearable<boolean>;
}

export interface NewWebhookBody extends WebhookFields {
  readonly webhook_id?: Clearable<string>;
  readonly url: string;
  readonly format?: Clearable<Format>;
}

export const newWebhookBody: BodyKind<NewWebhookBody> = bodyKind(
  {
    webhook_id: id("Its id; a random one when absent."),
    url: v.pipe(address, v.nonEmpty("must not be empty")),
    format: v.nullish(
      v.pipe(
        v.picklist(formatNames, `must be one of: ${formatNames.join(", ")}`),
        v.description('`json` (default), signed as Standard Webhooks has it, or `slack`: `{"text": …}`, unsigned.'),
      ),
    ),
    events,
    disabled,
  },
  "A new webhook.",
);

export interface WebhookChangeBody extends WebhookFields {
  readonly webhook_id: string;
  readonly url?: Clearable<string>;
}

export const webhookChangeBody: BodyKind<WebhookChangeBody> = bodyKind(
  { webhook_id: neededId("The webhook."), url: v.nullish(address), events, disabled },
  "Fields that are to be changed; what is absent stays, and null of `events` means everything.",
);

export interface WebhookBody {
  readonly webhook_id: string;
}

export const webhookBody: BodyKind<WebhookBody> = bodyKind({ webhook_id: neededId("The webhook.") }, "One webhook.");

export interface WebhookRotationBody {
  readonly grace_seconds?: Clearable<number>;
}

export const webhookRotationBody: BodyKind<WebhookRotationBody> = bodyKind(
  {
    grace_seconds: v.nullish(
      whole("Seconds for which bodies are signed with the secret before, too: 86400 when absent, 2592000 at most."),
    ),
  },
  "How a secret is replaced.",
);
