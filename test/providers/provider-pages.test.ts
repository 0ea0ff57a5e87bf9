import { execFile } from "node:child_process";
import { readFile, symlink } from "node:fs/promises";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

import { createApp, createGateway, parseConfig } from "@dheera-ai/proxy";
import { allRows } from "@dheera-ai/providers";
import * as v from "valibot";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../support/programs.ts";
import { serveHttp } from "../support/serve-http.ts";
import { createFolder } from "../support/temporary-folder.ts";
import { standIns } from "./stand-ins/all-stand-ins.ts";
import { flatBody } from "./stand-ins/bodies.ts";
import { relevanceOf, type ServedStandIn, serveStandIn } from "./stand-ins/serve-stand-in.ts";
import type { StandIn } from "./stand-ins/stand-in.ts";

// What the page of each provider that is a row shows is run as it is written: the program, and the configuration with
// the command for the proxy. The provider's stand-in answers, which refuses what the provider is documented to refuse.
const execute = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const pages = await Promise.all(allRows.map(({ row }) => readPage(row.name)));
const documents = ["Carson City is the capital of Nevada.", "Washington, D.C. is the capital of the United States."];
const best = relevanceOf(documents[0] ?? "") > relevanceOf(documents[1] ?? "") ? 0 : 1;
const environment = Object.fromEntries(pages.flatMap(({ variables }) => variables.map((name) => [name, "the-key"])));

const stack = new AsyncDisposableStack();
const served = new Map<string, ServedStandIn>();
/** What each program printed, by its page. */
const outcomes = new Map<string, v.InferOutput<typeof outcomeSchema>>();
const outcomeSchema = v.object({
  program: v.string(),
  printed: v.array(v.unknown()),
  failure: v.optional(v.string()),
});

beforeAll(async () => {
  const programs = Object.fromEntries(pages.map(({ name, program }) => [`${name}.ts`, program]));
  const folder = stack.use(await createFolder({ "package.json": '{ "type": "module" }', ...programs })).path;
  await symlink(fileURLToPath(new URL("../node_modules", import.meta.url)), join(folder, "node_modules"));
  for (const { name, model } of pages) served.set(name, stack.use(await serveStandIn(standInOf(name, model))));
  const servers = Object.fromEntries([...served].map(([name, { url }]) => [join(folder, `${name}.ts`), url]));
  const runner = fileURLToPath(new URL("run-examples.ts", import.meta.url));
  const env = { PATH: process.env["PATH"], ...environment, CLOUDFLARE_ACCOUNT_ID: "my-account-id" };
  const args = ["-C", "source", runner, JSON.stringify(servers)];
  const { stdout } = await execute(process.execPath, args, { env });
  for (const line of stdout.trim().split("\n")) {
    const outcome = v.parse(outcomeSchema, JSON.parse(line));
    outcomes.set(basename(outcome.program, ".ts"), outcome);
  }
});

afterAll(() => stack.disposeAsync());

describe.each(pages)("the page of $name", ({ name, model, command, configuration }) => {
  it("has a program that asks as the provider wants to be asked", () => {
    const { printed = [], failure } = outcomes.get(name) ?? {};
    expect({ failure, refused: served.get(name)?.refused }).toEqual({ failure: undefined, refused: [] });
    expect(printed).toEqual([best, expect.any(Number)]);
  });

  it("has a configuration and a command that ask it through the proxy", needs("curl"), async () => {
    await using standIn = await serveStandIn(standInOf(name, model));
    const { config } = parseConfig(configuration, { file: "config.yaml", environment });
    await using closing = new AsyncDisposableStack();
    const gateway = await createGateway(config, { environment, transport: { fetch: standIn.fetch } });
    closing.defer(() => gateway.close());
    const app = createApp(gateway, { peerAddress: () => "127.0.0.1" });
    await using proxy = await serveHttp(async (incoming, response) => {
      const body = await text(incoming);
      const headers = { "content-type": incoming.headers["content-type"] ?? "" };
      const answer = await app.fetch(new Request(`${proxy.url}${incoming.url}`, { method: "POST", headers, body }));
      response.writeHead(answer.status).end(await answer.text());
    });
    const typed = command.replace("http://localhost:4000", proxy.url).replace("curl ", "curl --silent --noproxy '*' ");
    const { stdout } = await execute("sh", ["-c", typed]);
    expect({ answer: JSON.parse(stdout), refused: standIn.refused }).toMatchObject({
      answer: { results: [{ index: best }] },
      refused: [],
    });
  });
});

/** A proxy answers as Cohere does, whatever is behind it. */
const proxies: readonly StandIn[] = ["dheera_ai", "litellm_proxy"].map((provider) => ({
  provider,
  model: "my-reranker",
  params: { api_base: "http://my-server:8080" },
  url: "http://my-server:8080/v1/rerank",
  auth: { authorization: "Bearer the-key" },
  body: flatBody({ model: "my-reranker", more: { return_documents: v.optional(v.literal(false)) } }),
  scoreKind: "unknown",
  scoreOf: (relevance) => relevance,
  answer: (rows) => ({ results: rows.map(({ index, score }) => ({ index, relevance_score: score })) }),
  limits: {},
  error: (_status, message) => ({ error: { message } }),
}));

/** The provider's stand-in, for the model and the address that the page shows. */
function standInOf(name: string, model: string): StandIn {
  const known = [...standIns, ...proxies].filter(({ provider }) => provider === name);
  const standIn = known.find((candidate) => candidate.model === model) ?? known[0];
  if (standIn === undefined) throw new Error(`there is no stand-in for ${name}`);
  const { params: { api_base: base, account_id: account } = {} } = standIn;
  const shown = pages.find((page) => page.name === name)?.base;
  // NVIDIA writes the dots of a name as underscores.
  const asInPath = (given: string): string => (name === "nvidia_nim" ? given.replaceAll(".", "_") : given);
  let url = standIn.url.replace(asInPath(standIn.model), asInPath(model));
  if (base !== undefined && shown !== undefined) url = url.replace(base, shown);
  if (account !== undefined) url = url.replace(account, "my-account-id");
  const renamed = v.transform((body: unknown) =>
    JSON.parse(JSON.stringify(body).replace(JSON.stringify(model), JSON.stringify(standIn.model))),
  );
  return { ...standIn, model, url, body: v.pipe(v.unknown(), renamed, standIn.body) };
}

async function readPage(name: string) {
  const page = await readFile(join(root, `docs/providers/${name.replaceAll("_", "-")}.md`), "utf8");
  const block = (language: string): string =>
    new RegExp(`^\`\`\`${language}\\n(curl [^]*?|(?!curl|npm)[^]*?)^\`\`\`$`, "m").exec(page)?.[1] ?? "";
  const program = block("ts");
  return {
    name,
    program,
    command: block("sh"),
    configuration: block("yaml"),
    model: new RegExp(`^ {2}model: "${name}/(.*)",$`, "m").exec(program)?.[1] ?? "",
    base: /^ {2}api_base: "(.*)",$/m.exec(program)?.[1],
    variables: [...program.matchAll(/process\.env\["(\w+)"\]/g)].map(([, variable = ""]) => variable),
  };
}
