import { type Client, type Crowd, runCrowd } from "../packages/core/src/fixtures/crowd.ts";

/**
 * Clients of a server that has too few places for them, in virtual time: `node -C source bench/allowance.ts`. The server
 * takes one millisecond for a document and one for a call. Documents a second and the share of documents refused, from 30 s to 120 s.
 */
const ours = (limit: number): Client => ({ kind: "ours", limit });
const foreign: Client = { kind: "foreign", documentsPerCall: 1 };
const crowds: readonly (Pick<Crowd, "places" | "clients"> & { readonly what: string })[] = [
  { what: "one, the limit of 8 is hidden", places: 8, clients: [ours(Infinity)] },
  { what: "one, the limit of 4 is hidden", places: 4, clients: [ours(Infinity)] },
  { what: "two, 32 places", places: 32, clients: [ours(32), ours(32)] },
  { what: "two, 4 places", places: 4, clients: [ours(4), ours(4)] },
  { what: "four, 32 places", places: 32, clients: [ours(32), ours(32), ours(32), ours(32)] },
  { what: "one beside three foreign clients, 4 places", places: 4, clients: [ours(4), foreign, foreign, foreign] },
];

for (const { what, ...crowd } of crowds) {
  const figures = runCrowd({ ...crowd, seconds: 120, settledAfter: 30 });
  const clients = figures.map(
    ({ documentsPerSecond, refusedShare }) =>
      `${documentsPerSecond.toFixed(0)}/s, ${(refusedShare * 100).toFixed(1)} % refused`,
  );
  console.log(`${what.padEnd(44)} ${clients.join(" | ")}`);
}
