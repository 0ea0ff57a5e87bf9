import { element } from "../../../browser/element.ts";
import type { Deployment } from "../../../playground/deployments/deployment-list.ts";
import { type ModelValues, addModel, changeModel, removeModel } from "../../objects/added-models.ts";
import { openForm } from "../../../parts/dialogs.ts";
import { fieldRow, textField } from "../../../parts/fields.ts";
import { button, forOne } from "../../../parts/words.ts";
import { type FieldValues, changedValues, formValues } from "../../state/form-values.ts";
import type { Scene } from "../scene.ts";

const names = ["model_name", "model", "api_base", "api_key", "input_cost_per_query", "input_cost_per_token"] as const;

/** Adds a deployment beside those of the configuration file. */
export function openNewModel(scene: Scene): void {
  openForm({
    title: "A new model",
    verb: "Add the model",
    content: fieldsOf(),
    submit: async (form) => {
      const warnings = await addModel(scene.client, valuesOf(formValues(form, names, true)));
      await scene.again(["The model is added and served.", ...warnings].join(" "));
    },
  });
}

/** What can be done with a deployment; those of the configuration file are changed there. */
export function modelActions(scene: Scene, deployment: Deployment): Node {
  if (!deployment.isAdded) return element("span", { class: "quiet" }, "in the file");
  return element(
    "span",
    { class: "actions" },
    forOne(
      deployment.id,
      button("Change", () => openChange(scene, deployment)),
    ),
    forOne(
      deployment.id,
      button("Delete", () => openDeletion(scene, deployment)),
    ),
  );
}

function openChange(scene: Scene, deployment: Deployment): void {
  openForm({
    title: `Change the deployment ${deployment.id}`,
    verb: "Save",
    content: fieldsOf(deployment),
    submit: async (form) => {
      const { api_key: key, ...values } = formValues(form, names, false);
      const changed = changedValues(values, {
        model_name: deployment.modelName,
        model: deployment.model,
        api_base: deployment.apiBase ?? null,
        input_cost_per_query: deployment.costPerQuery ?? null,
        input_cost_per_token: deployment.costPerToken ?? null,
      });
      const warnings = await changeModel(
        scene.client,
        deployment,
        valuesOf({ ...changed, ...(key !== null && { api_key: key ?? null }) }),
      );
      await scene.again(["The deployment is changed.", ...warnings].join(" "));
    },
  });
}

function openDeletion(scene: Scene, deployment: Deployment): void {
  openForm({
    title: `Delete the deployment ${deployment.id}?`,
    verb: "Delete the deployment",
    isDangerous: true,
    content: [
      element(
        "p",
        {},
        `${deployment.modelName} is served by its other deployments, where it has some. Its key is deleted with it.`,
      ),
    ],
    submit: async () => {
      await removeModel(scene.client, deployment);
      await scene.again("The deployment is deleted.");
    },
  });
}

function fieldsOf(deployment?: Deployment): readonly Node[] {
  return [
    textField("model_name", {
      label: "Name",
      isRequired: true,
      value: deployment?.modelName,
      hint: "What callers ask for. Several deployments of one name share its requests.",
    }),
    textField("model", {
      label: "Provider and model",
      isRequired: true,
      value: deployment?.model,
      placeholder: "cohere/rerank-v3.5",
      hint: "<provider>/<model>, as model: in the configuration file.",
    }),
    textField("api_base", {
      label: "Address of its server",
      value: deployment?.apiBase,
      placeholder: "the provider’s own",
      hint: "For servers of your own. Private addresses need general_settings.allowed_private_networks.",
    }),
    textField("api_key", {
      label: "Key for the provider",
      type: "password",
      ...(deployment && { placeholder: "stays as it is" }),
      hint: "Kept encrypted, and shown to nobody again.",
    }),
    fieldRow(
      textField("input_cost_per_query", {
        label: "US dollars a query",
        type: "number",
        placeholder: "the provider’s list",
        value: deployment?.costPerQuery,
      }),
      textField("input_cost_per_token", {
        label: "US dollars a token",
        type: "number",
        placeholder: "the provider’s list",
        value: deployment?.costPerToken,
      }),
    ),
  ];
}

function valuesOf(values: FieldValues): ModelValues {
  return {
    modelName: textOf(values["model_name"]),
    model: textOf(values["model"]),
    apiBase: values["api_base"] === null ? null : textOf(values["api_base"]),
    apiKey: textOf(values["api_key"]),
    costPerQuery: numberOf(values["input_cost_per_query"]),
    costPerToken: numberOf(values["input_cost_per_token"]),
  };
}

function textOf(value: FieldValues[string] | undefined): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function numberOf(value: FieldValues[string] | undefined): number | null | undefined {
  return typeof value === "number" || value === null ? value : undefined;
}
