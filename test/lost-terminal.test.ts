import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { expect, it } from "vitest";

import { needs } from "./support/programs.ts";

const main = fileURLToPath(new URL("../apps/cli/src/main.ts", import.meta.url));

/** Starts the proxy on a terminal of its own, takes the terminal away, lets it log a request, and stops it. */
const script = `
import json, os, pty, re, signal, sys, urllib.request
child, terminal = pty.fork()
if child == 0:
    os.execv(sys.argv[1], [sys.argv[1], "-C", "source", sys.argv[2], "--model", "bm25/default", "--host", "127.0.0.1", "--port", "0"])
shown = b""
while b"callers" not in shown:
    shown += os.read(terminal, 4096)
url = re.search(rb"RUNNING on (\\S+)", shown).group(1).decode()
os.close(terminal)
body = json.dumps({"model": "bm25/default", "query": "a cat", "documents": ["a cat"]}).encode()
request = urllib.request.Request(url + "/v1/rerank", data=body, headers={"content-type": "application/json"})
print(urllib.request.urlopen(request).status)
os.kill(child, signal.SIGTERM)
print(os.waitpid(child, 0)[1])
`;

it("the proxy serves on when its terminal is gone, and stops in order", needs("python3"), async () => {
  const { stdout } = await promisify(execFile)("python3", ["-c", script, process.execPath, main]);
  expect(stdout).toBe("200\n0\n");
});
