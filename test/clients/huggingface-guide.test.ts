import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFile, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";

import { makeCertificates } from "../../apps/proxy/src/fixtures/certificates.ts";
import { startConnectProxy } from "../../apps/proxy/src/fixtures/connect-proxy.ts";
import { serverPort } from "../../apps/proxy/src/server/server-address.ts";
import { needs } from "../support/programs.ts";
import { type ProxyProcess, startProxy } from "../support/proxy-process.ts";
import { createFolder } from "../support/temporary-folder.ts";

// The guide's samples in TypeScript, each as a program of its own. The hosts that they name are played behind a forward
// proxy; of the samples only the address of the guide's own proxy differs, which gets a free port. The samples in Python
// are run by `python/tests/test_owner_page.py`.
const guide = await readFile(new URL("../../docs/huggingface-rerank.md", import.meta.url), "utf8");
const [first = "", custom = "", several = "", throughProxy = "", plain = "", key = "", customKey = ""] =
  codeBlocks("ts");
const hosts = {
  "router.huggingface.co": "hf_xxxxxx",
  "my-custom-hf-endpoint.com": "test_api_key",
  "your-custom-endpoint.com": "your-custom-key",
} as const;

const capitals = [
  { index: 2, relevance_score: 0.75 },
  { index: 0, relevance_score: 0.5 },
  { index: 1, relevance_score: 0.25 },
];

describe("the guide's samples in TypeScript", needs("openssl"), () => {
  const stack = new AsyncDisposableStack();
  const asked: string[] = [];
  let folder: string;
  let environment: Readonly<Record<string, string>>;
  let proxy: ProxyProcess;

  beforeAll(async () => {
    const certificates = stack.use(await makeCertificates(...Object.keys(hosts)));
    const [cert, privateKey] = await Promise.all([
      readFile(certificates.server.certificate),
      readFile(certificates.server.key),
    ]);
    const server = createServer({ cert, key: privateKey }, (incoming, outgoing) => {
      void incoming.toArray().then((chunks) => {
        const { host = "", authorization } = incoming.headers;
        const known = Object.entries(hosts).find(([name]) => name === host);
        if (known === undefined || (incoming.method === "POST" && authorization !== `Bearer ${known[1]}`))
          return outgoing.writeHead(401).end('{ "error": "Invalid credentials" }');
        asked.push(`${incoming.method} ${host}`);
        if (incoming.method === "GET") return outgoing.end(incoming.url === "/info" ? info : "{}");
        return outgoing.end(JSON.stringify(rank(JSON.parse(Buffer.concat(chunks).toString()))));
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    stack.defer(async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    });
    const forward = stack.use(await startConnectProxy(serverPort(server)));
    environment = { HTTPS_PROXY: forward.url, SSL_CERT_FILE: certificates.authority, HF_TOKEN: "hf_xxxxxx" };
    folder = stack.use(
      await createFolder({ "package.json": '{ "type": "module" }', "config.yaml": codeBlocks("yaml")[0] ?? "" }),
    ).path;
    await symlink(fileURLToPath(new URL("../node_modules", import.meta.url)), join(folder, "node_modules"));
    proxy = await startProxy(join(folder, "config.yaml"), environment);
    stack.defer(async () => void (await proxy.stop()));
  });

  beforeEach(() => void asked.splice(0));
  afterAll(() => stack.disposeAsync());

  it("are all there", () => {
    expect(codeBlocks("ts")).toHaveLength(7);
    expect(codeBlocks("python")).toHaveLength(7);
  });

  it("the first call", async () => {
    expect(JSON.parse(await run(first))).toMatchObject({ results: capitals });
    expect(asked).toEqual(["POST router.huggingface.co"]);
  });

  it("a server of one's own", async () => {
    expect(JSON.parse(await run(custom)).results).toHaveLength(2);
    expect(asked.at(-1)).toBe("POST my-custom-hf-endpoint.com");
  });

  it("two calls at one time", async () => {
    expect(await run(several)).toBe("1 1\n");
  });

  it.each([
    ["the library", throughProxy],
    ["fetch", plain],
  ])("through the proxy, with %s", async (_, sample) => {
    const here = sample.replace("http://localhost:4000", proxy.url);
    expect(here).not.toBe(sample);
    expect(JSON.parse(await run(here))).toMatchObject({ results: capitals });
    expect(asked).toEqual(["POST router.huggingface.co"]);
  });

  it.each([
    ["router.huggingface.co", key],
    ["your-custom-endpoint.com", customKey],
  ])("a key for %s", async (host, sample) => {
    expect(await run(sample)).toBe("");
    expect(asked.at(-1)).toBe(`POST ${host}`);
  });

  /** Node.js itself goes through a forward proxy where it is told to, and trusts authorities that it is given. */
  async function run(sample: string): Promise<string> {
    const file = join(folder, "sample.ts");
    await writeFile(file, sample);
    const { stdout } = await promisify(execFile)(process.execPath, ["-C", "source", file], {
      env: {
        PATH: process.env["PATH"],
        NODE_USE_ENV_PROXY: "1",
        HTTPS_PROXY: environment["HTTPS_PROXY"],
        NODE_EXTRA_CA_CERTS: environment["SSL_CERT_FILE"],
      },
    });
    return stdout;
  }
});

function codeBlocks(language: string): readonly string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\`$`, "gm"))].map(([, code = ""]) => code);
}

/** The texts with the answers score best, at Hugging Face's serverless API and at a Text Embeddings Inference. */
function rank(body: unknown): readonly { readonly index: number; readonly score: number }[] {
  const parsed = v.parse(v.union([v.object({ inputs: ranking }), ranking]), body);
  const { texts } = "inputs" in parsed ? parsed.inputs : parsed;
  return texts
    .map((text, index) => ({ index, score: /Washington|barks|hello/.test(text) ? 0.75 : 0.5 / (index + 1) }))
    .toSorted((a, b) => b.score - a.score);
}

const ranking = v.object({ query: v.string(), texts: v.array(v.string()) });

/** What a Text Embeddings Inference says of itself. */
const info = JSON.stringify({
  model_id: "BAAI/bge-reranker-base",
  model_sha: "2cfc18c9415c912f9d8155881c133215df768a70",
  model_dtype: "float16",
  model_type: { reranker: { id2label: { 0: "LABEL_0" }, label2id: { LABEL_0: 0 } } },
  max_concurrent_requests: 512,
  max_input_length: 512,
  max_batch_tokens: 16_384,
  max_client_batch_size: 32,
  auto_truncate: true,
  tokenization_workers: 8,
  version: "1.9.3",
});
