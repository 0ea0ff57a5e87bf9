import type { Paths } from "../open-api.ts";
import { key, membership, onePage, team } from "./examples.ts";
import type { OperationId } from "./managers.ts";
import { type Managed, describeManaged, pageParameters, queryText } from "./operation.ts";

const filters = [
  queryText("organization_id", "Teams of this organization alone."),
  queryText("user_id", "Teams that this user is a member of."),
  queryText("team_alias", "Teams of this name."),
  queryText("search", "Teams whose name or id holds this."),
];

/** Teams and their members. */
export function describeTeamPaths(): Paths {
  return describeManaged({
    "/team/new": {
      post: {
        id: "newTeam",
        summary: "Make a team",
        description:
          "With an id of somebody's own choice it may be made once more with the same fields, and is the same then.",
        body: [
          "NewTeamRequest",
          { team_id: "research", team_alias: "Research", max_budget: 100, budget_duration: "1mo", models: [] },
        ],
        answers: "Team",
        example: team,
      },
    },
    "/team/update": {
      post: {
        id: "updateTeam",
        summary: "Change a team",
        description: "What is absent stays as it is, null clears a field.",
        body: ["TeamChangeRequest", { team_id: "research", rpm_limit: 6_000 }],
        answers: "ChangedTeam",
        example: { team_id: "research", data: { ...team, rpm_limit: 6_000 } },
      },
    },
    "/team/info": {
      get: {
        id: "teamInfo",
        summary: "Show a team",
        description: "Admins of the team see all of its keys, other members none but their own.",
        parameters: [{ ...queryText("team_id", "Its id."), required: true }],
        answers: "TeamInfo",
        example: { team_id: "research", team_info: team, keys: [key], team_memberships: [membership] },
      },
    },
    "/team/list": {
      get: {
        id: "listTeams",
        summary: "List teams",
        description:
          "Of those that the caller may see the latest thousand, with their number in `x-total-count` and where the others are in `link`; with `page` or `page_size` a page, as `/v2/team/list`.",
        parameters: [...filters, ...pageParameters("page_size")],
        answers: "TeamList",
        example: [team],
      },
    },
    "/v2/team/list": {
      get: {
        id: "listTeamsByPage",
        summary: "List teams by pages",
        parameters: [...filters, ...pageParameters("page_size")],
        answers: "TeamPage",
        example: { teams: [team], ...onePage },
      },
    },
    "/team/block": { post: block("blockTeam", "Let nobody in with keys of a team", true) },
    "/team/unblock": { post: block("unblockTeam", "Let people in again with keys of a team", false) },
    "/team/member_add": {
      post: {
        id: "addTeamMembers",
        summary: "Add members to a team",
        description:
          "Users that are not there are made where a proxy admin asks. Who is a member already gets what is said here.",
        body: [
          "NewMembersRequest",
          { team_id: "research", member: { user_id: "ada", role: "admin" }, max_budget_in_team: 5 },
        ],
        answers: "TeamWithMembers",
        example: { ...team, updated_team_memberships: [membership] },
      },
    },
    "/team/member_update": {
      post: {
        id: "updateTeamMember",
        summary: "Change what a member of a team may use",
        body: ["MemberChangeRequest", { team_id: "research", user_id: "ada", max_budget_in_team: 8 }],
        answers: "Membership",
        example: { ...membership, max_budget: 8, max_budget_in_team: 8 },
      },
    },
    "/team/member_delete": {
      post: {
        id: "removeTeamMember",
        summary: "Take a member out of a team",
        description: "The keys that they have for the team are deleted.",
        body: ["MemberRequest", { team_id: "research", user_id: "ada" }],
        answers: "Team",
        example: { ...team, members_with_roles: [] },
      },
    },
    "/team/delete": {
      post: {
        id: "deleteTeams",
        summary: "Delete teams with their keys",
        description: "All of them, or none where one is not there. Spend that was booked stays.",
        body: ["TeamsRequest", { team_ids: ["research"] }],
        answers: "DeletedTeams",
        example: { deleted_teams: ["research"] },
      },
    },
  });
}

function block(id: OperationId, summary: string, blocked: boolean): Managed {
  return {
    id,
    summary,
    description: "It holds in every process within two seconds.",
    body: ["TeamRequest", { team_id: "research" }],
    answers: "Team",
    example: { ...team, blocked },
  };
}
