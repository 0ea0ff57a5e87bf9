import { element, find } from "../../browser/element.ts";
import type { Answer } from "../proxy-client.ts";

/** Shows what the answers took, and who gave them. */
export function showFacts(answers: readonly Answer[]): void {
  const place = find("facts", HTMLElement);
  place.replaceChildren(...answers.map((answer) => element("dl", { class: "facts" }, ...factsOf(answer))));
  place.hidden = answers.length === 0;
}

function factsOf({ model, facts, costs }: Answer): readonly HTMLElement[] {
  const shown = [
    ["Time", milliseconds(facts["response-duration-ms"])],
    ["Overhead", milliseconds(facts["overhead-duration-ms"])],
    ["Batches", facts["batches"]],
    ["Cache", cacheFact(facts["cache-hits"], facts["cache-misses"])],
    ["Cost", costFact(costs)],
    ["Retries", facts["attempted-retries"]],
    ["Fallbacks", facts["attempted-fallbacks"] === "0" ? undefined : facts["attempted-fallbacks"]],
    ["Served by", model],
  ] as const;
  return shown.flatMap(([name, value]) =>
    value === undefined ? [] : [element("div", {}, element("dt", {}, name), element("dd", {}, value))],
  );
}

function milliseconds(value: string | undefined): string | undefined {
  return value === undefined ? undefined : `${Number(value).toLocaleString("en", { maximumSignificantDigits: 3 })} ms`;
}

function cacheFact(hits: string | undefined, misses: string | undefined): string | undefined {
  const asked = Number(hits) + Number(misses);
  return asked > 0 ? `${hits} of ${asked} known` : undefined;
}

/** `$0.002, $0.001 saved`. */
function costFact({ cost, saved_cost: saved }: Answer["costs"]): string | undefined {
  const parts = [cost === undefined ? "" : dollars(cost), saved === undefined ? "" : `${dollars(saved)} saved`];
  return parts.filter((part) => part !== "").join(", ") || undefined;
}

function dollars(amount: number): string {
  return `$${amount.toLocaleString("en", { maximumSignificantDigits: 3 })}`;
}
