import { isDheeraError } from "@dheera-ai/core";

import type { DeliveryRow } from "../database/tables.ts";
import { mostAttempts, retryAfterOf, waitAfter } from "./backoff.ts";
import type { Outbox, Outcome } from "./outbox.ts";
import { signedHeaders } from "./signature.ts";
import type { Target } from "./targets.ts";

/** A POST to a webhook. */
export interface Outgoing {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Whether the address is the operator's own word. */
  readonly isConfigured: boolean;
}

/**
 * Sends one request within bounds of time and size, follows no redirect, and connects to nothing that the address must not lead to.
 * @throws DheeraError saying why there was no answer
 */
export type Send = (outgoing: Outgoing) => Promise<{ readonly status: number; readonly retryAfter: string | null }>;

export interface DeliveryOptions {
  readonly outbox: Outbox;
  readonly send: Send;
  readonly targets: () => ReadonlyMap<string, Target>;
  /** Milliseconds for which a delivery is this process's own: more than `send` takes at most. */
  readonly lease: number;
  readonly now: () => number;
  /** From 0 to 1. */
  readonly random: () => number;
}

export interface Deliverer {
  /** Takes what is due and sends it; resolves when it has been taken. @throws where the database is away */
  round(): Promise<void>;
  /** Resolves when nothing is being sent. */
  idle(): Promise<void>;
}

/** How the last attempt of this process ended: `new` where there was none. */
type Standing = "takes" | "new" | "fails";

/**
 * Deliveries at one time: of one webhook, and of all that stand no better. However many hang, those that take what they are sent keep
 * slots of their own, and so do those that were not tried yet.
 */
const most = {
  takes: { ofOne: 2, ofAll: 16 },
  new: { ofOne: 1, ofAll: 8 },
  fails: { ofOne: 1, ofAll: 4 },
} as const satisfies Record<Standing, object>;

const noBetter: Readonly<Record<Standing, readonly Standing[]>> = {
  takes: ["takes", "new", "fails"],
  new: ["new", "fails"],
  fails: ["fails"],
};

export function createDeliverer(options: DeliveryOptions): Deliverer {
  const { outbox, targets, lease } = options;
  const running = new Map<string, number>();
  const sending = new Map<Promise<void>, Standing>();
  const standings = new Map<string, Standing>();
  let isClosed = false;
  let turn = 0;

  function start(webhookId: string, row: DeliveryRow): void {
    running.set(webhookId, (running.get(webhookId) ?? 0) + 1);
    const done = deliver(row, targets().get(webhookId), options, (status) => {
      standings.set(webhookId, status === "delivered" ? "takes" : "fails");
    })
      // Where the database is away the lease ends, and somebody sends it again.
      .catch(() => {})
      .finally(() => {
        const left = (running.get(webhookId) ?? 1) - 1;
        if (left === 0) running.delete(webhookId);
        else running.set(webhookId, left);
        sending.delete(done);
        if (!isClosed) void round().catch(() => {});
      });
    sending.set(done, standingOf(webhookId));
  }

  function standingOf(webhookId: string): Standing {
    return standings.get(webhookId) ?? "new";
  }

  /** How many more deliveries of a webhook may be under way. */
  function roomOf(webhookId: string): number {
    const standing = standingOf(webhookId);
    const { ofOne, ofAll } = most[standing];
    const taken = [...sending.values()].filter((one) => noBetter[standing].includes(one)).length;
    return Math.min(ofOne - (running.get(webhookId) ?? 0), ofAll - taken);
  }

  let looking: Promise<void> | undefined;
  /** One at a time; who asks meanwhile waits for it. */
  function round(): Promise<void> {
    return (looking ??= look().finally(() => void (looking = undefined)));
  }

  async function look(): Promise<void> {
    if (isClosed || sending.size >= most.takes.ofAll) return;
    for (const id of standings.keys()) if (!targets().has(id)) standings.delete(id);
    const due = (await outbox.due()).filter((id) => targets().has(id));
    turn++;
    for (let index = 0; index < due.length; index++) {
      const id = due[(index + turn) % due.length] ?? "";
      const room = roomOf(id);
      if (room <= 0) continue;
      for (const row of await outbox.claim(id, room, lease)) start(id, row);
    }
  }

  return {
    round,
    async idle() {
      isClosed = true;
      await looking?.catch(() => {});
      await Promise.all(sending.keys());
    },
  };
}

async function deliver(
  row: DeliveryRow,
  target: Target | undefined,
  options: DeliveryOptions,
  onOutcome: (status: Outcome["status"]) => void,
): Promise<void> {
  const outcome = target === undefined ? gone : await attempt(row, target, options);
  onOutcome(outcome.status);
  await options.outbox.finish(row, outcome);
}

const gone: Outcome = { status: "failed", error: "the webhook is no more" };

/** One attempt, and what follows from it. */
export async function attempt(
  row: Pick<DeliveryRow, "delivery_id" | "event_id" | "body" | "attempts">,
  target: Target,
  { send, now, random }: Pick<DeliveryOptions, "send" | "now" | "random">,
): Promise<Outcome> {
  const again = (error: string, retryAfter = 0): Outcome =>
    row.attempts >= mostAttempts
      ? { status: "failed", error }
      : { status: "pending", error, wait: waitAfter(row.attempts, random(), retryAfter) };
  if ("trouble" in target) return again(target.trouble);
  const { url, secrets, isConfigured } = target;
  const at = now();
  const signing = secrets.filter(({ until = Infinity }) => at < until).map(({ secret }) => secret);
  const signed = signedHeaders({ id: row.event_id ?? row.delivery_id, at, body: row.body, secrets: signing });
  try {
    const { status, retryAfter } = await send({
      url,
      headers: { "content-type": "application/json", ...signed },
      body: row.body,
      isConfigured,
    });
    if (status >= 200 && status < 300) return { status: "delivered" };
    // The receiver says that it wants nothing more.
    if (status === 410) return { status: "failed", error: "answered 410: it is gone" };
    return again(`answered ${status}${explained(status)}`, retryAfterOf(retryAfter, now()));
  } catch (error) {
    return again(reasonOf(error));
  }
}

function explained(status: number): string {
  if (status >= 300 && status < 400) return ": redirects are not followed, give the address that it leads to";
  return status === 429 ? ": it is asked too often" : "";
}

/** Without the text of errors of the system, which names addresses. */
function reasonOf(error: unknown): string {
  if (isDheeraError(error)) return error.message.slice(0, 300);
  const code: unknown = error instanceof Error ? Reflect.get(error, "code") : undefined;
  return `could not be reached${typeof code === "string" ? ` (${code.slice(0, 60)})` : ""}`;
}
