import type { Gateway } from "./gateway.ts";

/** Refers to the gateway that answers now, and says whether requests should be sent to it. */
export interface GatewayRef {
  readonly gateway: Gateway;
  /** `draining`: requests are still answered, but no new ones should be sent. */
  readonly state: "starting" | "serving" | "draining";
}

/** Refers to one gateway that is never replaced. */
export function fixedGateway(gateway: Gateway): GatewayRef {
  return { gateway, state: "serving" };
}
