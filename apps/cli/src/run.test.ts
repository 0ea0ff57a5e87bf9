import { once } from "node:events";
import { createServer } from "node:http";

import { describe, expect, it } from "vitest";

import packageJson from "../package.json" with { type: "json" };
import { runCommandLine } from "./testing/processes.ts";
import { runInProcess } from "./testing/run-in-process.ts";

describe("dheera_ai", () => {
  it("prints its version, with or without other options", async () => {
    expect(await runCommandLine(["--version"])).toEqual({
      code: 0,
      stdout: `dheera_ai ${packageJson.version}\n`,
      stderr: "",
    });
    expect(await runInProcess(["--version", "--port", "1"])).toEqual({
      code: 0,
      stdout: "dheera_ai 1.2.3\n",
      stderr: "",
    });
  });

  it("takes help and version as words", async () => {
    expect(await runInProcess(["version"])).toEqual({ code: 0, stdout: "dheera_ai 1.2.3\n", stderr: "" });
    expect(await runInProcess(["help"])).toEqual(await runInProcess(["--help"]));
    expect(await runInProcess(["help", "rerank"])).toEqual(await runInProcess(["rerank", "--help"]));
    expect((await runInProcess(["help", "rernak"])).stderr).toContain("did you mean rerank?");
  });

  it.each([[], ["rerank"], ["models"], ["doctor"], ["init"], ["keys"], ["completion"]])(
    "prints help of %s on a terminal of 40 columns, no line of it wider but command lines",
    async (...command) => {
      const { code, stdout } = await runInProcess([...command, "--help"], { width: 40 });
      expect(code).toBe(0);
      const wide = stdout.split("\n").filter((line) => line.length > 40);
      expect(wide.filter((line) => !line.startsWith("  dheera_ai"))).toEqual([]);
    },
  );

  it("says in words that a configuration is a folder, or may not be read", async () => {
    const { code, stderr } = await runInProcess(["--config", "/", "--validate_config"]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--config /: it is a folder; name the file in it")]);
    expect((await runInProcess(["init", "/no/such/folder/config.yaml"])).stderr).toBe(
      "dheera_ai: /no/such/folder/config.yaml: there is no such file or folder\n",
    );
  });

  it("says of a failure which server it was, its status and its own code, and never the key", async () => {
    const server = createServer((_request, response) => {
      response.writeHead(404, { "content-type": "application/json" });
      response.end(JSON.stringify({ error: { code: "no_such_model", message: "the upstream's own words" } }));
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    const bound = server.address();
    const port = typeof bound === "object" ? bound?.port : undefined;
    const address = `http://127.0.0.1:${port}`;
    try {
      const place = ["--api_base", `${address}/v1`, "--api_key", "sk-secret"];
      const words = ["rerank", "--model", "cohere/rerank-v3.5", ...place, "--query", "a cat", "the dog", "the cat"];
      const { code, stdout, stderr } = await runInProcess(words);
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).toMatch(/^dheera_ai: the server .* does not know this path or model/);
      expect(stderr).toContain(`\n  at ${address}/`);
      expect(stderr).toContain("(HTTP 404 no_such_model)\n");
      expect(stderr).not.toMatch(/sk-secret|own words|the cat/);
    } finally {
      server.close();
    }
  });

  it("prints help", async () => {
    const { code, stdout } = await runInProcess(["--help"]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Dheera AI: one rerank API/);
    for (const command of ["rerank", "models", "doctor", "init", "keys", "completion"])
      expect(stdout).toMatch(new RegExp(`^ {2}${command} +[A-Z]`, "m"));
  });

  it.each(["rerank", "models", "doctor", "init", "keys"])(
    "prints help of %s, each line within 120 columns",
    async (command) => {
      const { code, stdout, stderr } = await runInProcess([command, "--help"]);
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
      expect(stdout).toContain(`Usage\n  dheera_ai ${command} `);
      for (const line of stdout.split("\n")) expect(line.length).toBeLessThanOrEqual(120);
    },
  );

  it("prints the overview on standard error when there are no arguments", async () => {
    expect(await runInProcess([])).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining("Commands") });
  });

  it("names the nearest command for an unknown one", async () => {
    expect(await runInProcess(["rernak"])).toEqual({
      code: 2,
      stdout: "",
      stderr: "dheera_ai: unknown command rernak; did you mean rerank?\nTry: dheera_ai --help\n",
    });
  });

  it("reads documents from a real pipe and writes JSON into one", async () => {
    const input = "a town\nthe capital\n";
    const { code, stdout, stderr } = await runCommandLine(["rerank", "--model", "bm25/default", "--query", "capital"], {
      input,
    });
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({ results: [{ index: 1 }, { index: 0 }] });
  });

  it("returns its exit codes to the system", async () => {
    expect(await runCommandLine(["rerank", "--nonsense"])).toMatchObject({ code: 2, stdout: "" });
    expect(await runCommandLine(["rerank", "-m", "nobody/knows", "-q", "q", "d"])).toMatchObject({
      code: 1,
      stdout: "",
    });
  });
});
