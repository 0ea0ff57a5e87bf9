import { describe, expect, it } from "vitest";

import { readableLine } from "./readable-line.ts";

const request = { message: "POST /v1/rerank 200", call_id: "c-1", method: "POST", route: "/v1/rerank", status: 200 };

describe("readableLine", () => {
  it("is one line for a request: what was asked, how much work it was and how long it took", () => {
    const line = {
      ...request,
      key: "team",
      model: "bge",
      duration_ms: 12.345,
      documents: 100,
      batches: 4,
      cache_hits: 20,
    };
    expect(readableLine(line)).toBe("POST /v1/rerank 200  bge  100 documents in 4 calls, 20 cached  12.3 ms  key team");
  });

  it("leaves out what says nothing", () => {
    const line = { ...request, key: "local", model: "bm25", duration_ms: 1, documents: 1, batches: 1, cache_hits: 0 };
    expect(readableLine(line)).toBe("POST /v1/rerank 200  bm25  1 document in 1 call  1.0 ms");
  });

  it("names the model that served in place of another", () => {
    expect(readableLine({ ...request, model: "bge", served_by: "bm25" })).toBe("POST /v1/rerank 200  bge by bm25");
  });

  it("shows characters that would move a terminal's cursor, or end the line, as harmless ones", () => {
    const reason = "documents\u001b[2K\r\n\u009b2J\u202e: bad";
    const line = { ...request, code: "invalid_request", call_id: "c-1", reason };
    expect(readableLine(line)).toBe("POST /v1/rerank 200  c-1\n    documents\ufffd[2K\ufffd\ufffd\ufffd2J\ufffd: bad");
    const event = { message: "m", detail: { text: "\u009b" }, error: { name: "Error", message: "a\nb" } };
    expect(readableLine(event)).toBe('m  detail={"text":"\ufffd"}\n    caused by Error a\ufffdb');
  });

  it("says why a request failed, and its id", () => {
    const line = {
      ...request,
      message: "POST /v1/rerank 502 provider_failed",
      code: "provider_failed",
      reason: "the upstream failed",
      cause: { name: "Error", code: "ECONNRESET", message: "read ECONNRESET" },
    };
    expect(readableLine(line)).toBe(
      "POST /v1/rerank 502 provider_failed  c-1\n    the upstream failed\n    caused by Error ECONNRESET read ECONNRESET",
    );
  });

  it("says where an upstream failed, and not from where in this program it was called", () => {
    const line = {
      ...request,
      message: "POST /v1/rerank 502 provider_failed",
      code: "provider_failed",
      reason: "the upstream failed",
      upstream: { address: "http://gpu-1:8080/rerank", status: 500, code: "overflow" },
      cause: { name: "HttpError", stack: ["at a (b.ts:1:1)"], cause: { name: "SyntaxError" } },
    };
    expect(readableLine(line).split("\n").slice(1)).toEqual([
      "    the upstream failed",
      "    at http://gpu-1:8080/rerank (HTTP 500 overflow)",
      "    caused by SyntaxError",
    ]);
    expect(readableLine({ ...line, cause: undefined, upstream: { address: "http://gpu-1:8080/rerank" } })).toMatch(
      /failed\n {4}at http:\/\/gpu-1:8080\/rerank$/,
    );
  });

  it("shows the fields of an event, and where an error was thrown", () => {
    expect(
      readableLine({ level: "warn", time: "t", pid: 1, message: "one is left alone", event: "cooldown", seconds: 5 }),
    ).toBe("one is left alone  event=cooldown  seconds=5");
    expect(readableLine({ message: "failed", error: { name: "TypeError", stack: ["at a (b.ts:1:1)"] } })).toBe(
      "failed\n    caused by TypeError\n      at a (b.ts:1:1)",
    );
  });
});
