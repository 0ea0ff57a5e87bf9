import * as v from "valibot";

import { element } from "../../../browser/element.ts";
import { type Deployment, deploymentList } from "../../../playground/deployments/deployment-list.ts";
import { emptyNotice } from "../../../parts/notices.ts";
import { table } from "../../../parts/table.ts";
import { button, named, quiet, stateMark } from "../../../parts/words.ts";
import { count } from "../../../parts/amounts.ts";
import type { Drawn, Scene } from "../scene.ts";
import { modelActions, openNewModel } from "./model-form.ts";

/** Models and the deployments behind them, with how they are. */
export async function modelsSection(scene: Scene): Promise<Drawn> {
  const deployments = await scene.client.read("model/info", deploymentList);
  const { managesAll } = scene.abilities;
  const add = (): readonly HTMLElement[] =>
    managesAll ? [button("New model", () => openNewModel(scene), "primary")] : [];
  if (deployments.length === 0) return { title, content: [noModels(add())] };
  const place = element("div", {}, deploymentTable(scene, deployments));
  const said = element("p", { class: "quiet", role: "status" });
  const check = async (): Promise<void> => {
    said.textContent = "Asking each deployment for one short ranking…";
    try {
      const ids = await checkHealth(scene);
      // The check itself may have changed a state.
      const after = await scene.client.read("model/info", deploymentList);
      place.replaceChildren(deploymentTable(scene, after, ids));
      said.textContent = summaryOf(ids);
    } catch (error) {
      said.textContent = "";
      throw error;
    }
  };
  return {
    title,
    content: [
      element(
        "div",
        { class: "actions" },
        ...add(),
        ...(managesAll ? [button("Check all now", () => scene.attempt(check()))] : []),
        said,
      ),
      place,
      element(
        "p",
        { class: "quiet" },
        "A check is a request like any other: the server behind a deployment counts it, and may want money for it.",
      ),
    ],
  };
}

const title = "Models and deployments";

function noModels(add: readonly Node[]): HTMLElement {
  return emptyNotice(
    "No model yet",
    "Add one here, by POST /model/new, or as an entry of model_list in the configuration file. It is served within two seconds.",
    ...add,
  );
}

/** @param checked whether deployments answered, by their ids */
function deploymentTable(
  scene: Scene,
  deployments: readonly Deployment[],
  checked: ReadonlyMap<string, boolean> = new Map(),
): HTMLElement {
  return table(
    "Deployments",
    [
      { head: "Model", cell: ({ modelName }: Deployment) => named(modelName) },
      { head: "Deployment", cell: ({ id, model, apiBase }) => deploymentName(id, model, apiBase) },
      { head: "State", cell: ({ id, state, reason }) => stateOf(state, reason, checked.get(id)) },
      { head: "Calls", isNumber: true, cell: ({ calls }) => count(calls) },
      { head: "Failed", isNumber: true, cell: ({ failures }) => count(failures) },
      { head: "p50", isNumber: true, cell: ({ latency }) => duration(latency?.p50) },
      { head: "p99", isNumber: true, cell: ({ latency }) => duration(latency?.p99) },
      ...(scene.abilities.managesAll
        ? [{ head: "Actions", cell: (deployment: Deployment) => modelActions(scene, deployment) }]
        : []),
    ],
    deployments,
  );
}

const words: Readonly<Record<string, string>> = {
  unknown: "not called yet",
  healthy: "healthy",
  starting: "starting",
  cooling: "cooling down",
  combined: "asks others",
};

function stateOf(state: string, reason: string | undefined, answers: boolean | undefined): HTMLElement {
  if (answers === true) return stateMark("healthy", "answers");
  if (answers === false)
    return element("span", {}, stateMark("unavailable", "does not answer"), quiet(reason ?? "see the proxy’s log"));
  const known = Object.hasOwn(words, state) ? (words[state] ?? state) : state;
  return element("span", {}, stateMark(state, known), ...(reason === undefined ? [] : [quiet(reason)]));
}

function deploymentName(id: string, model: string, apiBase: string | undefined): HTMLElement {
  return element("span", {}, named(id), quiet(apiBase === undefined ? model : `${model} at ${apiBase}`));
}

function duration(milliseconds: number | undefined): string {
  return milliseconds === undefined ? "–" : `${milliseconds.toLocaleString("en", { maximumSignificantDigits: 3 })} ms`;
}

const endpoints = v.array(v.object({ model_id: v.string() }));
const health = v.object({ healthy_endpoints: endpoints, unhealthy_endpoints: endpoints });

async function checkHealth({ client }: Scene): Promise<ReadonlyMap<string, boolean>> {
  const { healthy_endpoints: well, unhealthy_endpoints: ill } = await client.read("health", health);
  return new Map([
    ...well.map(({ model_id }) => [model_id, true] as const),
    ...ill.map(({ model_id }) => [model_id, false] as const),
  ]);
}

function summaryOf(checked: ReadonlyMap<string, boolean>): string {
  const ill = [...checked.values()].filter((answers) => !answers).length;
  return ill === 0
    ? `All ${count(checked.size)} deployments answer.`
    : `${count(ill)} of ${count(checked.size)} deployments do not answer; the table says which.`;
}
