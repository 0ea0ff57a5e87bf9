import { expect, it } from "vitest";

import { ErrorCounts } from "./error-kinds.ts";

it("counts lines by the codes of what was answered and of what never was, most first", () => {
  const counts = new ErrorCounts();
  const answered = (customId: string, code: string): string =>
    JSON.stringify({
      custom_id: customId,
      response: { status_code: 424, body: { error: { code, message: `no: ${customId}` } } },
      error: null,
    });
  counts.add(JSON.stringify({ custom_id: "a", response: null, error: { code: "batch_expired", message: "late" } }));
  counts.add(answered("b", "provider_rejected"));
  counts.add(answered("c", "provider_rejected"));
  counts.add(JSON.stringify({ custom_id: "d", response: { status_code: 502, body: "<html>" }, error: null }));
  counts.add("");
  counts.add("cut of");
  expect(counts.lines).toBe(5);
  expect(counts.kinds()).toEqual([
    { code: "provider_rejected", lines: 2, example: { customId: "b", message: "no: b" } },
    { code: "batch_expired", lines: 1, example: { customId: "a", message: "late" } },
    { code: "status_502", lines: 1, example: { customId: "d", message: "" } },
    { code: "unknown", lines: 1, example: { customId: "", message: "" } },
  ]);
});
