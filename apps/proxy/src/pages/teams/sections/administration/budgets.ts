import { element } from "../../../browser/element.ts";
import { type Budget, deleteBudget, listBudgets, makeBudget, updateBudget } from "../../objects/budgets.ts";
import { openForm } from "../../../parts/dialogs.ts";
import { textField } from "../../../parts/fields.ts";
import { limitFieldNames, limitFields, limitValues } from "../../parts/limit-fields.ts";
import { listView } from "../../parts/list-view.ts";
import { emptyNotice } from "../../../parts/notices.ts";
import type { Column } from "../../../parts/table.ts";
import { button, forOne, named } from "../../../parts/words.ts";
import { count, dollars } from "../../../parts/amounts.ts";
import { durationWords } from "../../state/budget-words.ts";
import { changedValues, formValues } from "../../state/form-values.ts";
import type { Drawn, Scene } from "../scene.ts";

/** Limits that many share the values of, so that they are changed in one place. */
export async function budgetsSection(scene: Scene): Promise<Drawn> {
  const { client, abilities } = scene;
  const make = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New budget", () => openNew(scene), "primary")] : [];
  const columns: readonly Column<Budget>[] = [
    { head: "Budget", cell: ({ id }) => named(id) },
    { head: "US dollars", isNumber: true, cell: ({ budget }) => (budget === undefined ? "any" : dollars(budget)) },
    { head: "Begins anew", cell: ({ budgetDuration }) => durationWords(budgetDuration) },
    { head: "Requests a minute", isNumber: true, cell: ({ rpm }) => (rpm === undefined ? "any" : count(rpm)) },
    ...(abilities.managesAll ? [{ head: "Actions", cell: (budget: Budget) => actionsOf(scene, budget) }] : []),
  ];
  return {
    title: "Budgets",
    content: [
      ...make().map((one) => element("div", { class: "actions" }, one)),
      await listView<Budget>({
        scene,
        thing: "budget",
        searchLabel: "Search by id",
        columns,
        load: (query) => listBudgets(client, query),
        empty: emptyNotice(
          "No budget yet",
          "A budget here is a set of limits that many keys, teams or users get, such as that of a trial: each spends for itself, and all are changed at once. Choose it in their forms, under More limits.",
          ...make(),
        ),
      }),
    ],
  };
}

function actionsOf(scene: Scene, budget: Budget): HTMLElement {
  return element(
    "span",
    { class: "actions" },
    forOne(
      budget.id,
      button("Change", () => openChange(scene, budget)),
    ),
    forOne(
      budget.id,
      button("Delete", () => openDeletion(scene, budget)),
    ),
  );
}

function openNew(scene: Scene): void {
  openForm({
    title: "A new budget",
    verb: "Make the budget",
    content: [
      textField("budget_id", { label: "Id", isRequired: true, hint: "How forms and programs name it." }),
      ...limitFields({}),
    ],
    submit: async (form) => {
      await makeBudget(scene.client, formValues(form, ["budget_id", ...limitFieldNames({})], true));
      await scene.again("The budget is made.");
    },
  });
}

function openChange(scene: Scene, budget: Budget): void {
  openForm({
    title: `Change the budget ${budget.id}`,
    verb: "Save",
    content: limitFields({}, budget),
    submit: async (form) => {
      const values = formValues(form, limitFieldNames({}), false);
      await updateBudget(scene.client, budget, changedValues(values, limitValues(budget)));
      await scene.again("The budget is changed, for all who have it.");
    },
  });
}

function openDeletion(scene: Scene, budget: Budget): void {
  openForm({
    title: `Delete the budget ${budget.id}?`,
    verb: "Delete the budget",
    isDangerous: true,
    content: [element("p", {}, "It is deleted only when no key, user, team or organization has it any more.")],
    submit: async () => {
      await deleteBudget(scene.client, budget);
      await scene.again("The budget is deleted.");
    },
  });
}
