import type { Owner } from "../../owners.ts";
import type { Answered, Payer } from "../spending.ts";

/** Noon of 2026-11-27 in UTC. */
export const noon: number = Date.UTC(2026, 10, 27, 12);

export function makeOwner(kind: Owner["kind"], id: string, budget?: Owner["budget"]): Owner {
  return { kind, id, name: id, limits: {}, ...(budget === undefined ? {} : { budget }) };
}

let made = 0;

type Given = Partial<Omit<Answered, "payer">> & Partial<Payer> & Pick<Payer, "owners">;

/** An answer of four documents that cost five millionths of a dollar. */
export function makeAnswer({
  owners,
  key_hash = "k",
  key_name = "sk-...k",
  team_id = "t",
  user_id = null,
  organization_id = null,
  tags = ["a"],
  ...given
}: Given): Answered {
  made += 1;
  return {
    payer: { owners, key_hash, key_name, team_id, user_id, organization_id, tags },
    request_id: `${process.pid}-${made}`,
    call_id: "call",
    at: noon,
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
