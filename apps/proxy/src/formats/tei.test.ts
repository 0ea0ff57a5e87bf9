import { expect, it } from "vitest";

import { teiFormat } from "./tei.ts";

it("looks at texts no further than the first that is none", () => {
  let seen = 0;
  const texts = new Proxy(
    Array.from({ length: 100_000 }, () => 1),
    {
      get(target, name, receiver): unknown {
        if (/^\d+$/.test(String(name))) seen++;
        return Reflect.get(target, name, receiver);
      },
    },
  );
  expect(() => teiFormat({ query: "q", texts }, "bge")).toThrow(
    expect.objectContaining({ message: "texts[0]: must be a text", param: "texts[0]" }),
  );
  expect(seen).toBeLessThan(10);
});
