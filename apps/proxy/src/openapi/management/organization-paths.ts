import type { Paths } from "../open-api.ts";
import { budget, organization, organizationMember, teamOfList, userOfList } from "./examples.ts";
import { describeManaged, pageParameters, queryText } from "./operation.ts";

const plainPages =
  "The latest first: a thousand, or with `page` or `page_size` a page. Their number is in `x-total-count`, and where the next are in `link`.";

/** Organizations, and budgets that several share the values of. All but members is for proxy admins, and for viewers to see. */
export function describeOrganizationPaths(): Paths {
  return describeManaged({
    "/organization/new": {
      post: {
        id: "newOrganization",
        summary: "Make an organization",
        body: ["NewOrganizationRequest", { organization_id: "acme", organization_alias: "Acme", max_budget: 1_000 }],
        answers: "Organization",
        example: organization,
      },
    },
    "/organization/update": {
      patch: {
        id: "updateOrganization",
        summary: "Change an organization",
        description: "What is absent stays as it is, null clears a field.",
        body: ["OrganizationChangeRequest", { organization_id: "acme", max_budget: 2_000 }],
        answers: "Organization",
        example: { ...organization, max_budget: 2_000 },
      },
    },
    "/organization/info": {
      get: {
        id: "organizationInfo",
        summary: "Show an organization, with its members and teams",
        parameters: [{ ...queryText("organization_id", "Its id."), required: true }],
        answers: "OrganizationInfo",
        example: { ...organization, members: [organizationMember], teams: [teamOfList] },
      },
    },
    "/organization/list": {
      get: {
        id: "listOrganizations",
        summary: "List organizations",
        description: `Those that the caller manages, or all. ${plainPages}`,
        parameters: [
          queryText("org_alias", "Those of this name."),
          queryText("organization_alias", "The same."),
          queryText("search", "Those whose name or id holds this."),
          ...pageParameters("page_size"),
        ],
        answers: "OrganizationList",
        example: [organization],
      },
    },
    "/organization/member_add": {
      post: {
        id: "addOrganizationMembers",
        summary: "Add members to an organization",
        description:
          "Users that are not there are made where a proxy admin asks. Who is a member already gets what is said here.",
        body: [
          "NewOrganizationMembersRequest",
          { organization_id: "acme", member: { user_id: "grace", role: "org_admin" }, max_budget_in_organization: 50 },
        ],
        answers: "OrganizationWithMembers",
        example: {
          organization_id: "acme",
          updated_users: [{ ...userOfList, user_id: "grace", user_email: null, user_alias: null, teams: [] }],
          updated_organization_memberships: [organizationMember],
        },
      },
    },
    "/organization/member_update": {
      patch: {
        id: "updateOrganizationMember",
        summary: "Change what a member of an organization may do and spend",
        body: [
          "OrganizationMemberChangeRequest",
          { organization_id: "acme", user_id: "grace", max_budget_in_organization: 80 },
        ],
        answers: "OrganizationMember",
        example: { ...organizationMember, max_budget: 80 },
      },
    },
    "/organization/member_delete": {
      delete: {
        id: "removeOrganizationMember",
        summary: "Take a member out of an organization",
        description: "Their teams and keys stay.",
        body: ["OrganizationMemberRequest", { organization_id: "acme", user_id: "grace" }],
        answers: "OrganizationMember",
        example: organizationMember,
      },
    },
    "/organization/delete": {
      delete: {
        id: "deleteOrganizations",
        summary: "Delete organizations with their teams and keys",
        description: "All of them, or none where one is not there. Spend that was booked stays.",
        body: ["OrganizationsRequest", { organization_ids: ["acme"] }],
        answers: "DeletedOrganizations",
        example: { deleted_organizations: ["acme"] },
      },
    },
    "/budget/new": {
      post: {
        id: "newBudget",
        summary: "Make a budget that several may name",
        description:
          "Who names it by `budget_id` has its values where there are none of their own. Each spends for itself.",
        body: ["NewBudgetRequest", { budget_id: "small", max_budget: 5, budget_duration: "24h" }],
        answers: "Budget",
        example: budget,
      },
    },
    "/budget/update": {
      post: {
        id: "updateBudget",
        summary: "Change a budget",
        body: ["BudgetChangeRequest", { budget_id: "small", max_budget: 6 }],
        answers: "Budget",
        example: { ...budget, max_budget: 6 },
      },
    },
    "/budget/info": {
      post: {
        id: "budgetInfo",
        summary: "Show budgets",
        body: ["BudgetsRequest", { budgets: ["small"] }],
        answers: "BudgetList",
        example: [budget],
      },
    },
    "/budget/list": {
      get: {
        id: "listBudgets",
        summary: "List budgets",
        description: plainPages,
        parameters: [queryText("search", "Those whose id holds this."), ...pageParameters("page_size")],
        answers: "BudgetList",
        example: [budget],
      },
    },
    "/budget/settings": {
      get: {
        id: "budgetSettings",
        summary: "Show what a budget may say, and what one says",
        parameters: [{ ...queryText("budget_id", "Its id."), required: true }],
        answers: "BudgetSettings",
        example: [
          {
            field_name: "max_budget",
            field_type: "Float",
            field_description: "US dollars that may be spent in each budget_duration.",
            field_value: 5,
            stored_in_db: true,
            field_default_value: null,
          },
        ],
      },
    },
    "/budget/delete": {
      post: {
        id: "deleteBudget",
        summary: "Delete a budget that nobody names",
        body: ["BudgetRequest", { id: "small" }],
        answers: "Budget",
        example: budget,
      },
    },
  });
}
