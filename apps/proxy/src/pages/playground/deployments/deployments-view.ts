import { announce, element, find, setText } from "../element.ts";
import { type ProxyClient, Refusal, messageOf } from "../proxy-client.ts";
import type { Deployment } from "./deployment-list.ts";

const pollMilliseconds = 2_000;

/** Updates the table of deployments while the page is visible. */
export class DeploymentsView {
  readonly #proxy: ProxyClient;
  readonly #live = find("live", HTMLInputElement);
  #states: ReadonlyMap<string, string> = new Map();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(proxy: ProxyClient) {
    this.#proxy = proxy;
    this.#live.addEventListener("change", () => void this.refresh());
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) void this.refresh();
    });
  }

  /** Shows the current state, and repeats that while the page is visible. */
  async refresh(): Promise<void> {
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
    if (this.#live.checked && !document.hidden) this.#timer = setTimeout(() => void this.refresh(), pollMilliseconds);
  }

  #show(deployments: readonly Deployment[]): void {
    find("deployments", HTMLTableSectionElement).replaceChildren(...deployments.map(row));
    const news = deployments.filter(({ id, state }) => this.#states.has(id) && this.#states.get(id) !== state);
    // Screen readers announce only changes of state, because the figures change all the time.
    if (news.length > 0)
      announce("deployments-news", news.map(({ id, state }) => `${id} is ${words[state] ?? state}`).join(", "));
    this.#states = new Map(deployments.map(({ id, state }) => [id, state]));
  }
}

function row({ id, modelName, model, apiBase, state, reason, latency, ...counts }: Deployment): HTMLTableRowElement {
  const inFlight = count(counts.documentsInFlight);
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
    number(counts.documentsAllowed === undefined ? inFlight : `${inFlight} of ${count(counts.documentsAllowed)}`),
    number(count(counts.documentsQueued)),
    number(count(counts.calls)),
    number(count(counts.failures)),
    number(duration(latency?.p50)),
    number(duration(latency?.p99)),
  );
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
