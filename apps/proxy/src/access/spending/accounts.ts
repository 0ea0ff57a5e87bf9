import type { RequestReport } from "@dheera-ai/core";
import {
  type Answered,
  type Owner,
  type Payer,
  type Reservation,
  type Spending,
  toDollars,
  toNanodollars,
} from "@dheera-ai/teams";

import type { BudgetState } from "../../telemetry/telemetry.ts";
import type { Caller } from "../caller.ts";
import type { AskedRequest, MostCosts } from "./most-cost.ts";

/** Takes room in budgets before requests are scored, and books what they cost. */
export interface Accounts {
  /**
   * To be called once a request may be scored.
   * @param model a configured model name
   * @throws DheeraError `budget_exceeded`
   */
  open(caller: Caller, request: AskedRequest, model: string): Account | Promise<Account>;
  /** US dollars that a caller's key is known to have spent in the time of its budget; undefined where it has none. */
  spentBy(caller: Caller): number | undefined;
  /** Budgets that requests have met, the last thousand of them. */
  budgets(): readonly BudgetState[];
}

/** One request under way. */
export interface Account {
  /** To be called once, when the request has been answered, however it ended. */
  close(end: RequestEnd): void;
}

export interface RequestEnd {
  readonly callId: string;
  readonly status: number;
  readonly milliseconds: number;
  readonly report: RequestReport | undefined;
}

export function createAccounts(spending: Spending, costs: MostCosts): Accounts {
  const known = new WeakMap<Caller, KnownCaller>();
  const met = new Map<string, Owner>();
  // Once for each caller that access knows anew, so that requests pay nothing for it.
  const meet = (caller: Caller): KnownCaller => {
    const bounded = caller.owners.filter(({ budget }) => budget?.max !== undefined);
    for (const owner of bounded) {
      const [oldest] = met.keys();
      if (met.size >= mostBudgets && oldest !== undefined) met.delete(oldest);
      met.set(`${owner.kind} ${owner.id}`, owner);
    }
    const facts = { payer: payerOf(caller), hasBudget: bounded.length > 0 };
    known.set(caller, facts);
    return facts;
  };
  return {
    open(caller, request, model) {
      const { payer, hasBudget } = known.get(caller) ?? meet(caller);
      const account = (reservation?: Reservation): Account => ({
        close: (end) => spending.book(answeredOf(payer, model, end), reservation),
      });
      // Who has no budget is not worth an estimate.
      if (!hasBudget) return account();
      const reserved = spending.reserve(caller.owners, toNanodollars(costs.of(request, model)));
      return reserved instanceof Promise ? reserved.then(account) : account(reserved);
    },
    spentBy({ owners: [own] }) {
      const spent = own?.budget && spending.knownSpent(own);
      return spent === undefined ? undefined : toDollars(spent);
    },
    budgets: () =>
      [...met.values()].flatMap((owner) => {
        const { kind, id, name, budget: { max = 0 } = {} } = owner;
        const spent = spending.knownSpent(owner);
        return spent === undefined ? [] : [{ kind, id, name, max, remaining: max - toDollars(spent) }];
      }),
  };
}

const mostBudgets = 1_000;

interface KnownCaller {
  readonly payer: Payer;
  readonly hasBudget: boolean;
}

function payerOf({ id, name, owners, tags = [] }: Caller): Payer {
  const idOf = (kind: string): string | null => owners.find((owner) => owner.kind === kind)?.id ?? null;
  return {
    key_hash: owners[0]?.kind === "key" ? owners[0].id : id,
    key_name: name,
    team_id: idOf("team"),
    user_id: idOf("user"),
    organization_id: idOf("organization"),
    tags,
    owners,
  };
}

function answeredOf(payer: Payer, model: string, { callId, status, milliseconds, report }: RequestEnd): Answered {
  // A server that bills nobody needs no price.
  const isKnown = !report || report.unpricedCalls <= report.freeCalls;
  return {
    payer,
    call_id: callId,
    at: Date.now(),
    model,
    deployment: report?.deployment ?? null,
    provider: report?.provider ?? null,
    status,
    cost: isKnown ? toNanodollars(report?.cost ?? 0) : null,
    saved_cost: report?.savedCost === undefined ? null : toNanodollars(report.savedCost),
    documents: report?.documents ?? 0,
    tokens: report?.tokens ?? 0,
    cache_hits: report?.cacheHits ?? 0,
    milliseconds,
  };
}
