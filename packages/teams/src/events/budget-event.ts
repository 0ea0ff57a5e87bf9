import { sql } from "kysely";

import { toDollars } from "../money.ts";
import { partsOfMember } from "../objects/member-id.ts";
import type { Charge, Mark } from "../spending/booking/batch.ts";
import type { Run } from "../spending/lane.ts";
import { type EventFields, named, type NewEvent, prefixOf, sourceOf } from "./event.ts";

/** What is told when an owner has passed a line of its budget. @param at when it did */
export async function budgetEvent(run: Run, { type, charge, spent, occasion }: Mark, at: number): Promise<NewEvent> {
  const { kind, id, start, end, max, soft } = charge;
  const isSpent = type === "budget.spent";
  const resets = end === undefined ? undefined : new Date(end).toISOString();
  const who = await ownerOf(run, charge);
  const line = isSpent ? max : (soft ?? max);
  const amount = `${toDollars(spent)} of ${toDollars(line ?? 0)} US dollars`;
  const message = isSpent
    ? `${who.text} has spent its budget: ${amount}. It is refused until its budget is raised${resets === undefined ? "" : ` or begins anew at ${resets}`}.`
    : `${who.text} has nearly spent its budget: ${amount}${soft === undefined ? "" : " that it is to be warned at"}.`;
  return {
    key: JSON.stringify([type, kind, id, start, occasion]),
    type,
    at,
    source: who.source,
    message,
    fields: {
      event: isSpent ? "budget_crossed" : soft === undefined ? "threshold_crossed" : "soft_budget_crossed",
      ...who.fields,
      spend: toDollars(spent),
      ...(max !== undefined && { max_budget: toDollars(max) }),
      ...(soft !== undefined && { soft_budget: toDollars(soft) }),
      ...(resets !== undefined && { budget_reset_at: resets }),
    },
  };
}

interface Told {
  readonly source: string;
  readonly text: string;
  readonly fields: Pick<EventFields, "event_group"> & Partial<EventFields>;
}

async function ownerOf(run: Run, charge: Charge): Promise<Told> {
  const { kind, id, name } = charge;
  const alias = name === id ? undefined : name;
  switch (kind) {
    case "key":
      return keyOf(run, charge);
    case "member": {
      const { of: team_id, userId: user_id } = partsOfMember(id);
      return {
        source: `user ${user_id}`,
        text: `The member ${named(user_id)} of the team ${named(team_id)}`,
        fields: { event_group: "team_member", team_id, user_id },
      };
    }
    case "organization_member": {
      const { of: organization_id, userId: user_id } = partsOfMember(id);
      return {
        source: `user ${user_id}`,
        text: `The member ${named(user_id)} of the organization ${named(organization_id)}`,
        fields: { event_group: "organization_member", organization_id, user_id },
      };
    }
    case "user":
      return { source: `user ${id}`, text: `The user ${named(name)}`, fields: { event_group: "user", user_id: id } };
    case "team":
      return {
        source: `team ${id}`,
        text: `The team ${named(name)}`,
        fields: { event_group: "team", team_id: id, ...(alias !== undefined && { team_alias: alias }) },
      };
    default:
      return {
        source: `organization ${id}`,
        text: `The organization ${named(name)}`,
        fields: { event_group: "organization", organization_id: id },
      };
  }
}

interface KeyFacts {
  readonly key_alias: string | null;
  readonly key_name: string;
  readonly team_id: string | null;
  readonly user_id: string | null;
}

/** A key of the configuration has no row, and its name. */
async function keyOf(run: Run, { id, name }: Charge): Promise<Told> {
  const [row] = await run(sql<KeyFacts>`select key_alias, key_name, team_id, user_id from dheera_keys
    where key_id = ${id}`);
  const alias = row === undefined ? name : row.key_alias;
  return {
    source: sourceOf(row, id),
    text: `The key ${named(alias ?? row?.key_name ?? name)} (${prefixOf(id)})`,
    fields: {
      event_group: "key",
      token: prefixOf(id),
      ...(alias !== null && { key_alias: alias }),
      ...(row && { key_name: row.key_name }),
      ...(row?.team_id && { team_id: row.team_id }),
      ...(row?.user_id && { user_id: row.user_id }),
    },
  };
}
