import { rememberSuccess } from "@dheera-ai/core/provider-utils";

import type { Gateway } from "../gateway/gateway.ts";
import type { Logger } from "../telemetry/telemetry.ts";
import { loadLateModules } from "./load-late-modules.ts";

/** Late modules of a server that has just begun to listen. */
export interface LateStart {
  /** Resolves when they are loaded; begins at once. A failure is logged, and the next who asks tries again. */
  finish(): Promise<void>;
  /** Loads nothing any more where nothing was begun. */
  cancel(): void;
}

/**
 * Keeps what few requests need out of the way of the first ones: it is loaded a second after the start, or when somebody asks whether
 * the process is ready, and so has everything when it says so.
 */
export function startLate(gateway: Gateway, log: Logger): LateStart {
  const load = rememberSuccess(() => loadLateModules(gateway));
  const finish = (): Promise<void> => reported(load(), log);
  const timer = setTimeout(() => void finish(), waitMs);
  timer.unref();
  return { finish, cancel: () => clearTimeout(timer) };
}

/** The same for a gateway that takes the place of another, at once. */
export async function loadLate(gateway: Gateway, log: Logger): Promise<void> {
  await reported(loadLateModules(gateway), log);
}

async function reported(loading: Promise<void>, log: Logger): Promise<void> {
  try {
    await loading;
  } catch (error) {
    log.warn("what is needed later could not be loaded", { error });
  }
}

const waitMs = 1_000;
