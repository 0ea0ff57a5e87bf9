import type { MemberRow, OrganizationMemberRow } from "../database/tables.ts";

/**
 * Under which a member is booked, counted and audited. No two members have the same, because the id of the team has no `/` of its own in
 * it: ids that are imported may hold any sign.
 */
export function memberId({ team_id, user_id }: Pick<MemberRow, "team_id" | "user_id">): string {
  return joined(team_id, user_id);
}

/** The same of an organization's. */
export function organizationMemberId({
  organization_id,
  user_id,
}: Pick<OrganizationMemberRow, "organization_id" | "user_id">): string {
  return joined(organization_id, user_id);
}

function joined(of: string, userId: string): string {
  return `${of.replaceAll("%", "%25").replaceAll("/", "%2F")}/${userId}`;
}

/** The team or organization, and the user, that such an id was made of. */
export function partsOfMember(id: string): { readonly of: string; readonly userId: string } {
  const [of = "", ...userId] = id.split("/");
  return { of: of.replaceAll("%2F", "/").replaceAll("%25", "%"), userId: userId.join("/") };
}
