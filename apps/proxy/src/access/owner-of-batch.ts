import { Buffer } from "node:buffer";

import * as v from "valibot";

import type { Caller } from "./caller.ts";

/** The owner of what whoever may see everything has made. */
export const ownerOfAll = "";

/**
 * Whom files and batches belong to, as a text of letters, digits, `-` and `_`: the hash of a key, its first one where it was rotated. A token of a service is another one each
 * hour; it stands for its team and its user, who are asked again when a batch runs.
 */
export function ownerOf({ isMaster, id, name, key, owners, isOfToken }: Caller): string {
  if (isMaster) return ownerOfAll;
  if (!isOfToken) return key?.key.replace(/^sha256:/, "") ?? id;
  const idOf = (kind: string): string | undefined => owners.find((owner) => owner.kind === kind)?.id;
  const service: ServiceOwner = { id, name, teamId: idOf("team"), userId: idOf("user") };
  return prefix + Buffer.from(JSON.stringify(service)).toString("base64url");
}

const serviceSchema = v.object({
  id: v.string(),
  name: v.string(),
  teamId: v.optional(v.string()),
  userId: v.optional(v.string()),
});

/** Whom a token stands for. */
export type ServiceOwner = v.InferOutput<typeof serviceSchema>;

/** Undefined for the owner that is a key. */
export function serviceOf(owner: string): ServiceOwner | undefined {
  if (!owner.startsWith(prefix)) return undefined;
  return v.parse(serviceSchema, JSON.parse(Buffer.from(owner.slice(prefix.length), "base64url").toString("utf8")));
}

const prefix = "service-";
