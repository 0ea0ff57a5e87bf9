import { describe, expect, it } from "vitest";

import { type Dialect, rankingOf, resultsOwed } from "./dialects.ts";
import { askAndCheck, verdictOn } from "./check-answer.ts";
import { largeShape, upstreamAnswer } from "../proxy/load/shapes.ts";
import { serveHttp } from "../../test/support/serve-http.ts";

const dialects = ["cohere", "sglang", "passed on"] as const satisfies readonly Dialect[];

describe.each(dialects)("an answer in the dialect %s", (dialect) => {
  const right = rankingOf("passed on", JSON.parse(upstreamAnswer(largeShape))).slice(
    0,
    resultsOwed(dialect, largeShape),
  );
  const [first = { index: 0, score: 0 }, second = { index: 0, score: 0 }, ...others] = right;

  it("is right with the best documents, in order, each with its score", () => {
    expect(verdictOn(dialect, largeShape, written(dialect, right))).toEqual({});
  });

  it("may write its scores with fewer digits", () => {
    const shorter = right.map(({ index, score }) => ({ index, score: Number(score.toFixed(7)) }));
    expect(verdictOn(dialect, largeShape, written(dialect, shorter))).toEqual({});
  });

  it.each([
    ["two documents in each other's place", [second, first, ...others], "another order"],
    ["one document twice", [first, first, ...others], "another order"],
    ["another index", [{ ...first, index: first.index + 1 }, second, ...others], "another order"],
    [
      "a score that is off by a hundred-thousandth",
      [{ ...first, score: first.score + 1e-5 }, second, ...others],
      "other scores",
    ],
    [
      "two scores in each other's place",
      [{ ...first, score: second.score }, { ...second, score: first.score }, ...others],
      "other scores",
    ],
    ["one result less", right.slice(1), `${right.length - 1} results in place of ${right.length}`],
    ["one result more", [...right, first], `${right.length + 1} results in place of ${right.length}`],
    ["no results", [], `0 results in place of ${right.length}`],
  ])("is wrong with %s", (_, ranking, fault) => {
    expect(verdictOn(dialect, largeShape, written(dialect, ranking))).toEqual({ fault });
  });

  it.each([
    null,
    "ranked",
    {},
    { results: {} },
    { results: [{ index: "0", score: "1", relevance_score: "1" }] },
    [[1]],
  ])("is wrong as %j", (answer) => {
    expect(verdictOn(dialect, largeShape, answer)).toEqual({ fault: "an answer of another form" });
  });
});

describe.each(["cohere", "sglang"] as const)("an answer without a top_n in the dialect %s", (dialect) => {
  const all = rankingOf("passed on", JSON.parse(upstreamAnswer(largeShape)));

  it("is right, and remarked on", () => {
    expect(verdictOn(dialect, largeShape, written(dialect, all))).toEqual({ remark: "gives all 100 in place of 10" });
  });

  it("is wrong with the last two in each other's place", () => {
    const [last, beforeLast] = all.toReversed();
    const swapped = [...all.slice(0, -2), ...(last && beforeLast ? [last, beforeLast] : [])];
    expect(verdictOn(dialect, largeShape, written(dialect, swapped))).toEqual({ fault: "another order" });
  });
});

describe("a server that is asked", () => {
  const ask = (url: string) => askAndCheck({ url, body: "{}" }, "passed on", largeShape);

  it("ranks, or refuses, or writes no JSON", async () => {
    await using server = await serveHttp((request, response) => {
      if (request.url === "/refuses") response.writeHead(503);
      response.end(request.url === "/ranks" ? upstreamAnswer(largeShape) : "no");
    });
    expect(await ask(`${server.url}/ranks`)).toEqual({ answered: true });
    expect(await ask(`${server.url}/refuses`)).toEqual({ answered: true, fault: "status 503" });
    expect(await ask(`${server.url}/writes`)).toEqual({ answered: true, fault: "an answer that is no JSON" });
  });

  it("gives no answer where it breaks the connection", async () => {
    await using server = await serveHttp((request) => request.socket.destroy());
    expect(await ask(server.url)).toEqual({ answered: false, fault: "no answer" });
  });
});

function written(dialect: Dialect, ranking: readonly { readonly index: number; readonly score: number }[]): unknown {
  if (dialect === "passed on") return ranking;
  if (dialect === "sglang") return { results: ranking };
  return { results: ranking.map(({ index, score }) => ({ index, relevance_score: score })) };
}
