import { Buffer } from "node:buffer";
import { timingSafeEqual } from "node:crypto";

import { DheeraError } from "@dheera-ai/core";

import type { Config } from "../config/config.ts";
import type { Environment } from "../config/read/resolve-references.ts";
import { type AddressList, addressList, isLoopback } from "./addresses.ts";
import { type Caller, callerOfKey, localCaller, masterCaller } from "./caller.ts";
import type { DatabaseKeys } from "./database-keys.ts";
import { digestKey, textOfDigest } from "./hash-key.ts";
import { type ServiceOwner, ownerOfAll, serviceOf } from "./owner-of-batch.ts";

export type { Caller } from "./caller.ts";

/**
 * Looks up the address of the peer that connected, which takes a system call on some runtimes; undefined where the
 * runtime does not know it.
 */
export type Peer = () => string | undefined;

/** Identifies callers by their keys and addresses. */
export interface Access {
  /** Names of the keys of the configuration, and of those of the database that were used, up to a number. */
  readonly keyNames: ReadonlySet<string>;
  /** False where callers on this machine alone are served, without a key. */
  readonly needsKeys: boolean;
  /** @throws DheeraError `forbidden` for an address that is not allowed. */
  checkAddress(headers: Pick<Headers, "get">, peer: Peer): void;
  /**
   * A promise only where the database has to be asked.
   * @throws DheeraError `unauthenticated` with the remedy, `forbidden` for who is blocked, `unavailable` without the database
   */
  identify(headers: Pick<Headers, "get">, peer: Peer): Caller | Promise<Caller>;
  /**
   * Who made a batch, as they are now: what they may do may have changed since.
   * @param owner as `ownerOf` has it
   * @throws DheeraError as `identify`
   */
  callerOf(owner: string): Caller | Promise<Caller>;
}

/** @param database keys beside those of the configuration, and whom these belong to */
export function createAccess(config: Config, environment: Environment, database?: DatabaseKeys): Access {
  const { general_settings: settings } = config;
  const masterKey = masterKeyOf(config, environment);
  const masterDigest = masterKey === undefined ? undefined : digestKey(masterKey);
  const keys = new Map(settings.keys.map((key) => [key.key, key]));
  const keyNames = new Set(settings.keys.map(({ name }) => name));
  const mostNames = keyNames.size + mostNamesOfDatabase;
  const noteName = (caller: Caller): Caller => {
    if (keyNames.size < mostNames) keyNames.add(caller.name);
    return checkExpiry(caller);
  };
  const isOpenHere = isKeyless(config, environment);
  const ownHeader = settings.key_header_name;
  const headerNames = ownHeader === undefined ? keyHeaders : [ownHeader, ...keyHeaders];
  const isAllowed: AddressList | undefined = settings.allowed_ips && addressList(settings.allowed_ips);
  /**
   * The callers of keys that were right, so that no key is hashed twice. Wrong keys are not kept, so the map cannot be
   * filled from outside.
   */
  const callersByKey = new Map<string, Caller>();
  const callersByOwner = new Map<string, Caller>();

  const findInFile = (given: string): Caller | undefined => {
    const known = callersByKey.get(given);
    if (known || isOpenHere || database?.isKnown(given)) return known;
    const caller = identifyKey(given);
    if (caller) callersByKey.set(given, caller);
    return caller;
  };
  const identifyKey = (given: string): Caller | undefined => {
    const digest = digestKey(given);
    if (masterDigest && timingSafeEqual(digest, masterDigest)) return masterCaller;
    // The key is found by its hash: the time of the look-up reveals nothing about the key.
    const key = keys.get(textOfDigest(digest));
    return key && callerOfKey(key);
  };

  return {
    keyNames,
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
      const asked: Promise<Caller | undefined>[] = [];
      let isGiven = false;
      for (const name of headerNames) {
        const value = headers.get(name);
        if (!value) continue;
        isGiven = true;
        const given = keyIn(value);
        const ofFile = findInFile(given);
        if (ofFile) return database ? withChain(ofFile, database) : checkExpiry(ofFile);
        const found = database?.find(given);
        if (found instanceof Promise) asked.push(found);
        else if (found) return noteName(found);
      }
      const refuse = (): Caller => {
        if (!isOpenHere) throw isGiven ? wrongKey(config) : noKey(config);
        checkLocalCaller(headers, peer());
        return localCaller;
      };
      return asked.length === 0 ? refuse() : firstOf(asked).then((caller) => (caller ? noteName(caller) : refuse()));
    },
    callerOf(owner) {
      if (owner === ownerOfAll) return masterCaller;
      const service = serviceOf(owner);
      if (service) return database ? findService(service, database) : refuseOwner();
      const key = keys.get(`sha256:${owner}`);
      if (key) {
        const ofFile = callersByOwner.get(owner) ?? callerOfKey(key);
        callersByOwner.set(owner, ofFile);
        return database ? withChain(ofFile, database) : checkExpiry(ofFile);
      }
      const found = database?.findById(owner);
      if (found instanceof Promise) return found.then((caller) => (caller ? noteName(caller) : refuseOwner()));
      return found ? noteName(found) : refuseOwner();
    },
  };
}

