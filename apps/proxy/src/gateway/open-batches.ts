import type { GatewayBatches } from "../batches/gateway-batches.ts";
import type { Config } from "../config/config.ts";
import { type Shared, takeOver } from "./shared.ts";

/**
 * Opens the storage and the queue of batches, or takes over what the gateway before has opened; undefined where none is configured, and
 * then nothing of it is loaded.
 * @throws Error naming the setting
 */
export async function openSharedBatches(
  { batch_settings: settings }: Config,
  previous: Shared<GatewayBatches> | undefined,
): Promise<Shared<GatewayBatches> | undefined> {
  const { storage, run_in_proxy: _where, concurrency: _lines, ...opened } = settings;
  if (storage === undefined) return undefined;
  return takeOver(previous, { storage, ...opened }, async () => {
    const { openGatewayBatches } = await import("../batches/gateway-batches.ts");
    return openGatewayBatches(storage, settings);
  });
}
