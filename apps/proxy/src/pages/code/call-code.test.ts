import { describe, expect, it } from "vitest";

import { callCode } from "./call-code.ts";

const post = {
  method: "POST",
  url: "http://localhost:4000/rerank",
  needsKey: true,
  body: { model: "bm25", documents: ["it's"], explain: true },
  isJson: true,
};
const get = { method: "GET", url: "http://localhost:4000/model/info?model=bm25", needsKey: false, isJson: true };

describe("callCode", () => {
  it("writes curl", () => {
    expect(callCode("curl", post)).toBe(`curl http://localhost:4000/rerank \\
  -H "Authorization: Bearer $DHEERA_AI_API_KEY" \\
  -H "Content-Type: application/json" \\
  -d '{
  "model": "bm25",
  "documents": [
    "it'\\''s"
  ],
  "explain": true
}'`);
    expect(callCode("curl", get)).toBe("curl 'http://localhost:4000/model/info?model=bm25'");
  });

  it("names the method in curl where curl would send another one", () => {
    expect(callCode("curl", { ...post, method: "DELETE" })).toContain("curl -X DELETE http://localhost:4000/rerank ");
  });

  it("writes a form with a file", () => {
    const upload = {
      method: "POST",
      url: "http://localhost:4000/v1/files",
      needsKey: true,
      form: { purpose: "batch", file: "@lines.jsonl" },
      isJson: true,
    };
    expect(callCode("curl", upload)).toBe(`curl http://localhost:4000/v1/files \\
  -H "Authorization: Bearer $DHEERA_AI_API_KEY" \\
  -F 'purpose=batch' \\
  -F 'file=@lines.jsonl'`);
    const typescript = callCode("typescript", upload);
    expect(typescript).toContain('form.set("file", await openAsBlob("lines.jsonl"), "lines.jsonl");\n');
    expect(typescript).toContain("  body: form,\n");
    const python = callCode("python", upload);
    expect(python).toContain('files={"file": open("lines.jsonl", "rb")},\n');
  });

  it("writes TypeScript", () => {
    expect(callCode("typescript", post)).toBe(`const response = await fetch("http://localhost:4000/rerank", {
  method: "POST",
  headers: { authorization: \`Bearer \${process.env.DHEERA_AI_API_KEY}\`, "content-type": "application/json" },
  body: JSON.stringify({
    model: "bm25",
    documents: [
      "it's",
    ],
    explain: true,
  }),
});
if (!response.ok) throw new Error(await response.text());
console.log(await response.json());
`);
    expect(callCode("typescript", { ...get, isJson: false })).toContain(
      'await fetch("http://localhost:4000/model/info?model=bm25");',
    );
  });

  it("writes Python", () => {
    expect(callCode("python", post)).toBe(`import os
import requests

response = requests.post(
    "http://localhost:4000/rerank",
    headers={"Authorization": f"Bearer {os.environ['DHEERA_AI_API_KEY']}"},
    json={
        "model": "bm25",
        "documents": [
            "it's",
        ],
        "explain": True,
    },
    timeout=60,
)
response.raise_for_status()
print(response.json())
`);
  });
});