/** @throws DheeraError `unauthenticated` */
function refuseOwner(): never {
  throw new DheeraError("unauthenticated", "the key that made this batch is no longer there; ask the operator");
}

/** @throws DheeraError `forbidden` where its team or its user is no longer there */
async function findService({ name, id, teamId, userId }: ServiceOwner, database: DatabaseKeys): Promise<Caller> {
  const caller = await database.complete({
    name,
    key: `sha256:${id}`,
    ...(teamId !== undefined && { team_id: teamId }),
    ...(userId !== undefined && { user_id: userId }),
  });
  for (const [kind, wanted] of [
    ["team", teamId],
    ["user", userId],
  ] as const)
    if (wanted !== undefined && !caller.owners.some((owner) => owner.kind === kind && owner.id === wanted))
      throw new DheeraError("forbidden", `the ${kind} of this batch is no longer there; ask the operator`);
  return caller;
}

/** Each name may become values of labels in metrics. */
const mostNamesOfDatabase = 1_000;

/** A key of the configuration, with its team and its user where it names them. */
function withChain(caller: Caller, database: DatabaseKeys): Caller | Promise<Caller> {
  checkExpiry(caller);
  const { key } = caller;
  return key && (key.team_id ?? key.user_id) !== undefined ? database.complete(key) : caller;
}

/** Where one header holds a key and another something else, what the database says of the other is of no account. */
async function firstOf(asked: readonly Promise<Caller | undefined>[]): Promise<Caller | undefined> {
  const settled = await Promise.allSettled(asked);
  for (const one of settled) if (one.status === "fulfilled" && one.value) return one.value;
  for (const one of settled) if (one.status === "rejected") throw one.reason;
  return undefined;
}

function checkExpiry(caller: Caller): Caller {
  const { name, key } = caller;
  if (key?.expires !== undefined && key.expires <= Date.now())
    throw new DheeraError("unauthenticated", `the key ${name} has expired; ask the operator for a new one`);
  return caller;
}

/** The key that may do everything; undefined where there is none. */
export function masterKeyOf(
  { general_settings: { master_key } }: Config,
  environment: Environment,
): string | undefined {
  return master_key ?? (environment["DHEERA_AI_MASTER_KEY"] || environment["LITELLM_MASTER_KEY"] || undefined);
}

/** Whether no key is asked for, so that callers on this machine alone are served. */
export function isKeyless(config: Config, environment: Environment): boolean {
  const { keys } = config.general_settings;
  return masterKeyOf(config, environment) === undefined && keys.length === 0 && config.locked === undefined;
}

/**
 * The client's address: the peer's, or what a trusted proxy says of it. Of `X-Forwarded-For` only the last entry
 * counts: the nearest proxy wrote it, whereas the client can write those before it.
 */
export function clientAddress(headers: Pick<Headers, "get">, peer: Peer, useForwardedFor: boolean): string | undefined {
  const forwarded = useForwardedFor ? headers.get("x-forwarded-for") : null;
  return forwarded?.split(",").at(-1)?.trim() || peer();
}

/**
 * OpenAI's, Anthropic's, LiteLLM's, Azure's, Google's, and Azure's API Management, as LiteLLM reads them. `Authorization` may hold a
 * bare token (some clients send it so); where it holds something else, such as a token for a proxy before this one, the others are
 * looked at too.
 */
const keyHeaders = [
  "authorization",
  "x-api-key",
  "x-litellm-api-key",
  "api-key",
  "x-goog-api-key",
  "ocp-apim-subscription-key",
] as const;

function keyIn(value: string): string {
  if (/^bearer\s/i.test(value)) return value.slice("bearer ".length).trim();
  return /^basic\s/i.test(value) ? passwordIn(value.slice("basic ".length)) : value.trim();
}

/** The password of `http://name:password@proxy`, for clients that can be given an address and no key; the name where it has none. */
function passwordIn(encoded: string): string {
  const [, name = "", password = ""] = /^([^:]*):?(.*)$/s.exec(Buffer.from(encoded.trim(), "base64").toString()) ?? [];
  return password || name;
}

function noKey({ locked }: Config): DheeraError {
  return new DheeraError(
    "unauthenticated",
    `a key is needed: ${locked === undefined ? "send it as Authorization: Bearer <key>" : lockedRemedy(locked)}`,
  );
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
