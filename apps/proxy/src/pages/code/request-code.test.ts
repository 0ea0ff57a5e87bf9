import { execFileSync } from "node:child_process";

import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

import type { RequestBody } from "./request-body.ts";
import { requestCode } from "./request-code.ts";

const body: RequestBody = {
  model: "bm25",
  query: "It's here?",
  documents: ["one", { text: "two", "sub title": null }],
  top_n: 1,
  raw_scores: true,
};
const place = { base: "http://localhost:4000", needsKey: false };

describe("requestCode", () => {
  it("writes a shell command whose body is the request, for any text in it", () => {
    const bodies = fc.record({
      model: fc.string(),
      query: fc.string({ unit: "grapheme" }),
      documents: fc.array(fc.string({ unit: "grapheme" }), { maxLength: 2 }),
    });
    fc.assert(
      fc.property(bodies, (request) => {
        const printing = requestCode("curl", request, place).replace(/^curl \S+/, "printf '%s\\0'");
        const [, , , data] = execFileSync("sh", ["-c", printing], { encoding: "utf8" }).split("\0");
        expect(JSON.parse(data ?? "")).toEqual(request);
      }),
      { numRuns: 50 },
    );
  });

  it("writes TypeScript for the library, through this proxy", () => {
    expect(requestCode("typescript", body, place)).toBe(`import { rerank } from "dheera-ai";

const { results } = await rerank({
  model: "bm25",
  query: "It's here?",
  documents: [
    "one",
    {
      text: "two",
      "sub title": null,
    },
  ],
  top_n: 1,
  raw_scores: true,
  api_base: "http://localhost:4000",
});

for (const { index, relevance_score } of results) console.log(index, relevance_score);
`);
  });

  it("writes Python with Python's words", () => {
    expect(requestCode("python", body, place)).toBe(`import requests

response = requests.post(
    "http://localhost:4000/rerank",
    json={
        "model": "bm25",
        "query": "It's here?",
        "documents": [
            "one",
            {
                "text": "two",
                "sub title": None,
            },
        ],
        "top_n": 1,
        "raw_scores": True,
    },
    timeout=60,
)
response.raise_for_status()

for result in response.json()["results"]:
    print(result["index"], result["relevance_score"])
`);
  });

  it.each(["curl", "typescript", "python"] as const)(
    "names a variable for the key in %s, where one is needed",
    (language) => {
      expect(requestCode(language, body, { ...place, needsKey: true })).toContain("DHEERA_AI_API_KEY");
      expect(requestCode(language, body, place)).not.toContain("DHEERA_AI_API_KEY");
    },
  );
});
