import type { Grant, Owner } from "@dheera-ai/teams";

import type { KeySettings } from "../config/config.ts";
import { type Share, shareOf } from "../gateway/share-limits.ts";

/** The identified sender of a request. */
export interface Caller {
  /** Tells callers apart, also those whose names are alike: the hash of a key of the database, whose name need not be its own. */
  readonly id: string;
  /** Name of the key; `master` for the master key, `local` for callers on this machine while there is no key. */
  readonly name: string;
  /** May see everything and run checks. */
  readonly isMaster: boolean;
  /** Permissions, the least along the chain of its owners; absent for callers that may do everything. */
  readonly key?: KeySettings;
  /** Whose limits and budgets hold, the nearest first; none for callers that may do everything. */
  readonly owners: readonly Owner[];
  /** Whether the operator or an issuer says whose the key is. Of a key of the database whoever made it for a team says so. */
  readonly isVouchedFor?: true;
  /** It came with a token of a service in place of a key. */
  readonly isOfToken?: true;
  /** What is booked with what the key spends. */
  readonly tags?: readonly string[];
}

export const localCaller: Caller = { id: "local", name: "local", isMaster: true, owners: [] };
export const masterCaller: Caller = { id: "master", name: "master", isMaster: true, owners: [] };

/** @param chain whom a key of the configuration file belongs to, where a database knows that */
export function callerOfKey(key: KeySettings, chain: readonly Owner[] = [], share?: Share): Caller {
  const own: Owner = {
    kind: "key",
    id: key.key.replace(/^sha256:/, ""),
    name: key.name,
    limits: {
      ...(key.rpm !== undefined && { rpm: key.rpm }),
      ...(key.dpm !== undefined && { dpm: key.dpm }),
      ...(key.tpm !== undefined && { tpm: key.tpm }),
      ...(key.max_parallel_requests !== undefined && { maxParallelRequests: key.max_parallel_requests }),
      ...(key.max_documents !== undefined && { maxDocuments: key.max_documents }),
    },
    ...(key.max_budget !== undefined && {
      budget: { max: key.max_budget, since: 0, ...(key.budget_duration && { duration: key.budget_duration }) },
    }),
    ...(key.models && { models: key.models }),
  };
  const owners = [own, ...chain.map((owner) => shareOwner(owner, share))];
  const maxDocuments = leastDocuments(owners);
  const models = modelsOfAll(owners);
  return {
    id: key.name,
    name: key.name,
    isMaster: false,
    key: { ...key, ...(models && { models }), ...(maxDocuments !== undefined && { max_documents: maxDocuments }) },
    owners,
    isVouchedFor: true,
  };
}

export function callerOfGrant(grant: Grant, share?: Share): Caller {
  const { keyHash: id, models, priority, readMetrics, expires, tags } = grant;
  const name = reserved.has(grant.name) ? `key ${grant.name}` : grant.name;
  const owners = grant.owners.map((owner) => shareOwner(owner, share));
  const maxDocuments = leastDocuments(owners);
  return {
    id,
    name,
    isMaster: false,
    key: {
      name,
      key: `sha256:${id}`,
      ...(models && { models }),
      ...(maxDocuments !== undefined && { max_documents: maxDocuments }),
      ...(priority !== undefined && { priority }),
      ...(readMetrics && { read_metrics: true }),
      ...(expires !== undefined && { expires }),
    },
    owners,
    tags,
  };
}

/** Requests without a key of their own are called so in logs and metrics. */
const reserved: ReadonlySet<string> = new Set(["master", "local", "shadow", "none", "other"]);

/** Each of several processes counts requests at one time by itself, so each gets its part. */
function shareOwner(owner: Owner, share: Share | undefined): Owner {
  const { maxParallelRequests: most } = owner.limits;
  if (!share || most === undefined) return owner;
  return { ...owner, limits: { ...owner.limits, maxParallelRequests: shareOf(most, share) } };
}

function leastDocuments(owners: readonly Owner[]): number | undefined {
  const limits = owners.flatMap(({ limits: { maxDocuments } }) => maxDocuments ?? []);
  return limits.length === 0 ? undefined : Math.min(...limits);
}

function modelsOfAll(owners: readonly Owner[]): readonly string[] | undefined {
  const [first, ...others] = owners.flatMap(({ models }) => (models ? [models] : []));
  return first?.filter((name) => others.every((models) => models.includes(name)));
}
