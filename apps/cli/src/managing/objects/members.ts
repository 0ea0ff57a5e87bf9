import { budget, field, money } from "../columns.ts";
import type { Section } from "../draw-answer.ts";
import { type Fields, choice, limitFields, name } from "../fields.ts";
import { type Subject, objectCommand } from "../object-command.ts";
import { type Row, rowsOf } from "../rows.ts";

const subject: Subject = { operand: "TEAM", parameter: "team_id", number: "one" };

const person: Fields = {
  user: name("user_id", "USER", "the user's id"),
  email: name("user_email", "ADDRESS", "their address, in place of the id"),
};

const role: Fields = { role: choice("role", ["admin", "user"], "what they are in the team") };

export const memberColumns = [
  field("user", "user_id"),
  field("role", "role"),
  money("spend", "spend"),
  budget,
  field("models", "models"),
];

function showTeam(team: Row): readonly Section[] {
  return [{ row: team }, { title: "Members", columns: memberColumns, rows: rowsOf(team, "members_with_roles") }];
}

export const addMember = objectCommand({
  name: "teams add-member",
  summary: "Make a user a member of a team, with limits of their own there; users that are not there are made",
  method: "POST",
  path: "/team/member_add",
  subject,
  fields: { ...person, ...role, ...limitFields },
  arrange: ({ user_id, user_email, role: given, ...limits }) => ({
    ...limits,
    member: { user_id, user_email, role: given },
  }),
  show: showTeam,
  examples: [
    "dheera_ai teams add-member research --user alice --role admin --api_base http://localhost:4000",
    "dheera_ai teams add-member research --email bob@example.com --max_budget 10 --budget_duration 1mo --api_base http://localhost:4000",
  ],
});

export const updateMember = objectCommand({
  name: "teams update-member",
  summary: "Change what a member is and may use in a team",
  method: "POST",
  path: "/team/member_update",
  subject,
  whose: person,
  fields: { ...role, ...limitFields },
  isChange: true,
  show: (answer) => [{ row: answer }],
  examples: ["dheera_ai teams update-member research --user alice --max_budget 25 --api_base http://localhost:4000"],
});

export const removeMember = objectCommand({
  name: "teams remove-member",
  summary: "Take a user out of a team, with the keys that they have for it",
  method: "POST",
  path: "/team/member_delete",
  subject,
  whose: person,
  fields: {},
  question: ([given]) => `Take them out of the team ${given}, and delete the keys that they have for it?`,
  show: showTeam,
  examples: ["dheera_ai teams remove-member research --user alice --yes --api_base http://localhost:4000"],
});
