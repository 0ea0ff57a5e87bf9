import { createDheera, isDheeraError, type Transport } from "@dheera-ai/core";
import { allRows } from "@dheera-ai/providers";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";

import { defaultProvider, officialProviders } from "./official-providers.ts";

/** A prefix that calls a server, and what of the environment concerns it. */
interface Prefix {
  readonly name: string;
  /** Addresses that are its own: the first is where it is asked when nothing names another. */
  readonly own: readonly string[];
  /** Hosts that are its own too, over HTTPS; `*.` stands for any. */
  readonly hosts: readonly string[];
  readonly bases: readonly string[];
  /** Variables with a key; `base` is the one with the address that it belongs to. */
  readonly keys: readonly { readonly name: string; readonly base?: string | undefined }[];
  /** Keys that begin so belong to another address of its own. */
  readonly byKey: Readonly<Record<string, string>>;
  /** What its deployments need beside an address and a key. */
  readonly parameters: readonly string[];
}

/** Hugging Face's own prefix, and those for servers of one's own: what runs at its hosts is asked with its keys. */
const huggingFaceHosts = ["huggingface.co", "*.huggingface.co", "*.endpoints.huggingface.cloud"];
const huggingFaceKeys = [
  { name: "HF_TOKEN" },
  { name: "HUGGING_FACE_HUB_TOKEN" },
  { name: "HUGGINGFACE_API_KEY", base: "HUGGINGFACE_API_BASE" },
];
const selfHosted: readonly Prefix[] = ["hosted_vllm", "infinity"].map((name) => ({
  name,
  own: [],
  hosts: huggingFaceHosts,
  bases: [`${name.toUpperCase()}_API_BASE`],
  keys: huggingFaceKeys.concat({ name: `${name.toUpperCase()}_API_KEY`, base: `${name.toUpperCase()}_API_BASE` }),
  byKey: {},
  parameters: [],
}));
const huggingFace: Prefix = {
  name: "huggingface",
  own: ["https://router.huggingface.co"],
  hosts: huggingFaceHosts,
  bases: ["HF_API_BASE", "HUGGINGFACE_API_BASE"],
  keys: huggingFaceKeys,
  byKey: {},
  parameters: [],
};
/** Every provider that is a row, as its data says it. */
const rows: readonly Prefix[] = allRows.map(({ row }) => ({
  name: row.name,
  own: [row.api_base, ...Object.values(row.api_base_by_key ?? {})].flatMap((base) => base ?? []),
  hosts: row.hosts ?? [],
  bases: row.api_base_env ?? [],
  keys: (row.api_key_env ?? []).map((name, position) => ({
    name,
    base: position === 0 ? row.api_base_env?.[0] : undefined,
  })),
  byKey: row.api_base_by_key ?? {},
  parameters: Object.keys(row.path_parameters ?? {}),
}));
const prefixes = [huggingFace, ...selfHosted, ...rows];

/** Those that call no server, and those whose packages say and test by themselves where their keys go. */
const testedElsewhere = ["bm25", "local", "bedrock", "vertex_ai", "watsonx", "volcengine", "llm"];

const everyKey = [...new Set(prefixes.flatMap(({ keys }) => keys.map(({ name }) => name)))];
const everyBase = [...new Set(prefixes.flatMap(({ bases }) => bases))];

/** Addresses: others', those of this prefix, and ones that only look like them. */
function placesFor({ own, hosts }: Prefix): fc.Arbitrary<string> {
  const mine = [
    ...own.map((base) => new URL(base).origin),
    ...hosts.map((host) => `https://${host.replace("*", "mine")}`),
  ];
  return fc.constantFrom(
    "https://one.test",
    "http://two.test:8080/v1",
    "https://api.cohere.com",
    "https://router.huggingface.co",
    ...mine,
    ...mine.flatMap((origin) => [
      `${origin}.evil.test`,
      origin.replace("https:", "http:"),
      origin.replace("//", "//evil-"),
      `${origin}:8443`,
      `https://evil.test/${new URL(origin).host}`,
    ]),
  );
}

/** Some variables have some address, and some keys are set: the key says in its value whose it is. */
function environmentsFor(prefix: Prefix): fc.Arbitrary<Readonly<Record<string, string>>> {
  const starts = fc.constantFrom("", ...Object.keys(prefix.byKey));
  const ownKeys = prefix.keys.map(({ name }) => name);
  return fc
    .tuple(
      fc.record(
        Object.fromEntries(
          [...new Set([...prefix.bases, ...fewOf(everyBase)])].map((name) => [name, placesFor(prefix)]),
        ),
        {
          requiredKeys: [],
        },
      ),
      fc.record(
        Object.fromEntries(
          [...new Set([...ownKeys, ...everyKey])].map((name) => [
            name,
            starts.map((start) => `${start}value-of-${name}.`),
          ]),
        ),
        { requiredKeys: [] },
      ),
    )
    .map((parts) => Object.assign({}, ...parts) as Readonly<Record<string, string>>);
}

function fewOf(names: readonly string[]): readonly string[] {
  return names.slice(0, 6);
}

