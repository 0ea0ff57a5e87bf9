import type { Attempt } from "../clients.ts";
import type { Lateness } from "../lateness.ts";
import type { Ledger } from "../ledger.ts";
import type { People } from "../people.ts";
import type { Outage } from "../stage.ts";
import type { Block } from "../texts.ts";

/** All that is known when a run is over. */
export interface Record {
  readonly people: People;
  readonly attempts: readonly Attempt[];
  readonly blocks: readonly Block[];
  readonly outages: readonly Outage[];
  readonly ledger: Ledger;
  readonly lateness: Lateness;
  /** How often the upstream scored each query. */
  readonly scored: ReadonlyMap<string, number>;
  /** Calls that the upstream refused on purpose. */
  readonly refusedByUpstream: number;
}

/** Milliseconds in which every replica knows of a change, and of a database that is back. */
export const bound = 2_000;

/** Whether the database was away at some time between the two. */
export function wasAway(outages: readonly Outage[], from: number, to: number): boolean {
  return outages.some((outage) => outage.from <= to && outage.to >= from);
}

/** The first ones in words; all of them would fill the terminal. */
export function firstOf(what: string, found: readonly string[]): readonly string[] {
  const shown = 5;
  return found.length === 0 ? [] : [`${found.length} × ${what}: ${found.slice(0, shown).join("; ")}`];
}

/** When a request was, beside what went wrong around it. */
export function timesOf({ begun, ended, life }: Attempt, { outages, lateness }: Record): string {
  const around = outages.filter(({ from, to }) => from < ended && to > begun - 20_000);
  return [
    `took ${seconds(ended - begun)}`,
    ...around.map(({ how, from, to }) => `${how} from ${seconds(from - begun)} to ${seconds(to - begun)}`),
    ...(life.killedAt === undefined ? [] : [`killed at ${seconds(life.killedAt - begun)}`]),
    `timers late by ${seconds(lateness.between(begun - bound, ended))} in ${seconds(ended - begun + bound)}`,
  ].join(", ");
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(2)} s`;
}
