import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";

import { runInProcess } from "../testing/run-in-process.ts";

describe("dheera_ai keys create", () => {
  it("prints a key and the hash of it, ready to paste", async () => {
    const { code, stdout } = await runInProcess(["keys", "create", "--name", "search team: a"]);
    expect(code).toBe(0);
    const [, key = ""] = /^# +(sk-dheera-\S{43})$/m.exec(stdout) ?? [];
    expect(stdout).toContain(`      key: sha256:${createHash("sha256").update(key).digest("hex")}`);
    expect(stdout).toContain('    - name: "search team: a"');
  });

  it("prints the same as JSON on request, a new key each time", async () => {
    const created = await Promise.all([1, 2].map(() => runInProcess(["keys", "create", "--output", "json"])));
    const [one, two] = created.map(({ stdout }): unknown => JSON.parse(stdout));
    expect(one).toEqual({
      name: "my-app",
      key: expect.stringMatching(/^sk-dheera-/),
      hash: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
    });
    expect(one).not.toEqual(two);
  });

  it("refuses anything but create", async () => {
    expect(await runInProcess(["keys"])).toMatchObject({ code: 2, stdout: "" });
    expect(await runInProcess(["keys", "delete"])).toMatchObject({ code: 2, stdout: "" });
  });
});
