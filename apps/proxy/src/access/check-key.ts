import { timingSafeEqual } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";

import type { Config, KeySettings } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { type AddressList, addressList, isLoopback } from "./addresses.ts";
import { digestKey, textOfDigest } from "./hash-key.ts";

/** The identified sender of a request. */
export interface Caller {
  /** Name of the key; `master` for the master key, `local` for callers on this machine while there is no key. */
  readonly name: string;
  /** May see everything and run checks. */
  readonly isMaster: boolean;
  /** Permissions and limits; absent for callers that may do everything. */
  readonly key?: KeySettings;
}

/**
 * Looks up the address of the peer that connected, which takes a system call on some runtimes; undefined where the
 * runtime does not know it.
 */
export type Peer = () => string | undefined;

/** Identifies callers by their keys and addresses. */
export interface Access {
  /** False where callers on this machine alone are served, without a key. */
  readonly needsKeys: boolean;
  /** @throws DheeraError `forbidden` for an address that is not allowed. */
  checkAddress(headers: Pick<Headers, "get">, peer: Peer): void;
  /** @throws DheeraError `unauthenticated` with the remedy */
  identify(headers: Pick<Headers, "get">, peer: Peer): Caller;
}

export function createAccess(config: Config, environment: Environment): Access {
  const { general_settings: settings } = config;
  const masterKey = masterKeyOf(config, environment);
  const masterDigest = masterKey === undefined ? undefined : digestKey(masterKey);
  const keys = new Map(settings.keys.map((key) => [key.key, key]));
  const isOpenHere = isKeyless(config, environment);
  const isAllowed: AddressList | undefined = settings.allowed_ips && addressList(settings.allowed_ips);
  /**
   * The callers of keys that were right, so that no key is hashed twice. Wrong keys are not kept, so the map cannot be
   * filled from outside.
   */
  const callersByKey = new Map<string, Caller>();

  const identifyKey = (given: string): Caller | undefined => {
    const digest = digestKey(given);
    if (masterDigest && timingSafeEqual(digest, masterDigest)) return masterCaller;
    // The key is found by its hash: the time of the look-up reveals nothing about the key.
    const key = keys.get(textOfDigest(digest));
    return key && { name: key.name, isMaster: false, key };
  };
  const find = (given: string): Caller | undefined => {
    const known = callersByKey.get(given);
    if (known) return known;
    const caller = identifyKey(given);
    if (caller) callersByKey.set(given, caller);
    return caller;
  };

  return {
    needsKeys: !isOpenHere,
    checkAddress(headers, peer) {
      if (!isAllowed) return;
      const address = clientAddress(headers, peer, settings.use_x_forwarded_for);
      if (address === undefined || !isAllowed(address))
        throw new DheeraError(
          "forbidden",
          `the address ${address ?? "of the client, which is unknown,"} is not in general_settings.allowed_ips`,
        );
    },
    identify(headers, peer) {
      if (isOpenHere) {
        checkLocalCaller(headers, peer());
        return localCaller;
      }
      const caller = findCaller(headers, settings.key_header_name, find);
      if (caller === "no key")
        throw new DheeraError(
          "unauthenticated",
          `a key is needed: ${config.locked === undefined ? "send it as Authorization: Bearer <key>" : lockedRemedy(config.locked)}`,
        );
      if (caller === undefined) throw wrongKey(config);
      const { key } = caller;
      if (key?.expires !== undefined && key.expires <= Date.now())
        throw new DheeraError("unauthenticated", `the key ${key.name} has expired; ask the operator for a new one`);
      return caller;
    },
  };
}

function masterKeyOf({ general_settings: { master_key } }: Config, environment: Environment): string | undefined {
  return master_key ?? (environment["DHEERA_AI_MASTER_KEY"] || environment["LITELLM_MASTER_KEY"] || undefined);
}

/** Whether no key is asked for, so that callers on this machine alone are served. */
export function isKeyless(config: Config, environment: Environment): boolean {
  const { keys } = config.general_settings;
  return masterKeyOf(config, environment) === undefined && keys.length === 0 && config.locked === undefined;
}

const localCaller: Caller = { name: "local", isMaster: true };
const masterCaller: Caller = { name: "master", isMaster: true };

/**
 * The client's address: the peer's, or what a trusted proxy says of it. Of `X-Forwarded-For` only the last entry
 * counts: the nearest proxy wrote it, whereas the client can write those before it.
 */
function clientAddress(headers: Pick<Headers, "get">, peer: Peer, useForwardedFor: boolean): string | undefined {
  const forwarded = useForwardedFor ? headers.get("x-forwarded-for") : null;
  return forwarded?.split(",").at(-1)?.trim() || peer();
}

