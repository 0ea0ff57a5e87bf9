import * as v from "valibot";

import { Refusal } from "../browser/refusal.ts";
import type { RequestBody } from "../code/request-body.ts";
import { type Explanation, explanation } from "./facts/explanation.ts";
import { type Stage, stage } from "./facts/stages.ts";
import { type Deployment, deploymentList } from "./deployments/deployment-list.ts";

/** A ranking, with the proxy's headers about it. */
export interface Answer {
  /** The model name that was asked for. */
  readonly asked: string;
  /** The model name that served. */
  readonly model: string;
  readonly results: readonly Result[];
  readonly scoreKind?: string;
  /** Of a model that is made of several. */
  readonly stages: readonly Stage[];
  /** Whether near-duplicates were moved down, so that scores no longer descend. */
  readonly isDiversified: boolean;
  /** false: no deployment could rank, and the order is that of the request. */
  readonly isRanked: boolean;
  readonly warnings: readonly string[];
  /** `x-dheera-*` headers without the prefix. */
  readonly facts: Readonly<Record<string, string>>;
  readonly explanation?: Explanation;
  /** US dollars; without those that are not known. */
  readonly costs: { readonly cost?: number | undefined; readonly saved_cost?: number | undefined };
}

export interface Result {
  readonly index: number;
  readonly relevance_score: number;
  /** Of a cascade: the model name of the stage that ranked this document. */
  readonly stage?: string | undefined;
  /** What that stage said, on its own scale. */
  readonly stage_score?: number | undefined;
}

/**
 * Calls the proxy that served this page, with the key that was typed. Methods throw `Refusal`, or `TypeError` when the
 * proxy is out of reach.
 */
export class ProxyClient {
  readonly #key: () => string;

  constructor(key: () => string) {
    this.#key = key;
  }

  async models(): Promise<readonly string[]> {
    const { data } = await this.#read("v1/models", modelList);
    // A name with an asterisk stands for many models: there is none to choose.
    return data.map(({ id }) => id).filter((id) => !id.includes("*"));
  }

  deployments(): Promise<readonly Deployment[]> {
    // Asked every few seconds: the log leaves it out.
    return this.#read("model/info", deploymentList, { "x-dheera-background": "true" });
  }

  async rerank(body: RequestBody, signal: AbortSignal): Promise<Answer> {
    const response = await this.#fetch("rerank", {
      method: "POST",
      signal,
      body: JSON.stringify({ ...body, explain: true }),
      headers: { "content-type": "application/json" },
    });
    const { model, results, meta, usage = {} } = v.parse(ranking, await response.json());
    return {
      asked: body.model,
      model,
      results,
      stages: meta.stages ?? [],
      isDiversified: meta.diversified ?? false,
      isRanked: meta.reranked ?? true,
      warnings: meta.warnings ?? [],
      costs: usage,
      facts: Object.fromEntries(
        [...response.headers].flatMap(([name, value]) =>
          name.startsWith(prefix) ? [[name.slice(prefix.length), value]] : [],
        ),
      ),
      ...(meta.score_kind !== undefined && { scoreKind: meta.score_kind }),
      ...(meta.explain && { explanation: meta.explain }),
    };
  }

  async #read<Schema extends v.GenericSchema>(
    path: string,
    schema: Schema,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<v.InferOutput<Schema>> {
    const response = await this.#fetch(path, { headers });
    return v.parse(schema, await response.json());
  }

  async #fetch(path: string, init: RequestInit): Promise<Response> {
    const headers = new Headers(init.headers);
    const key = this.#key();
    if (key !== "") headers.set("authorization", `Bearer ${key}`);
    // Relative, so that the page works below any prefix that a proxy before this one adds.
    const response = await fetch(path, { ...init, headers, cache: "no-store" });
    if (response.ok) return response;
    if (response.status === 401) throw new Refusal(401, key === "" ? keyNeeded : keyUnknown);
    const body = v.safeParse(refusalBody, await response.json().catch(() => undefined));
    throw new Refusal(response.status, body.success ? body.output.message : `The proxy answered ${response.status}`);
  }
}

const prefix = "x-dheera-";

/** In place of the proxy's own message, which is for people who write programs. */
const keyNeeded = "This proxy needs a key. Type yours into the field Key at the top; it stays in this tab.";
const keyUnknown = "This proxy does not accept that key. Look for a letter that is missing, or ask who runs the proxy.";

const refusalBody = v.object({ message: v.string() });

const modelList = v.object({ data: v.array(v.object({ id: v.string() })) });

const ranking = v.object({
  model: v.string(),
  usage: v.optional(v.object({ cost: v.optional(v.number()), saved_cost: v.optional(v.number()) })),
  results: v.array(
    v.object({
      index: v.number(),
      relevance_score: v.number(),
      stage: v.optional(v.string()),
      stage_score: v.optional(v.number()),
    }),
  ),
  meta: v.object({
    score_kind: v.optional(v.string()),
    stages: v.optional(v.array(stage)),
    diversified: v.optional(v.boolean()),
    reranked: v.optional(v.boolean()),
    warnings: v.optional(v.array(v.string())),
    explain: v.optional(explanation),
  }),
});
