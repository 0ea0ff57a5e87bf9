import type { Call } from "./call.ts";

/** Several changes of a call as one: where one is refused, none was made, and the call can be repeated. */
export function atOnce<T>(call: Call, work: (within: Call) => Promise<T>): Promise<T> {
  const { teams } = call;
  return teams.atOnce((within) => work({ ...call, teams: { ...teams, ...within } }));
}