/**
 * The caller whose key stands in one of the headers: the operator's own, `Authorization: Bearer …` or a bare token there
 * (some clients send it so), or one that clients use instead. Where `Authorization` holds something else, such as a
 * token for a proxy before this one, the others are looked at too.
 */
function findCaller(
  headers: Pick<Headers, "get">,
  ownHeader: string | undefined,
  find: (given: string) => Caller | undefined,
): Caller | "no key" | undefined {
  let result: "no key" | undefined = "no key";
  for (const name of ownHeader === undefined ? keyHeaders : [ownHeader, ...keyHeaders]) {
    const value = headers.get(name);
    if (!value) continue;
    const caller = find(withoutScheme(value));
    if (caller) return caller;
    result = undefined;
  }
  return result;
}

/** OpenAI's, Anthropic's, LiteLLM's, Azure's, Google's, and Azure's API Management, as LiteLLM reads them. */
const keyHeaders = [
  "authorization",
  "x-api-key",
  "x-litellm-api-key",
  "api-key",
  "x-goog-api-key",
  "ocp-apim-subscription-key",
] as const;

function withoutScheme(value: string): string {
  return /^bearer\s/i.test(value) ? value.slice("bearer ".length).trim() : value.trim();
}

function wrongKey({ locked }: Config): DheeraError {
  const remedy = locked === undefined ? "check it, or ask the operator for one" : lockedRemedy(locked);
  return new DheeraError("unauthenticated", `the key is not known: ${remedy}`);
}

function lockedRemedy(locked: string): string {
  return `no caller can be let in, because ${locked}; set it and restart the proxy`;
}

/**
 * Without any key only programs on this machine are served. A request that came through another proxy may be from
 * another machine. A page in a browser on this machine does not act for its user: it may not post here (its origin
 * shows that), nor point its own host name at this machine (the host header shows that).
 */
function checkLocalCaller(headers: Pick<Headers, "get">, peer: string | undefined): void {
  if (!isLoopback(peer)) throw refuseKeyless("it has no key and so serves only callers on its own machine");
  if (forwardingHeaders.some((name) => headers.get(name) !== null))
    throw refuseKeyless("it has no key and so serves no caller through another proxy");
  if (!isLocalHost(headers.get("host")))
    throw refuseKeyless("it has no key and so answers only to names of this machine, such as localhost");
  if (comesFromForeignPage(headers)) throw refuseKeyless("it has no key and so serves no pages of other sites");
}

const forwardingHeaders = [
  "x-forwarded-for",
  "forwarded",
  "x-real-ip",
  "x-forwarded-host",
  "x-forwarded-proto",
  "x-forwarded-server",
  "x-forwarded-port",
  "x-forwarded-prefix",
  "x-original-forwarded-for",
  "x-cluster-client-ip",
  "x-envoy-external-address",
  "x-azure-clientip",
  "x-appengine-user-ip",
  "fastly-client-ip",
  "via",
  "cf-connecting-ip",
  "true-client-ip",
  "x-client-ip",
];

function isLocalHost(host: string | null): boolean {
  // HTTP/1.0 and runtimes without a real connection have no Host.
  if (host === null) return true;
  const name = host.replace(/:\d+$/, "").toLowerCase();
  return localNames.test(name);
}

/**
 * 0.0.0.0 and [::] are included, because the proxy prints them when it listens on every address, so people type them.
 */
const localNames = /^(localhost|.+\.localhost|127(\.\d{1,3}){3}|0\.0\.0\.0|\[::1?\])$/;

function comesFromForeignPage(headers: Pick<Headers, "get">): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "cross-site" || site === "same-site";
  const origin = headers.get("origin");
  return origin !== null && !(URL.canParse(origin) && isLocalHost(new URL(origin).host));
}

function refuseKeyless(reason: string): DheeraError {
  return new DheeraError(
    "unauthenticated",
    `the proxy refused the request: ${reason}; set general_settings.master_key or DHEERA_AI_MASTER_KEY and send the key as Authorization: Bearer`,
  );
}

/** What an operator should know of the keys that were set. A short master key still opens, because tutorials have one. */
export function keyWarnings(config: Config, environment: Environment): readonly string[] {
  const warnings: string[] = [];
  if (isKeyless(config, environment) && environment["DHEERA_AI_API_KEY"])
    warnings.push(
      "DHEERA_AI_API_KEY is a key that clients send, not the proxy's own; set DHEERA_AI_MASTER_KEY. Until then only callers on this machine are served",
    );
  if ((masterKeyOf(config, environment)?.length ?? leastKeyLength) < leastKeyLength)
    warnings.push(
      `the master key (general_settings.master_key or DHEERA_AI_MASTER_KEY) has fewer than ${leastKeyLength} characters and could be guessed; let \`dheera_ai keys create\` make one`,
    );
  return warnings;
}

/** Characters below which a key could be found by trying. */
const leastKeyLength = 16;
