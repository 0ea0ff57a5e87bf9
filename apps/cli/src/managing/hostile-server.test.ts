import { type Server, createServer } from "node:http";
import { once } from "node:events";

import { describe, expect, it } from "vitest";

import type { Outcome } from "../testing/processes.ts";
import { type Setting, runInProcess } from "../testing/run-in-process.ts";

/** Clears the screen, names the window, colours by a C1 sign, and turns the direction of the line. */
const control = "\u001B[2J\u001B]0;owned\u0007\u009B31m\u202Egnp\rover";
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u0009\u000B-\u001F\u007F-\u009F\u202A-\u202E]/;

describe("what a server says", () => {
  it.each([
    [404, { error: { code: "not_found", param: "team_id", message: `no ${control} team` } }],
    [403, { error: { code: "forbidden", message: `no ${control} team`, type: "x" } }],
    [400, { error: { code: "invalid_request", message: `no ${control} team`, type: "x" } }],
    [500, { error: { code: "internal", message: `no ${control} team`, type: "x" } }],
  ])("controls no terminal in an error (%i)", async (status, body) => {
    const { stderr, stdout } = await ask("teams info x", { status, text: JSON.stringify(body) }, { interactive: true });
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(controls);
    expect(stderr.length).toBeGreaterThan(10);
  });

  it.each([
    ["keys generate", { key: `sk-${control}`, token: "t", warnings: [`w ${control}`] }],
    ["teams new x", { team_id: "x", team_alias: control, warnings: [control] }],
    ["teams list", { teams: [{ team_id: control, team_alias: control }], total: 1, total_pages: 1 }],
    ["spend logs --csv", { data: [{ model: control, key_name: control }], total: 1, total_pages: 1 }],
    ["spend logs --json", { data: [{ model: control, key_name: control }], total: 1, total_pages: 1 }],
    ["spend report", `day,name\r\n2026-01-01,${control}\r\n`],
    ["spend report --csv", `day,name\r\n2026-01-01,${control}\r\n`],
  ])("controls no terminal that shows it: %s", async (line, body) => {
    const text = typeof body === "string" ? body : JSON.stringify(body);
    const { code, stdout, stderr } = await ask(line, { text }, { interactive: true, width: 200 });
    expect({ code, shown: stdout.includes("gnp") }).toEqual({ code: 0, shown: true });
    expect(stdout + stderr).not.toMatch(controls);
  });

  it("is written to a file as it is, for programs that read the table", async () => {
    const text = JSON.stringify({ data: [{ model: control }], total: 1, total_pages: 1 });
    expect((await ask("spend logs --csv", { text })).stdout).toContain(control);
  });

  it.each([
    ["keys generate", { key: `sk-${control}`, token: "t" }],
    ["keys generate", { token: "t" }],
    ["teams new x", { team_id: "a\nb" }],
  ])("is no key and no id for a script where it controls a terminal, or is none: %s --quiet", async (line, body) => {
    const { code, stdout, stderr } = await ask(`${line} --quiet`, { text: JSON.stringify(body) });
    expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
    expect(stderr).toContain("check --api_base");
    expect(stderr).not.toMatch(controls);
  });
});

interface Said {
  readonly status?: number;
  readonly text: string;
}

async function ask(line: string, { status = 200, text }: Said, setting: Setting = {}): Promise<Outcome> {
  const server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/json" }).end(text);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    const base = ["--api_base", `http://127.0.0.1:${portOf(server)}`, "--api_key", "k"];
    return await runInProcess([...line.split(" "), ...base], setting);
  } finally {
    server.close();
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}
