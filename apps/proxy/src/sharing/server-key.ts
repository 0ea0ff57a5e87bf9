import { hash } from "node:crypto";

import { type SharedDeployment, deploymentParams } from "@dheera-ai/core";

type Identified = Pick<SharedDeployment, "id" | "provider" | "model" | "params">;

/**
 * Equal for deployments of the same server: its address, the key for it and the model, or without an address what else the
 * provider finds it by (a region, a project). A limit of the configuration is for one entry of it, so entries that have one
 * are kept apart. A hash, so that Redis learns none of them.
 */
export function serverKey({ id, provider, model, params }: Identified): string {
  const { api_base: base, api_key: key, max_documents_in_flight: limit } = params;
  const place = base === undefined ? placeOf(params) : base.replace(/\/+$/, "");
  return hashOf([provider, model, place, key ?? "", limit === undefined ? "" : id]);
}

/** The same for `max_parallel_requests` of an entry. */
export function callsKey(deployment: Identified): string {
  return `${hashOf([serverKey(deployment), deployment.id])}:calls`;
}

/** The same for `rpm` of an entry, which is for all models that the entry stands for. */
export function minutesKey({ id, params: { api_base: base, api_key: key } }: Identified): string {
  return `${hashOf([id, base ?? "", key ?? ""])}:minutes`;
}

function placeOf(params: SharedDeployment["params"]): readonly (readonly [string, unknown])[] {
  return Object.entries(params)
    .filter(([name]) => !Object.hasOwn(deploymentParams, name))
    .sort(([one], [other]) => (one < other ? -1 : 1));
}

function hashOf(parts: readonly unknown[]): string {
  return hash("sha256", JSON.stringify(parts), "base64url");
}
