import { element } from "../../browser/element.ts";
import type { Answer } from "../proxy-client.ts";
import { dollars, milliseconds } from "./amounts.ts";

/** What an answer took, and who gave it. */
export function factsView({ model, facts, costs }: Answer): HTMLElement {
  const shown = [
    ["Time", timeFact(facts["response-duration-ms"])],
    ["Overhead", timeFact(facts["overhead-duration-ms"])],
    ["Batches", facts["batches"]],
    ["Cache", cacheFact(facts["cache-hits"], facts["cache-misses"])],
    ["Cost", costFact(costs)],
    ["Retries", facts["attempted-retries"]],
    ["Fallbacks", facts["attempted-fallbacks"] === "0" ? undefined : facts["attempted-fallbacks"]],
    ["Served by", model],
  ] as const;
  const entries = shown.flatMap(([name, value]) =>
    value === undefined ? [] : [element("div", {}, element("dt", {}, name), element("dd", {}, value))],
  );
  return element("dl", { class: "facts" }, ...entries);
}

/** `38.1 ms · $0.002`: what one compares models by, beside their rankings. */
export function priceOf({ facts, costs }: Answer): string {
  const time = timeFact(facts["response-duration-ms"]);
  return [...(time === undefined ? [] : [time]), costFact(costs) ?? "cost not known"].join(" · ");
}

function timeFact(value: string | undefined): string | undefined {
  return value === undefined ? undefined : milliseconds(Number(value));
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
