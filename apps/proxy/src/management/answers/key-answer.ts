import type { KeyRow } from "@dheera-ai/teams";

import { type DescribedAnswer, type LimitsAnswer, describedAnswer, instant, limitsAnswer } from "./row-answers.ts";

/** A key, as everybody who may see it does: without itself. */
export interface KeyAnswer extends LimitsAnswer, DescribedAnswer {
  /** Its SHA-256 in hexadecimal. */
  readonly token: string;
  /** The SHA-256 of the first key, which rotation leaves: under it is booked. */
  readonly token_id: string;
  readonly key_name: string;
  readonly key_alias: string | null;
  readonly team_id: string | null;
  readonly user_id: string | null;
  readonly organization_id: string | null;
  readonly expires: string | null;
  readonly priority: number | "background" | null;
  readonly read_metrics: boolean;
  readonly last_rotation_at: string | null;
}

export function keyAnswer(row: KeyRow): KeyAnswer {
  return {
    token: row.key_hash,
    token_id: row.key_id,
    key_name: row.key_name,
    key_alias: row.key_alias,
    team_id: row.team_id,
    user_id: row.user_id,
    organization_id: row.organization_id,
    expires: instant(row.expires),
    priority: row.background === 1 ? "background" : row.priority,
    read_metrics: row.read_metrics !== 0,
    last_rotation_at: instant(row.rotated_at),
    ...limitsAnswer(row),
    ...describedAnswer(row),
  };
}
