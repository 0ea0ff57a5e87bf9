import { hash } from "node:crypto";

import { type SharedDeployment, deploymentParams } from "@dheera-ai/core";

/**
 * Equal for deployments of the same server: its address, the key for it and the model, or without an address what else the
 * provider finds it by (a region, a project). A hash, so that Redis learns none of them.
 */
export function serverKey({
  provider,
  model,
  params,
}: Pick<SharedDeployment, "provider" | "model" | "params">): string {
  const { api_base: base, api_key: key } = params;
  const place = base === undefined ? placeOf(params) : base.replace(/\/+$/, "");
  return hash("sha256", JSON.stringify([provider, model, place, key ?? ""]), "base64url");
}

function placeOf(params: SharedDeployment["params"]): readonly (readonly [string, unknown])[] {
  return Object.entries(params)
    .filter(([name]) => !Object.hasOwn(deploymentParams, name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}
