import type { ClientUnderTest, Failure, Question, Ranked } from "./client-under-test.ts";

/** What one client made of the answers of a scripted proxy. */
export interface ClientReport {
  readonly package: string;
  readonly call: string;
  readonly base: string;
  readonly ranked: Ranked;
  /** Where nobody counts tokens. */
  readonly uncounted: Ranked;
  readonly unauthorized: Failure;
  readonly refused: Failure;
  readonly limited: Failure;
}

interface Places {
  readonly ranks: Question;
  readonly uncounted: Question;
  readonly unauthorized: Question;
  readonly refused: Question;
  readonly limited: Question;
}

/**
 * `node rank-with-client.ts <file of a client> <places as JSON>` prints its report. A program of its own, as a user's is:
 * a dependency of some clients ships its sources under the same condition as this workspace, and they do not run.
 */
const [file = "", json = ""] = process.argv.slice(2);
const { client }: { client: ClientUnderTest } = await import(new URL(`programs/${file}`, import.meta.url).href);
const places: Places = JSON.parse(json);

const report: ClientReport = {
  package: client.package,
  call: client.call,
  base: client.base,
  ranked: await client.rank(places.ranks),
  uncounted: await client.rank(places.uncounted),
  unauthorized: await fail(places.unauthorized),
  refused: await fail(places.refused),
  limited: await fail(places.limited),
};
process.stdout.write(JSON.stringify(report));

async function fail(question: Question): Promise<Failure> {
  try {
    const answer = await client.rank(question);
    return { status: 200, message: JSON.stringify(answer) };
  } catch (error) {
    const failure = client.failureOf(error);
    if (failure === undefined) throw error;
    return failure;
  }
}
