import type { GatewayRef } from "../../gateway/gateway-ref.ts";
import type { Gateway } from "../../gateway/gateway.ts";

/**
 * The gateway that answers now. It can be replaced while requests are in flight: those finish on the gateway they began
 * with.
 */
export class CurrentGateway implements GatewayRef {
  #gateway: Gateway;
  #state: GatewayRef["state"] = "serving";

  constructor(gateway: Gateway) {
    this.#gateway = gateway;
  }

  get gateway(): Gateway {
    return this.#gateway;
  }
  get state(): GatewayRef["state"] {
    return this.#state;
  }

  /** From now on `next` answers; the old gateway is closed when its last request has ended. */
  replace(next: Gateway): void {
    const old = this.#gateway;
    this.#gateway = next;
    void old.inFlight.ended().then(() => old.close());
  }

  /** From now on readiness says no. */
  drain(): void {
    this.#state = "draining";
  }

  async close(): Promise<void> {
    await this.#gateway.close();
  }
}
