import { execFile } from "node:child_process";
import { readFile, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { Webhook } from "standardwebhooks";
import { describe, expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { createFolder } from "../support/temporary-folder.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = await readFile(join(root, "docs/teams.md"), "utf8");
const secret = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const body = '{"type":"budget.spent","event_message":"ü"}';
const now = new Date();
const signature = new Webhook(secret).sign("evt_1", now, body);
const headers = {
  "webhook-id": "evt_1",
  "webhook-timestamp": String(Math.floor(now.getTime() / 1_000)),
  // As it is while a secret is replaced.
  "webhook-signature": `v1,${Buffer.alloc(32).toString("base64")} ${signature}`,
};
const late = { ...headers, "webhook-timestamp": String(Math.floor(now.getTime() / 1_000) - 3_600) };

/** What arrives, and whether it is to be believed. */
const cases = [
  [headers, body, secret, true],
  [headers, `${body} `, secret, false],
  [headers, body, `whsec_${Buffer.alloc(32, 8).toString("base64")}`, false],
  [late, body, secret, false],
] as const;
const given = JSON.stringify(cases);
const expected = JSON.stringify(cases.map((one) => one[3]));

describe("what docs/teams.md has to verify webhooks with", () => {
  it("works in TypeScript", async () => {
    const program = `${blockOf("ts")}
const cases: any[] = JSON.parse(process.argv[2] ?? "");
const verified = cases.map(([headers, body, secret]) => {
  try { verify(body, headers, secret); return true; } catch { return false; }
});
console.log(JSON.stringify(verified));`;
    await using folder = await createFolder({ "verify.ts": program, "package.json": '{ "type": "module" }' });
    await symlink(join(root, "test/node_modules"), join(folder.path, "node_modules"));
    expect(await run(process.execPath, [join(folder.path, "verify.ts"), given])).toBe(expected);
  });

  it("works in Python", needs("python3"), async () => {
    const program = `${blockOf("python")}
import json, sys
print(json.dumps([verify(body.encode(), headers, secret) for headers, body, secret, _ in json.loads(sys.argv[1])]))`;
    await using folder = await createFolder({ "verify.py": program });
    expect((await run("python3", [join(folder.path, "verify.py"), given])).replaceAll(" ", "")).toBe(expected);
  });
});

function blockOf(language: string): string {
  const [, code = ""] =
    new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(page.slice(page.indexOf("## Webhooks"))) ?? [];
  expect(code).toContain("verify");
  return code;
}

async function run(program: string, args: readonly string[]): Promise<string> {
  return (await promisify(execFile)(program, [...args])).stdout.trim();
}
