import { roles } from "../../sign-in/person.ts";
import type { Paths } from "../open-api.ts";
import { exampleHash, exampleKey, key, onePage, teamOfList, user } from "./examples.ts";
import { describeManaged, pageParameters, queryChoice, queryText } from "./operation.ts";

/** Users. */
export function describeUserPaths(): Paths {
  return describeManaged({
    "/user/new": {
      post: {
        id: "newUser",
        summary: "Make a user, with a key",
        description:
          "Unless `auto_create_key` is false the answer holds a key, which is never shown again. With an id of somebody's own choice it may be made once more with the same fields, and is the same then, without a second key.",
        body: ["NewUserRequest", { user_id: "ada", user_alias: "Ada", user_email: "ada@example.com" }],
        answers: "NewUser",
        example: {
          ...user,
          key: exampleKey,
          token: exampleHash,
          token_id: exampleHash,
          key_name: key.key_name,
          key_alias: null,
          expires: null,
        },
      },
    },
    "/user/update": {
      post: {
        id: "updateUser",
        summary: "Change a user",
        description: "What is absent stays as it is, null clears a field.",
        body: ["UserChangeRequest", { user_id: "ada", max_budget: 20, budget_duration: "1mo" }],
        answers: "ChangedUser",
        example: { user_id: "ada", data: { ...user, max_budget: 20, budget_duration: "1mo" } },
      },
    },
    "/user/info": {
      get: {
        id: "userInfo",
        summary: "Show a user, with their keys and teams",
        parameters: [queryText("user_id", "Who; the user who calls when absent.")],
        answers: "UserInfo",
        example: { user_id: "ada", user_info: user, keys: [key], teams: [teamOfList] },
      },
    },
    "/v2/user/info": {
      get: {
        id: "userAlone",
        summary: "Show a user",
        parameters: [queryText("user_id", "Who; the user who calls when absent.")],
        answers: "ManagedUser",
        example: user,
      },
    },
    "/user/list": {
      get: {
        id: "listUsers",
        summary: "List users",
        parameters: [
          ...pageParameters("page_size"),
          queryChoice("role", "Users with this role alone.", roles),
          queryChoice("user_role", "The same.", roles),
          queryText("user_email", "The users with this address."),
          queryText("search", "Users whose name, address or id holds this."),
          queryText("team", "Members of this team alone."),
          queryText("team_id", "The same."),
          queryText("organization_id", "Members of this organization alone."),
        ],
        answers: "UserList",
        example: { users: [user], ...onePage },
      },
    },
    "/user/delete": {
      post: {
        id: "deleteUsers",
        summary: "Delete users with their keys",
        description: "All of them, or none where one is not there. Spend that was booked stays.",
        body: ["UsersRequest", { user_ids: ["ada"] }],
        answers: "DeletedUsers",
        example: { deleted_users: ["ada"] },
      },
    },
  });
}
