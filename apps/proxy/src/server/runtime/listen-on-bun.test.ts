import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { bunBinary } from "../../../../../test/support/bun-binary.ts";
import { eventually } from "../../../../../test/support/eventually.ts";
import { type ProxyProcess, startProgram } from "../../../../../test/support/proxy-process.ts";
import { sayOnce } from "../../../../../test/support/raw-connection.ts";

describe("listenOnBun", () => {
  it("gives the app the address of the peer, on every address it listens on", async () => {
    await using program = await startBun("(request, env) => new Response(peerAddress(request, env))");
    const { port } = new URL(program.url);
    const answers = await Promise.all(
      [`http://127.0.0.1:${port}`, `http://[::1]:${port}`].map(async (url) => (await fetch(url)).text()),
    );
    expect(answers).toEqual(["::ffff:127.0.0.1", "::1"]);
    expect(await sayOnce(program.url, "GET / HTTP/1.0\r\n\r\n")).toContain("::ffff:127.0.0.1");
  });

  it.each([
    ["throws", '() => { throw new Error("secret") }'],
    ["rejects", 'async () => { throw new Error("secret") }'],
  ])("answers in JSON for an app that %s, and logs the reason", async (_, app) => {
    await using program = await startBun(app);
    const response = await fetch(program.url);
    const text = await response.text();
    expect([response.status, response.headers.get("content-type")]).toEqual([500, "application/json"]);
    const { id, error } = JSON.parse(text);
    expect(error).toMatchObject({ type: "internal_error", code: "internal", message: expect.stringContaining(id) });
    expect(text).not.toContain("secret");
    await eventually(() => program.output()).toContain(`a request failed unexpectedly ${id} Error: secret`);
    expect((await fetch(program.url)).status).toBe(500);
  });
});

/** Starts a server under Bun with an app given as source text. */
async function startBun(app: string): Promise<ProxyProcess & AsyncDisposable> {
  const code = `
    import { findRuntime } from ${JSON.stringify(join(import.meta.dirname, "find-runtime.ts"))};
    const { listen, peerAddress } = await findRuntime();
    const ignore = () => {};
    const log = { debug: ignore, info: ignore, warn: ignore, error: (message, { call_id, error }) => console.log(message, call_id, String(error)) };
    const { port } = await listen({ fetch: ${app} }, { host: "::", port: 0, isShared: false, isDraining: () => false, log });
    console.log("RUNNING on http://127.0.0.1:" + port);`;
  const program = await startProgram(bunBinary(), ["--conditions=source", "-e", code]);
  return { ...program, [Symbol.asyncDispose]: async () => void (await program.stop()) };
}
