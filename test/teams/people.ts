import { createHash } from "node:crypto";

import { type Random, createRandom } from "../simulator/random.ts";

export type OwnerKind = "key" | "member" | "user" | "team" | "organization";

/** Somebody with limits, as the run knows them. */
export interface PlannedOwner {
  readonly kind: OwnerKind;
  /** As the database books it. */
  id: string;
  /** Billionths of a dollar; it is only ever raised. */
  max: number | undefined;
  readonly duration: "1h" | undefined;
  /** Requests a minute. */
  readonly rpm: number | undefined;
}

export interface PlannedKey extends PlannedOwner {
  readonly kind: "key";
  readonly name: string;
  readonly userId: string | undefined;
  readonly teamId: string | undefined;
  /** Whose budgets pay, itself first. */
  readonly chain: readonly PlannedOwner[];
}

export interface People {
  readonly organizations: readonly PlannedOwner[];
  readonly teams: readonly (PlannedOwner & { readonly organizationId: string | undefined })[];
  readonly users: readonly PlannedOwner[];
  readonly members: readonly (PlannedOwner & { readonly teamId: string; readonly userId: string })[];
  readonly keys: readonly [PlannedKey, ...PlannedKey[]];
}

const counts = { organizations: 3, teams: 12, users: 30, keys: 200 };

/**
 * Who there is: keys of teams, of members, of users and of nobody. Half of them have budgets, of which some run out within the run.
 * @param spends billionths of a dollar that all of them together would spend
 */
export function planPeople(seed: number, spends: number): People {
  const random = createRandom(seed);
  const owner = (kind: OwnerKind, id: string, part: number, chance: number): PlannedOwner => ({
    kind,
    id,
    max: random.chance(chance)
      ? Math.ceil(((0.1 + 1.5 * random.next()) * spends * part) / 100_000) * 100_000
      : undefined,
    duration: random.chance(0.2) ? "1h" : undefined,
    rpm: kind === "key" && random.chance(0.15) ? random.integer(5, 30) : undefined,
  });
  const organizations = range(counts.organizations).map((at) => owner("organization", `organization-${at}`, 0.2, 0.7));
  const teams = range(counts.teams).map((at) =>
    Object.assign(owner("team", `team-${at}`, 0.06, 0.6), {
      organizationId: at % 4 === 3 ? undefined : organizations[at % counts.organizations]?.id,
    }),
  );
  const users = range(counts.users).map((at) => owner("user", `user-${at}`, 0.02, 0.5));
  const members = range(counts.users).map((at) => {
    const teamId = `team-${at % counts.teams}`;
    const userId = `user-${at}`;
    return Object.assign(owner("member", `${teamId}/${userId}`, 0.01, 0.5), { teamId, userId });
  });
  const keys = range(counts.keys).map((at): PlannedKey => {
    const name = `key-${at}`;
    const own = owner("key", hashOf(firstText(name, seed)), at < 20 ? 0.02 : 0.004, 0.5);
    const member = at % 4 === 0 ? members[at % members.length] : undefined;
    const teamId = member?.teamId ?? (at % 4 === 1 ? `team-${at % counts.teams}` : undefined);
    const userId = member?.userId ?? (at % 4 === 2 ? `user-${at % counts.users}` : undefined);
    const team = teams.find(({ id }) => id === teamId);
    const chain: PlannedOwner[] = [];
    const key: PlannedKey = Object.assign(own, { kind: "key" as const, name, userId, teamId, chain });
    const user = users.find(({ id }) => id === userId);
    const organization = organizations.find(({ id }) => id === team?.organizationId);
    for (const one of [key, member, user, team, organization]) if (one !== undefined) chain.push(one);
    return key;
  });
  const [first, ...others] = keys;
  if (first === undefined) throw new Error("there are keys");
  return { organizations, teams, users, members, keys: [first, ...others] };
}

export function ownersOf({ organizations, teams, users, members, keys }: People): readonly PlannedOwner[] {
  return [...organizations, ...teams, ...users, ...members, ...keys];
}

/** What a key is before it is rotated. */
export function firstText(name: string, seed: number): string {
  return `sk-of-the-fault-run-${seed}-${name}`;
}

export function hashOf(key: string): string {
  return createHash("sha256").update(key).digest("hex");
}

export function limitsOf({ max, duration, rpm }: PlannedOwner): object {
  return {
    ...(max !== undefined && { max_budget: max / 1e9, ...(duration && { budget_duration: duration }) }),
    ...(rpm !== undefined && { rpm_limit: rpm }),
  };
}

export function pickKey(random: Random, { keys }: People): PlannedKey {
  // A tenth of the keys makes half of the requests.
  return keys[random.chance(0.5) ? random.integer(0, 19) : random.integer(0, keys.length - 1)] ?? keys[0];
}

function range(length: number): readonly number[] {
  return Array.from({ length }, (_, at) => at);
}
