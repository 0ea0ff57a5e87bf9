import * as v from "valibot";

import type { Deployment } from "../../playground/deployments/deployment-list.ts";
import type { ManagementClient } from "../calls/management-client.ts";
import { texts } from "../calls/values.ts";

/** What forms ask of a deployment; what is undefined stays as it is, and null takes it away. */
export interface ModelValues {
  readonly modelName: string | undefined;
  /** `<provider>/<model>`. */
  readonly model: string | undefined;
  readonly apiBase: string | null | undefined;
  /** Never shown again. */
  readonly apiKey: string | undefined;
  /** US dollars. */
  readonly costPerQuery: number | null | undefined;
  readonly costPerToken: number | null | undefined;
}

/** What the proxy has to say of it, beside that it serves it. */
const warned = v.object({ warnings: texts });

export async function addModel(client: ManagementClient, values: ModelValues): Promise<readonly string[]> {
  return (await client.change("model/new", bodyOf(values), warned)).warnings;
}

export async function changeModel(
  client: ManagementClient,
  { id }: Deployment,
  values: ModelValues,
): Promise<readonly string[]> {
  return (await client.change(`model/${encodeURIComponent(id)}/update`, bodyOf(values), warned, "PATCH")).warnings;
}

export async function removeModel(client: ManagementClient, { id }: Deployment): Promise<void> {
  await client.change("model/delete", { id }, v.unknown());
}

function bodyOf({ modelName, model, apiBase, apiKey, costPerQuery, costPerToken }: ModelValues): object {
  return {
    model_name: modelName,
    litellm_params: { model, api_base: apiBase, api_key: apiKey },
    model_info: { input_cost_per_query: costPerQuery, input_cost_per_token: costPerToken },
  };
}
