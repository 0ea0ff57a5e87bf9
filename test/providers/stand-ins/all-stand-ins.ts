import { flatProviders } from "./flat-providers.ts";
import { otherProviders } from "./other-providers.ts";
import type { StandIn } from "./stand-in.ts";

/** Of every provider that is a row; those that are proxies of other gateways have tests of their own. */
export const standIns: readonly StandIn[] = [...flatProviders, ...otherProviders];
