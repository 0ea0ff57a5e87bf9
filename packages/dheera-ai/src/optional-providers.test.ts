import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { createDheera, type Provider } from "@dheera-ai/core";
import { testTarget } from "@dheera-ai/core/testing";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { eventually } from "../../../test/support/eventually.ts";
import {
  loadOptionalProviders,
  makeOptionalProviders,
  needsPackage,
  type OptionalPackage,
  optionalPackages,
} from "./optional-providers.ts";
import { officialProviders } from "./official-providers.ts";

const environment = { GREETING: "hello" };
const acme: OptionalPackage = { name: "acme", package: "@acme/dheera-acme", factory: "acme" };

/** Scores by length, and says in its warnings what environment it was given. */
const provider = `import { appendFileSync } from "node:fs";
export const acme = ({ environment, directory }) => ({
  name: "acme",
  optionNames: ["depth"],
  connect({ model, options }) {
    if (options.depth === "wrong") throw new Error("depth is wrong");
    let isClosed = false;
    return {
      takesProviderOptions: true,
      profile: () => ({ scoring: "pointwise", scoreKind: "unknown", billing: "compute", fingerprint: model, limits: {} }),
      score: async ({ documents }) => ({
        scores: documents.map(({ length }, index) => ({ index, score: length })),
        warnings: [environment.GREETING + (isClosed ? " after close" : "")],
      }),
      countTokens: async (texts) => texts.map(({ length }) => length),
      wake: async () => { if (environment.AWAKE) appendFileSync(environment.AWAKE, model + " in " + directory); },
      close() { isClosed = true; if (environment.CLOSED) appendFileSync(environment.CLOSED, "closed"); },
    };
  },
});`;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "optional-"));
});
afterEach(() => rm(directory, { recursive: true }));

describe("an optional provider", () => {
  it("is imported at the first call, from the folder too, and acts as itself from then on", async () => {
    const [lazy] = makeOptionalProviders([acme], { environment, directory });
    if (!lazy) throw new Error("no provider");
    await using dheera = createDheera({ providers: [lazy] });
    const ask = () => dheera.rerank({ model: "acme/m", query: "q", documents: ["a", "bbb"] });
    await expect(ask()).rejects.toMatchObject({
      code: "invalid_request",
      param: "model",
      message: "model acme/… needs the package @acme/dheera-acme: npm install @acme/dheera-acme",
    });
    // It is not remembered that it was missing.
    await install(provider);
    expect(await ask()).toMatchObject({ results: [{ index: 1 }, { index: 0 }], meta: { warnings: ["hello"] } });
  });

  it("is closed with what it connected, and not imported for that", async () => {
    const CLOSED = join(directory, "closed");
    const [lazy] = makeOptionalProviders([acme], {
      environment: { ...environment, CLOSED },
      directory,
    });
    const untouched = lazy?.connect(testTarget({ model: "m" }));
    await untouched?.close?.();
    await install(provider);
    const scorer = lazy?.connect(testTarget({ model: "m" }));
    const connecting = scorer?.profile(new AbortController().signal);
    await scorer?.close?.();
    await connecting;
    expect(await readFile(CLOSED, "utf8")).toBe("closed");
    expect(scorer?.takesProviderOptions).toBe(true);
  });

  it("counts tokens and is woken as itself, and knows the folder", async () => {
    const AWAKE = join(directory, "awake");
    await install(provider);
    const [lazy] = makeOptionalProviders([acme], { environment: { ...environment, AWAKE }, directory });
    const scorer = lazy?.connect(testTarget({ model: "m" }));
    const { signal } = new AbortController();
    expect(await scorer?.countTokens?.(["a", "bbb"], signal)).toEqual([1, 3]);
    await scorer?.wake?.(signal);
    expect(await readFile(AWAKE, "utf8")).toBe(`m in ${directory}`);
  });

  it("begins at once where a deployment asks for that, unless it is closed at once", async () => {
    const CLOSED = join(directory, "closed");
    const eager: OptionalPackage = { ...acme, startsAtOnce: ({ depth }) => depth === 7 };
    await install(provider);
    const [lazy] = makeOptionalProviders([eager], { environment: { ...environment, CLOSED }, directory });
    const begins = lazy?.connect(testTarget({ model: "m", options: { depth: 7 } }));
    const isChecked = lazy?.connect(testTarget({ model: "m", options: { depth: 7 } }));
    const waits = lazy?.connect(testTarget({ model: "m" }));
    await isChecked?.close?.();
    await eventually(() => begins?.takesProviderOptions).toBe(true);
    expect([isChecked?.takesProviderOptions, waits?.takesProviderOptions]).toEqual([false, false]);
  });

  it.each([
    { what: "throws", code: "throw new Error('broken\\nhere');", message: "which cannot be loaded (broken)" },
    { what: "needs what is not there", code: 'import "@acme/missing";', message: "@acme/missing" },
    { what: "is of another version", code: "export const other = 1;", message: "in the version of dheera-ai" },
    { what: "makes no provider", code: "export const acme = () => 7;", message: "in the version of dheera-ai" },
  ])("whose package $what is said to be so", async ({ code, message }) => {
    await install(code);
    const { providers, missing } = await loadOptionalProviders(["acme"], { environment, directory }, [acme]);
    expect(providers).toEqual([]);
    expect(missing.get("acme")).toContain("model acme/… needs the package @acme/dheera-acme");
    expect(missing.get("acme")).toContain(message);
  });

  it("is loaded ahead for its prefix alone", async () => {
    await install(provider);
    const none = await loadOptionalProviders(["cohere"], { environment, directory }, [acme]);
    expect(none).toEqual({ providers: [], missing: new Map() });
    const { providers } = await loadOptionalProviders(["acme", "acme"], { environment, directory }, [acme]);
    expect(providers).toMatchObject([{ name: "acme", optionNames: ["depth"] }]);
  });
});

