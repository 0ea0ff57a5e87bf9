import type { Deployment, DeploymentStatus } from "../deployment/deployment.ts";
import { MinuteBudget } from "../deployment/admission.ts";
import { DheeraError } from "../errors.ts";
import type { Group } from "./route.ts";
import type { ModelEntry } from "./settings.ts";

/** Whether a configured model name stands for many: `huggingface/*`. */
export function isWildcard(name: string): boolean {
  return name.includes("*");
}

/**
 * What stands for each `*` of a configured model name in a name that a caller gives; undefined where the name is another, or
 * no name of a model: callers must not reach another path or address by what they call a model.
 */
export function matchWildcard(wildcard: string, name: string): readonly string[] | undefined {
  if (name.length > longestName || !plainName.test(name)) return undefined;
  return patternOf(wildcard).exec(name)?.slice(1);
}

/** More of them make the search for what they stand for slow. */
const mostStars = 2;
const longestName = 200;
/** Words of letters, digits and some signs between single slashes: `BAAI/bge-reranker-v2-m3`, `@cf/baai/bge`, `rerank-v3-5:0`. */
const word = String.raw`[\w@](?:[\w@:+.-]*\w)?`;
const plainName = new RegExp(`^${word}(?:/${word})*$`);

/** A name that a wildcard stands for. */
export function exampleOf(wildcard: string): string {
  return wildcard.replaceAll("*", "model");
}

/** Of the same name or pattern, parsed once. */
const patterns = new Map<string, RegExp>();
const mostPatterns = 1_000;

function patternOf(wildcard: string): RegExp {
  let pattern = patterns.get(wildcard);
  if (!pattern) {
    const escaped = wildcard.split("*").map((part) => part.replaceAll(/[^\w/]/g, String.raw`\$&`));
    pattern = new RegExp(`^${escaped.join("(.+)")}$`);
    if (patterns.size >= mostPatterns) patterns.clear();
    patterns.set(wildcard, pattern);
  }
  return pattern;
}

/** The most specific of those that stand for this name: the one with the most letters of its own. */
export function findWildcard(wildcards: Iterable<string>, name: string): string | undefined {
  let best: string | undefined;
  for (const wildcard of wildcards)
    if ((best === undefined || lettersOf(wildcard) > lettersOf(best)) && matchWildcard(wildcard, name)) best = wildcard;
  return best;
}

function lettersOf(wildcard: string): number {
  return wildcard.replaceAll("*", "").length;
}

/** An entry of `model_list` whose name stands for many models, and the deployments that were made of it. */
export class WildcardEntry {
  readonly id: string;
  readonly entry: ModelEntry;
  readonly provider: string;
  /** Calls of a minute are those of all its models together. */
  readonly budget: MinuteBudget;
  readonly #connected = new Set<Deployment>();
  #pastCalls = 0;
  #pastFailures = 0;

  /** @throws DheeraError `invalid_request` where the name and the model do not fit, or a key could go to any provider */
  constructor(id: string, entry: ModelEntry) {
    const { model, api_base, api_key } = entry.dheera_ai_params;
    const stars = starsOf(entry.model_name);
    if (stars > mostStars)
      throw refusal("model_name", `${entry.model_name} has more than ${mostStars} asterisks; name the models apart`);
    if (starsOf(model) > 0 && starsOf(model) !== stars)
      throw refusal("model", `${model} must have as many asterisks as the model name ${entry.model_name}, or none`);
    if (!matchWildcard(entry.model_name, exampleOf(entry.model_name)))
      throw refusal(
        "model_name",
        `${entry.model_name} stands for no name: letters, digits and _ @ : + . - between slashes make one`,
      );
    const prefix = model.slice(0, Math.max(0, model.indexOf("/")));
    if ((prefix === "" ? isWildcard(model) : isWildcard(prefix)) && api_key !== undefined && api_base === undefined)
      throw refusal(
        "api_key",
        `of the model ${model} would go to whichever provider a caller names; name the provider (huggingface/*), or give an api_base`,
      );
    this.id = id;
    this.entry = entry;
    this.provider = prefix === "" ? "*" : prefix;
    this.budget = new MinuteBudget(entry.dheera_ai_params.rpm);
  }

  /** The entry with the model that the caller named in place of the asterisks. */
  entryFor(name: string): ModelEntry {
    const { model_name, dheera_ai_params: params } = this.entry;
    const words = matchWildcard(model_name, name) ?? [];
    let position = 0;
    const model = params.model.replaceAll("*", () => words[position++] ?? "");
    return { ...this.entry, dheera_ai_params: { ...params, model } };
  }

  connected(deployment: Deployment): void {
    this.#connected.add(deployment);
  }

  /** Its numbers stay. */
  closed(deployment: Deployment): void {
    if (!this.#connected.delete(deployment)) return;
    this.#pastCalls += deployment.counters.calls;
    this.#pastFailures += deployment.counters.failures;
  }

  /** Of all its models together. */
  status(): DeploymentStatus {
    const { model, api_base: apiBase } = this.entry.dheera_ai_params;
    const all = [...this.#connected].map((deployment) => deployment.status());
    const add = (figure: "documentsInFlight" | "documentsQueued" | "calls" | "failures"): number =>
      all.reduce((sum, status) => sum + status[figure], 0);
    const states = all.map(({ state }) => state);
    return {
      id: this.id,
      modelName: this.entry.model_name,
      provider: this.provider,
      model: this.provider === "*" ? model : model.slice(this.provider.length + 1),
      state: states.find((state) => state === "healthy") ?? states.find((state) => state !== "unknown") ?? "unknown",
      documentsInFlight: add("documentsInFlight"),
      documentsQueued: add("documentsQueued"),
      calls: add("calls") + this.#pastCalls,
      failures: add("failures") + this.#pastFailures,
      ...(apiBase !== undefined && { apiBase }),
    };
  }
}

function starsOf(text: string): number {
  return text.split("*").length - 1;
}

function refusal(param: string, message: string): DheeraError {
  return new DheeraError("invalid_request", `${param}: ${message}`, { param });
}

/** Forgets the deployments of a group that is closed. */
export function forget(entries: readonly WildcardEntry[], group: Group): void {
  for (const entry of entries) for (const deployment of group) entry.closed(deployment);
}
