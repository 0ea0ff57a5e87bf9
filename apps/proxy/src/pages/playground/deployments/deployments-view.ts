import { announce, element, find, setText } from "../../browser/element.ts";
import { Refusal, messageOf } from "../../browser/refusal.ts";
import type { ProxyClient } from "../proxy-client.ts";
import type { Deployment } from "./deployment-list.ts";
import { nextPause, shortestPause } from "./poll-pause.ts";

/** Updates the table of deployments while the page is visible, less and less often while nothing changes. */
export class DeploymentsView {
  readonly #proxy: ProxyClient;
  readonly #live = find("live", HTMLInputElement);
  #states: ReadonlyMap<string, string> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = shortestPause;
  #shown = "";
  readonly #changed: (deployments: readonly Deployment[]) => void;

  /** @param changed called with what there is now, when it has changed */
  constructor(proxy: ProxyClient, changed: (deployments: readonly Deployment[]) => void) {
    this.#proxy = proxy;
    this.#changed = changed;
    this.#live.addEventListener("change", () => void this.refresh());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.refresh();
    });
  }

  /** Shows the current state now, and repeats that while the page is visible. */
  refresh(): Promise<void> {
    this.#pause = shortestPause;
    return this.#update();
  }

  async #update(): Promise<void> {
    clearTimeout(this.#timer);
    try {
      this.#show(await this.#proxy.deployments());
      setText("deployments-problem", "");
    } catch (error) {
      setText("deployments-problem", messageOf(error));
      // The proxy refuses every further request until the key changes, and then `refresh` is called.
      if (error instanceof Refusal) return;
    }
    clearTimeout(this.#timer);
    if (this.#live.checked && !document.hidden) this.#timer = setTimeout(() => void this.#update(), this.#pause);
  }

  #show(deployments: readonly Deployment[]): void {
    const shown = JSON.stringify(deployments);
    this.#pause = nextPause(this.#pause, shown !== this.#shown);
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.#changed(deployments);
    find("deployments", HTMLTableSectionElement).replaceChildren(...deployments.map(row));
    const news = deployments.filter(({ id, state }) => this.#states.has(id) && this.#states.get(id) !== state);
    // Screen readers announce only changes of state, because the figures change all the time.
    if (news.length > 0)
      announce("deployments-news", news.map(({ id, state }) => `${id} is ${words[state] ?? state}`).join(", "));
    this.#states = new Map(deployments.map(({ id, state }) => [id, state]));
  }
}

function row(deployment: Deployment): HTMLTableRowElement {
  const { id, modelName, model, apiBase, state, members } = deployment;
  const reason = members.length > 0 ? `asks ${members.join(", ")}` : deployment.reason;
  return element(
    "tr",
    {},
    element("td", {}, modelName),
    element("td", {}, id, element("small", {}, apiBase === undefined ? model : `${model} at ${apiBase}`)),
    element(
      "td",
      {},
      element("span", { class: "state", "data-state": state }, words[state] ?? state),
      ...(reason === undefined ? [] : [element("small", {}, reason)]),
    ),
    ...(members.length > 0 ? Array.from({ length: 6 }, () => number("")) : figures(deployment)),
  );
}

function figures({ latency, ...counts }: Deployment): readonly HTMLElement[] {
  const inFlight = count(counts.documentsInFlight);
  return [
    counts.documentsAllowed === undefined ? inFlight : `${inFlight} of ${count(counts.documentsAllowed)}`,
    count(counts.documentsQueued),
    count(counts.calls),
    count(counts.failures),
    duration(latency?.p50),
    duration(latency?.p99),
  ].map(number);
}

const words: Readonly<Record<string, string>> = {
  unknown: "not called yet",
  healthy: "healthy",
  starting: "starting",
  cooling: "cooling down",
};

function number(text: string): HTMLTableCellElement {
  return element("td", { class: "number" }, text);
}

function count(value: number): string {
  return value.toLocaleString("en");
}

function duration(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "–" : `${milliseconds.toLocaleString("en", { maximumSignificantDigits: 3 })} ms`;
}
