import type { Gateway } from "./gateway.ts";

/** Which gateway answers now, and whether it should be sent requests. */
export interface GatewayRef {
  readonly gateway: Gateway;
  /** `draining`: requests are still answered, but no new ones should come. */
  readonly state: "starting" | "serving" | "draining";
}

/** Serves from one gateway for ever. */
export function fixedGateway(gateway: Gateway): GatewayRef {
  return { gateway, state: "serving" };
}
