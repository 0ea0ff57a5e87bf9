import { setTimeout as wait } from "node:timers/promises";

import { createRandom } from "../simulator/random.ts";
import { masterKey } from "./models.ts";
import { type People, type PlannedKey, type PlannedOwner, firstText, limitsOf, ownersOf } from "./people.ts";
import type { Stage } from "./stage.ts";
import type { Texts } from "./texts.ts";

/** Makes everybody over the management API. */
export async function createPeople(stage: Stage, people: People, seed: number): Promise<void> {
  const { organizations, teams, users, members, keys } = people;
  const make = async (path: string, body: object): Promise<void> => void (await manage(stage, path, body));
  const all = <Owner>(owners: readonly Owner[], create: (owner: Owner) => Promise<void>): Promise<unknown> =>
    Promise.all(owners.map(create));
  await all(organizations, (one) =>
    make("/organization/new", { organization_id: one.id, organization_alias: one.id, ...limitsOf(one) }),
  );
  await all(teams, (one) =>
    make("/team/new", {
      team_id: one.id,
      ...(one.organizationId !== undefined && { organization_id: one.organizationId }),
      ...limitsOf(one),
    }),
  );
  await all(users, (one) => make("/user/new", { user_id: one.id, auto_create_key: false, ...limitsOf(one) }));
  await all(members, async (one) => {
    await make("/team/member_add", { team_id: one.teamId, member: { user_id: one.userId, role: "user" } });
    if (one.max !== undefined)
      await make("/team/member_update", { team_id: one.teamId, user_id: one.userId, ...limitsOf(one) });
  });
  await all(keys, (one) =>
    make("/key/generate", {
      key: firstText(one.name, seed),
      key_alias: one.name,
      ...(one.teamId !== undefined && { team_id: one.teamId }),
      ...(one.userId !== undefined && { user_id: one.userId }),
      ...limitsOf(one),
    }),
  );
}

/** Blocks, rotates and raises while everything goes on, until it is over; then lifts every block. */
export async function runManagers(
  stage: Stage,
  people: People,
  texts: Texts,
  seed: number,
  isOver: () => boolean,
): Promise<void> {
  const random = createRandom(seed + 7);
  let rotations = 0;
  const busy = new Set<PlannedOwner>();

  async function block(key: PlannedKey): Promise<void> {
    const team = people.teams.find(({ id }) => id === key.teamId);
    const owner = team !== undefined && random.chance(0.3) ? team : key;
    if (busy.has(owner)) return;
    busy.add(owner);
    const body = owner.kind === "team" ? { team_id: owner.id } : { key: texts.current(key).text };
    const ends = { answered: Infinity, unblockSent: Infinity, unblocked: Infinity };
    const made = { owner, sent: performance.now(), ...ends };
    texts.blocks.push(made);
    texts.watch(key);
    await manage(stage, `/${owner.kind}/block`, body);
    made.answered = performance.now();
    await wait(random.integer(3_000, 7_000));
    made.unblockSent = performance.now();
    await manage(stage, `/${owner.kind}/unblock`, body);
    made.unblocked = performance.now();
    busy.delete(owner);
  }

  async function rotate(key: PlannedKey): Promise<void> {
    if (busy.has(key)) return;
    busy.add(key);
    const before = texts.current(key);
    const after = `sk-rotated-${seed}-${++rotations}-${key.name}`;
    const grace = random.integer(0, 3);
    texts.watch(key);
    before.endSent = performance.now();
    await manage(
      stage,
      "/key/regenerate",
      { key: before.text, new_key: after, ...(grace > 0 && { grace_period: `${grace}s` }) },
      // An answer before was lost on its way.
      (status, answer) => status === 400 && answer.includes("in use before"),
      (status) => status === 404,
    );
    before.end = performance.now() + grace * 1_000;
    texts.add(key, after);
    busy.delete(key);
  }

  async function raise(): Promise<void> {
    const limited = ownersOf(people).filter(({ max }) => max !== undefined);
    const owner = limited[random.integer(0, limited.length - 1)];
    if (owner?.max === undefined || busy.has(owner)) return;
    busy.add(owner);
    // It counts as soon as somebody may have heard of it.
    owner.max = Math.ceil((owner.max * 1.5) / 100_000) * 100_000;
    await manage(stage, ...changeOf(owner));
    busy.delete(owner);
  }

  const pick = (): PlannedKey => people.keys[random.integer(0, people.keys.length - 1)] ?? people.keys[0];
  const work = async (): Promise<void> => {
    while (!isOver()) {
      const what = random.next();
      await (what < 0.5 ? block(pick()) : what < 0.8 ? rotate(pick()) : raise());
      await wait(random.integer(100, 1_000));
    }
  };
  await Promise.all([work(), work(), work()]);
}

/** How a budget is raised to what it is by now. */
function changeOf({ kind, id, max = 0 }: PlannedOwner): readonly [path: string, body: object] {
  const limits = { max_budget: max / 1e9 };
  const [teamId, userId] = id.split("/");
  switch (kind) {
    case "key":
      return ["/key/update", { key: id, ...limits }];
    case "member":
      return ["/team/member_update", { team_id: teamId, user_id: userId, ...limits }];
    case "user":
      return ["/user/update", { user_id: id, ...limits }];
    case "team":
      return ["/team/update", { team_id: id, ...limits }];
    case "organization":
      return ["/organization/update", { organization_id: id, ...limits }];
  }
}

/** Asks one proxy after the other until one has done it. @throws Error where one says that it cannot be done */
async function manage(
  stage: Stage,
  path: string,
  body: object,
  isDone: (status: number, answer: string) => boolean = () => false,
  mayPass: (status: number) => boolean = () => false,
): Promise<void> {
  for (let turn = 0; turn < 400; turn++) {
    const life = stage.lives[turn % stage.lives.length];
    const answer = life && (await send(`${life.process.url}${path}`, body));
    if (answer !== undefined) {
      const [status, text] = answer;
      if (status < 300 || isDone(status, text)) return;
      if (status < 500 && !mayPass(status)) throw new Error(`${path} answered ${status}: ${text}`);
    }
    await wait(100);
  }
  throw new Error(`${path} was not done by anybody`);
}

async function send(url: string, body: object): Promise<readonly [number, string] | undefined> {
  try {
    const response = await fetch(url, {
      method: url.endsWith("/organization/update") ? "PATCH" : "POST",
      headers: { authorization: `Bearer ${masterKey}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(30_000),
    });
    return [response.status, await response.text()];
  } catch {
    return undefined;
  }
}
