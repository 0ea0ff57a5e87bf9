import { memberId } from "../objects/member-id.ts";
import type { LimitReader } from "./budgets.ts";
import { readColumns } from "./column-reader.ts";
import type { LitellmExport } from "./exported.ts";
import type { PlannedMember } from "./plan.ts";

/** Who is in a team is in the team's row; what a member may spend is in a table of its own. */
export function membersOf(tables: LitellmExport["tables"], limitsOf: LimitReader): readonly PlannedMember[] {
  const memberships = new Map(
    tables.LiteLLM_TeamMembership.map((exported) => {
      const row = readColumns("LiteLLM_TeamMembership", exported);
      return [memberId({ team_id: row.text("team_id") ?? "", user_id: row.text("user_id") ?? "" }), row];
    }),
  );
  return tables.LiteLLM_TeamTable.flatMap((exported) => {
    const row = readColumns("LiteLLM_TeamTable", exported);
    const team_id = row.text("team_id") ?? "";
    return Array.from(rolesIn(row.json("members_with_roles")), ([user_id, role]): PlannedMember => {
      const membership = memberships.get(memberId({ team_id, user_id }));
      if (membership === undefined) return { team_id, user_id, role };
      return {
        ...limitsOf("member", memberId({ team_id, user_id }), "LiteLLM_TeamMembership", membership),
        team_id,
        user_id,
        role,
      };
    });
  });
}

function rolesIn(members: unknown): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const member of Array.isArray(members) ? members : []) {
    const { user_id, role }: { readonly user_id?: unknown; readonly role?: unknown } = { ...member };
    if (typeof user_id === "string" && user_id !== "") found.set(user_id, role === "admin" ? "admin" : "user");
  }
  return found;
}
