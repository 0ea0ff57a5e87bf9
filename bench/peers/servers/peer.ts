import type { Dialect } from "../dialects.ts";
import type { Shape } from "../../proxy/load/shapes.ts";
import type { Target } from "../../proxy/load/measured.ts";

/** A server between callers and the upstream. */
export interface Peer {
  readonly name: string;
  /** Empty where none is known. */
  readonly version: string;
  /** Processes that work side by side, or threads where it has those; 0 where it is the upstream itself. */
  readonly workers: number;
  readonly dialect: Dialect;
  /** Starts it and waits until it ranks. @throws Error when it does not within four minutes, or answers wrongly */
  start(upstream: string, shape: Shape): Promise<Running>;
}

export interface Running extends AsyncDisposable {
  readonly pid: number;
  readonly target: Target;
  /** From its start to its first ranking; undefined where nothing was started. */
  readonly millisecondsToStart?: number;
  /** What callers must do themselves with its answers. */
  readonly remark?: string;
}
