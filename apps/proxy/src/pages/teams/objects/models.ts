import * as v from "valibot";

import type { ManagementClient } from "../calls/management-client.ts";

const modelList = v.object({ data: v.array(v.object({ id: v.string() })) });

/** Names that a key may be allowed, patterns such as `huggingface/*` among them. */
export async function modelNames(client: ManagementClient): Promise<readonly string[]> {
  const { data } = await client.read("v1/models", modelList);
  return [...new Set(data.map(({ id }) => id))].toSorted();
}
