/** Counts for each name what was used within its current minute. */
export interface RateCounter {
  /** `local`: in the memory of this process or of the one that started it. */
  readonly type: "local" | "redis";
  /**
   * Adds the points of all charges, or of none where one of them would exceed its limit.
   * @throws the store's error when nothing can be counted
   */
  take(charges: readonly Charge[]): Taken | Promise<Taken>;
  /** @throws the store's error when the store cannot be reached; absent where this process is the store */
  check?(): Promise<void>;
  /** Whether the store can be reached now; absent where this process is the store. */
  readonly state?: "connecting" | "up" | "down";
  close?(): Promise<void>;
}

/** What a request would use. */
export interface Charge {
  readonly name: string;
  readonly points: number;
  /** Points in a minute; it may change from one charge to the next, while what was used goes on counting. */
  readonly limit: number;
}

export interface Taken {
  readonly fits: boolean;
  /** For each charge what is used now. */
  readonly usages: readonly Usage[];
}

export interface Usage {
  readonly used: number;
  /** Milliseconds until the minute is over. */
  readonly resetsIn: number;
}

/** A minute begins with the first point that is counted, and what was used is forgotten as a whole when it is over. */
export const minuteMs = 60_000;
