/** Who may have limits and spends money, from the nearest to a request to the farthest. */
export const ownerKinds = ["key", "member", "user", "team", "organization_member", "organization"] as const;
export type OwnerKind = (typeof ownerKinds)[number];

/** What an owner may use. Absent: no limit of its own. */
export interface Limits {
  /** Requests a minute. */
  readonly rpm?: number;
  /** Documents a minute. */
  readonly dpm?: number;
  /** Tokens a minute, as upstreams count them. */
  readonly tpm?: number;
  /** Requests at one time, in each process. */
  readonly maxParallelRequests?: number;
  /** Documents of one request. */
  readonly maxDocuments?: number;
}

/** US dollars that may be spent in a time. */
export interface Budget {
  /** US dollars; absent where only `soft` warns. */
  readonly max?: number;
  /** US dollars from which is warned. */
  readonly soft?: number;
  /** `30s`, `15m`, `24h`, `30d`, `1mo`; absent: once and for all. */
  readonly duration?: string;
  /** IANA name, for durations of days and months; UTC when absent. */
  readonly timeZone?: string;
  /** Milliseconds since the epoch at which the first time began. */
  readonly since: number;
}

/** One of those whose limits hold for a request. */
export interface Owner {
  readonly kind: OwnerKind;
  /** The hash of the first key, or the id of another; of a member `<team>/<user>`, of an organization's `<organization>/<user>`. */
  readonly id: string;
  /** What messages and logs call it: its alias, else its id. */
  readonly name: string;
  readonly limits: Limits;
  readonly budget?: Budget;
  /** Model names that it allows by itself; all when absent. */
  readonly models?: readonly string[];
  /** Nobody who belongs to it is let in. */
  readonly isBlocked?: boolean;
}

/** What a key lets its holder do: the least along the chain of its owners. */
export interface Grant {
  /** 64 hexadecimal digits: the SHA-256 of the first key, which stays when the key is rotated. Under it is booked. */
  readonly keyHash: string;
  /** What logs and metrics call the key. */
  readonly name: string;
  /** The key first, then member, user, team, the organization's member, organization, as far as there are any. */
  readonly owners: readonly Owner[];
  /** Model names that all owners allow; all models when absent. */
  readonly models?: readonly string[];
  /** 0 (when absent) is the highest; `background` gets what no other wants. */
  readonly priority?: number | "background";
  readonly tags: readonly string[];
  /** Milliseconds since the epoch from which the key lets nobody in. */
  readonly expires?: number;
  /** Who is blocked, in words for the caller: `the team research`. */
  readonly blocked?: string;
  /** Whether it may read `/metrics`. */
  readonly readMetrics?: boolean;
}
