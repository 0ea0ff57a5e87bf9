import type { HubRequestOptions } from "../hub-options.ts";
import type { HubConnection } from "./ask-hub.ts";
import { findHub } from "./place.ts";
import { type Patience, usualPatience } from "./retry.ts";

/** For tests, which wait less. */
export interface HubPatience {
  readonly patience?: Patience | undefined;
}

/** @throws DheeraError `invalid_request` for an address or a token that cannot be used */
export async function openHub({
  environment,
  fetch = globalThis.fetch,
  signal = new AbortController().signal,
  patience = usualPatience,
}: HubRequestOptions & HubPatience): Promise<HubConnection> {
  return { place: await findHub(environment), fetch, patience, signal };
}
