import { type Comparison, type Round, added, figuresOf, ratios, typical } from "./compare.ts";
import { quartilesOf } from "./quartiles.ts";
import { type Server, names } from "./servers/fleet.ts";
import { printRow } from "./table.ts";

/** One row a server. */
export function printComparison(shape: string, connections: number, comparison: Comparison): void {
  const direct = roundsOf(comparison, "direct");
  for (const [server, rounds] of comparison)
    printRow({
      shape,
      connections: String(connections),
      server: names[server.kind],
      cache: server.cache ?? "",
      "requests/s": typical(rounds, "requestsPerSecond").toFixed(0),
      "× nginx": spread(ratios(rounds, roundsOf(comparison, "nginx")), 3),
      "× bare": spread(ratios(rounds, roundsOf(comparison, bareOf(server.kind))), 2),
      "added p50 ms": added(rounds, direct, "p50").toFixed(2),
      "added p90 ms": added(rounds, direct, "p90").toFixed(2),
      "added p99 ms": added(rounds, direct, "p99").toFixed(2),
      "CPU µs": spread(figuresOf(rounds, "cpu"), 1),
      "RSS MB": typical(rounds, "rss").toFixed(0),
      failures: String(rounds.reduce((sum, { failures }) => sum + failures, 0)),
    });
}

/** The bare server on the same runtime; the one on Node.js for what is on neither. */
function bareOf(kind: Server["kind"]): Server["kind"] {
  return kind === "bun" || kind === "bare bun" ? "bare bun" : "bare node";
}

/** None where there is no such server. */
export function roundsOf(comparison: Comparison, kind: Server["kind"], cache?: Server["cache"]): readonly Round[] {
  for (const [server, rounds] of comparison) if (server.kind === kind && server.cache === cache) return rounds;
  return [];
}

/** The median, and the quartiles of the rounds. */
export function spread(figures: readonly number[], digits: number): string {
  const { lower, median, upper } = quartilesOf(figures);
  if (Number.isNaN(median)) return "";
  return `${median.toFixed(digits)} (${lower.toFixed(digits)}–${upper.toFixed(digits)})`;
}
