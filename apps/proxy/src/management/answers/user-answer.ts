import type { MemberRow, UserRow } from "@dheera-ai/teams";

import { type Role, roleOf } from "../../sign-in/person.ts";
import { type DescribedAnswer, type LimitsAnswer, describedAnswer, limitsAnswer } from "./row-answers.ts";

export interface UserAnswer extends LimitsAnswer, DescribedAnswer {
  readonly user_id: string;
  readonly user_alias: string | null;
  readonly user_email: string | null;
  readonly user_role: Role;
  readonly sso_user_id: string | null;
  /** Ids. */
  readonly teams: readonly string[];
}

export function userAnswer(row: UserRow, memberships: readonly MemberRow[]): UserAnswer {
  return {
    user_id: row.user_id,
    user_alias: row.user_alias,
    user_email: row.user_email,
    user_role: roleOf(row.user_role),
    sso_user_id: row.sso_user_id,
    teams: memberships.map(({ team_id }) => team_id),
    ...limitsAnswer(row),
    ...describedAnswer(row),
  };
}
