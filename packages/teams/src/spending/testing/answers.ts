import type { Owner } from "../../owners.ts";
import type { Answered } from "../spending.ts";

/** Noon of 2026-11-27 in UTC. */
export const noon: number = Date.UTC(2026, 10, 27, 12);

export function makeOwner(kind: Owner["kind"], id: string, budget?: Owner["budget"]): Owner {
  return { kind, id, name: id, limits: {}, ...(budget === undefined ? {} : { budget }) };
}

let made = 0;

/** An answer of four documents that cost five millionths of a dollar. */
export function makeAnswer(given: Partial<Answered> & Pick<Answered, "owners">): Answered {
  made += 1;
  return {
    request_id: `${process.pid}-${made}`,
    call_id: "call",
    at: noon,
    key_hash: "k",
    key_name: "sk-...k",
    team_id: "t",
    user_id: null,
    organization_id: null,
    tags: ["a"],
    model: "m",
    deployment: "m-1",
    provider: "cohere",
    status: 200,
    cost: 5_000,
    saved_cost: 0,
    documents: 4,
    tokens: 100,
    cache_hits: 0,
    milliseconds: 12.5,
    ...given,
  };
}