describe("the optional providers that are official", () => {
  it.each(optionalPackages)("are found where they are installed: $package", async ({ name }) => {
    const { providers, missing } = await loadOptionalProviders([name], { environment });
    expect(missing).toEqual(new Map());
    expect(providers).toMatchObject([{ name }]);
  });

  it("serve a prefix that is a row too where a deployment asks for what the row has not", async () => {
    const isSeen: string[] = [];
    const row: Provider = {
      name: "acme",
      optionNames: ["scoring"],
      connect: ({ model }) => {
        isSeen.push(model);
        throw new Error("the row");
      },
    };
    await install(provider);
    const asked: OptionalPackage = { ...acme, isNeeded: ({ depth }) => depth !== undefined, parameters: ["depth"] };
    const [both] = makeOptionalProviders([asked], { environment, directory }, [row]);
    expect(both).toMatchObject({ name: "acme", optionNames: ["scoring", "depth"] });
    expect(() => both?.connect(testTarget({ model: "with-key" }))).toThrow("the row");
    const scorer = both?.connect(testTarget({ model: "deep", options: { depth: 1 } }));
    expect(await scorer?.profile(new AbortController().signal)).toMatchObject({ fingerprint: "deep" });
    expect(isSeen).toEqual(["with-key"]);
  });

  it("are needed for Azure where a token of Entra takes the place of a key", () => {
    const needs = (params: object, variables: object = {}): boolean =>
      needsPackage("azure_ai", { model: "azure_ai/m", ...params }, { ...variables });
    expect(needs({ api_base: "https://mine.services.ai.azure.com" })).toBe(false);
    expect(needs({ api_key: "key", tenant_id: "t" }, { AZURE_AD_TOKEN: "token" })).toBe(false);
    expect(needs({ azure_scope: "scope" }, { AZURE_AI_API_KEY: "key", AZURE_AD_TOKEN: "token" })).toBe(false);
    for (const params of [{ tenant_id: "t" }, { azure_ad_token: "t" }, { azure_credential: "DefaultAzureCredential" }])
      expect(needs(params, { AZURE_AI_API_KEY: "key" })).toBe(true);
    for (const variables of [{ AZURE_AD_TOKEN: "t" }, { AZURE_CREDENTIAL: "c" }, { AZURE_CLIENT_SECRET: "s" }])
      expect(needs({}, variables)).toBe(true);
    expect([needsPackage("bedrock", {}, {}), needsPackage("cohere", {}, {})]).toEqual([true, false]);
  });

  it("are imported by their first call", async () => {
    const nowhere = { AWS_CONFIG_FILE: "/nowhere", AWS_SHARED_CREDENTIALS_FILE: "/nowhere" };
    await using dheera = createDheera({ providers: officialProviders({ environment: nowhere }) });
    const outcome = dheera.rerank({ model: "bedrock/amazon.rerank-v1:0", query: "q", documents: ["a"] });
    await expect(outcome).rejects.toThrow("bedrock needs a region");
  });
});

async function install(code: string): Promise<void> {
  const folder = join(directory, "node_modules", acme.package);
  await mkdir(folder, { recursive: true });
  await writeFile(
    join(folder, "package.json"),
    JSON.stringify({ name: acme.package, type: "module", main: "main.js" }),
  );
  await writeFile(join(folder, "main.js"), code);
}
