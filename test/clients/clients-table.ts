import { isDeepStrictEqual } from "node:util";

import { oracleRanking } from "../simulator/oracle.ts";
import type { ClientReport } from "./rank-with-client.ts";
import { installedVersion, question } from "./run-clients.ts";

/** What every client must have read where a model ranks. */
export const expectedRanking = oracleRanking(question.query, question.documents).slice(0, question.topN);

/** The table of `docs/clients.md`, from what the clients said of their answers. */
export async function clientsTable(reports: readonly ClientReport[]): Promise<string> {
  const rows = await Promise.all(reports.map(rowOf));
  return [
    "| package | version | what ranks | base URL | ranking | documents | tokens | errors it reads |",
    "|---|---|---|---|---|---|---|---|",
    ...rows.toSorted(),
  ].join("\n");
}

async function rowOf(report: ClientReport): Promise<string> {
  const { ranked, unauthorized, refused, limited } = report;
  const isRight = isDeepStrictEqual(ranked.ranking, expectedRanking);
  return `| ${[
    `\`${report.package}\``,
    await installedVersion(report.package),
    `\`${report.call}\``,
    `\`<proxy>${report.base}\``,
    isRight ? "yes" : "wrong",
    ranked.documents ? "yes" : "–",
    ranked.tokens === undefined ? "–" : "yes",
    [unauthorized, refused, limited].map(({ status }) => status).join(", "),
  ].join(" | ")} |`;
}
