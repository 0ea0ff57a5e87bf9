import type { Gateway } from "../../gateway/gateway.ts";
import type { Logger } from "../../telemetry/telemetry.ts";
import type { CurrentGateway } from "./current-gateway.ts";
import { oneAtATime } from "./one-at-a-time.ts";

/** How gateways are made from what changed. */
interface Makers {
  /** From the configuration as it is now. */
  readonly all: (previous: Gateway) => Promise<Gateway>;
  /** From the configuration as it was read last, and the deployments of the database as they are now; undefined where these are the same. */
  readonly added: (previous: Gateway) => Promise<Gateway | undefined>;
  /** Called when a gateway was replaced. */
  readonly followed: () => Promise<void> | undefined;
}

/** What has changed. */
type Kind = "all" | "added";

/**
 * Replaces the gateway after changes, one replacement after the other. A failure is logged, and the old gateway stays: also a file that
 * cannot be used keeps no deployment of the database from serving.
 */
export function takeUpChanges(
  current: CurrentGateway,
  log: Logger,
  makers: Makers,
): { readonly all: () => Promise<void>; readonly added: () => Promise<void> } {
  let wanted: ReadonlySet<Kind> = new Set();
  const replace = async (make: () => Promise<Gateway | undefined>, taken: string, kept: string): Promise<boolean> => {
    try {
      const next = await make();
      if (next) {
        current.replace(next);
        await makers.followed();
        log.info(taken);
      }
      return true;
    } catch (error) {
      log.error(`${kept}: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    }
  };
  const run = oneAtATime(async () => {
    const now = wanted;
    wanted = new Set();
    const isDone =
      now.has("all") &&
      (await replace(
        () => makers.all(current.gateway),
        "the configuration was taken up anew",
        "the configuration was not taken up, the old one stays",
      ));
    if (now.has("added") && !isDone)
      await replace(
        () => makers.added(current.gateway),
        "the deployments of the database were taken up anew",
        "the deployments of the database were not taken up, the old ones stay",
      );
  });
  const want = (what: Kind) => (): Promise<void> => {
    wanted = new Set([...wanted, what]);
    return run();
  };
  return { all: want("all"), added: want("added") };
}