describe.each(prefixes.map((prefix) => [prefix.name, prefix] as const))(
  "the place of a deployment of %s",
  (_, prefix) => {
    test("is the one that is configured or the provider's documented own, and no key goes to another's place", async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.option(placesFor(prefix), { nil: undefined, freq: 2 }),
          fc.option(fc.constant("key-of-the-deployment"), { nil: undefined, freq: 2 }),
          environmentsFor(prefix),
          async (apiBase, apiKey, environment) => {
            const named = apiBase ?? prefix.bases.map((name) => environment[name]).find(Boolean);
            const { calls, refusal } = await call(prefix, apiBase, apiKey, environment);
            if (named === undefined && prefix.own.length === 0) {
              expect(refusal).toMatchObject({ code: "invalid_request", param: "api_base" });
              expect(calls).toEqual([]);
              return;
            }
            expect(refusal).toBeUndefined();
            for (const { origin, given, keys } of calls) {
              const allowed =
                named === undefined ? prefix.own.map((base) => new URL(base).origin) : [new URL(named).origin];
              expect(allowed).toContain(origin);
              expect(given).toBe(apiKey !== undefined);
              expect(apiKey === undefined ? keys.length : -keys.length).toBeLessThanOrEqual(1);
              if (apiKey === undefined)
                for (const key of keys) expect(mayGo(prefix, key, origin, environment)).toBe(true);
            }
          },
        ),
        { numRuns: 40 },
      );
    });

    test("can be named in the environment, with the key that belongs there", async () => {
      for (const { name, base } of prefix.keys) {
        if (base === undefined || !prefix.bases.includes(base)) continue;
        const environment = { [base]: "http://mine.test", [name]: `value-of-${name}.` };
        const { calls } = await call(prefix, undefined, undefined, environment);
        expect(calls[0]).toEqual({ origin: "http://mine.test", given: false, keys: [name] });
      }
    });
  },
);

describe("the place of a deployment", () => {
  it("is known of every provider that calls a server", () => {
    const known = new Set([...testedElsewhere, ...prefixes.map(({ name }) => name)]);
    expect(
      officialProviders()
        .map(({ name }) => name)
        .filter((name) => !known.has(name)),
    ).toEqual([]);
  });

  test.each(prefixes.filter(({ own }) => own.length === 0))(
    "has to be named for $name, and the refusal says how",
    async (prefix) => {
      const { calls, refusal } = await call(prefix, undefined, "key-of-the-deployment", {
        HF_API_BASE: "http://hf.test",
      });
      expect(calls).toEqual([]);
      const ways = ["set api_base", ...prefix.bases].join(", or ");
      expect(refusal?.message).toBe(`${prefix.name} needs the address of the server: ${ways}`);
    },
  );

  test("is not the provider's own where the configuration says an empty one", async () => {
    for (const prefix of prefixes)
      for (const apiBase of ["", "/", " "])
        expect(await call(prefix, apiBase, "key-of-the-deployment", {})).toMatchObject({
          calls: [],
          refusal: { code: "invalid_request" },
        });
  });
});

/** Whether this variable's key may be seen there: at its twin's address, and where that is not set at the provider's own. */
function mayGo(prefix: Prefix, name: string, origin: string, environment: Readonly<Record<string, string>>): boolean {
  const key = prefix.keys.find((own) => own.name === name);
  if (key === undefined) return false;
  const twin = key.base === undefined ? undefined : environment[key.base];
  if (twin !== undefined) return new URL(twin).origin === origin;
  if (selfHosted.includes(prefix) && name.startsWith(prefix.name.toUpperCase())) return false;
  return isOwn(prefix, origin);
}

function isOwn({ own, hosts }: Prefix, origin: string): boolean {
  if (own.some((base) => new URL(base).origin === origin)) return true;
  const { protocol, host } = new URL(origin);
  return (
    protocol === "https:" &&
    hosts.some((name) => (name.startsWith("*.") ? host.endsWith(name.slice(1)) : host === name))
  );
}

interface Calls {
  readonly calls: readonly {
    readonly origin: string;
    /** Whether the deployment's own key is in it. */
    readonly given: boolean;
    /** The variables whose keys are anywhere in it. */
    readonly keys: readonly string[];
  }[];
  readonly refusal: Error | undefined;
}

/** Reranks with one deployment; every server answers 404 and is recorded. */
async function call(
  { name, parameters }: Prefix,
  apiBase: string | undefined,
  apiKey: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Calls> {
  const calls: Calls["calls"][number][] = [];
  const transport: Transport = {
    fetch: async (input, init) => {
      const request = new Request(input, init);
      const whole = [request.url, ...[...request.headers].flat(), await request.text()].join("\n");
      calls.push({
        origin: new URL(request.url).origin,
        given: whole.includes("key-of-the-deployment"),
        keys: [...whole.matchAll(/value-of-(\w+)\./g)].map(([, variable = ""]) => variable),
      });
      return Response.json({}, { status: 404 });
    },
  };
  const needed = Object.fromEntries(parameters.map((parameter) => [parameter, "needed"]));
  const params = { model: `${name}/some/model`, api_base: apiBase, api_key: apiKey, max_retries: 0, ...needed };
  try {
    await using dheera = createDheera({
      providers: officialProviders({ environment }),
      defaultProvider,
      transport,
      model_list: [{ model_name: "m", dheera_ai_params: params }],
    });
    await dheera.rerank({ model: "m", query: "q", documents: ["a"] }).catch(() => {});
    return { calls, refusal: undefined };
  } catch (error) {
    if (isDheeraError(error)) return { calls, refusal: error };
    throw error;
  }
}
