import { type Comparison, type Round, added, ratio, typical } from "./compare.ts";
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
      "× nginx": write(ratio(rounds, roundsOf(comparison, "nginx")), 3),
      "× bare": write(ratio(rounds, roundsOf(comparison, bareOf(server.kind))), 2),
      "added p50 ms": added(rounds, direct, "p50").toFixed(2),
      "added p90 ms": added(rounds, direct, "p90").toFixed(2),
      "added p99 ms": added(rounds, direct, "p99").toFixed(2),
      "CPU µs": typical(rounds, "cpu").toFixed(0),
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

function write(figure: number, digits: number): string {
  return Number.isNaN(figure) ? "" : figure.toFixed(digits);
}
