import { element } from "../../../browser/element.ts";
import {
  type Delivery,
  type Webhook,
  deleteWebhook,
  events,
  listDeliveries,
  listWebhooks,
  makeWebhook,
  rotateSecret,
  testWebhook,
  updateWebhook,
} from "../../objects/webhooks.ts";
import { openForm } from "../../../parts/dialogs.ts";
import { boxesField, choiceField, textField } from "../../../parts/fields.ts";
import { listView } from "../../parts/list-view.ts";
import { emptyNotice } from "../../../parts/notices.ts";
import { showSecret } from "../../parts/secret.ts";
import { type Column, table } from "../../../parts/table.ts";
import { button, forOne, inPlace, named, quiet, stateMark, timeOf } from "../../../parts/words.ts";
import { count } from "../../../parts/amounts.ts";
import { formValues } from "../../state/form-values.ts";
import type { Drawn, Scene } from "../scene.ts";

/** Who is told when a budget is spent, a key expires or a deployment is down, and what became of that. */
export async function webhooksSection(scene: Scene): Promise<Drawn> {
  const { client, abilities } = scene;
  const webhooks = await listWebhooks(client);
  const make = (): readonly HTMLElement[] =>
    abilities.managesAll ? [button("New webhook", () => openNew(scene), "primary")] : [];
  if (webhooks.length === 0)
    return {
      title: "Webhooks",
      content: [
        emptyNotice(
          "No webhook yet",
          "A webhook is an address that is told when a budget is nearly spent or spent, a key expires, or a deployment is down: one of your own, or a channel of Slack.",
          ...make(),
        ),
      ],
    };
  const columns: readonly Column<Webhook>[] = [
    {
      head: "Webhook",
      cell: ({ id, url }) => element("span", {}, named(id), quiet(url ?? "its address cannot be read")),
    },
    { head: "Told when", cell: ({ events: told }) => eventWords(told) },
    { head: "Format", cell: ({ format }) => (format === "slack" ? "Slack" : "signed JSON") },
    { head: "State", cell: ({ isDisabled }) => (isDisabled ? stateMark("expired", "off") : stateMark("active", "on")) },
    ...(abilities.managesAll ? [{ head: "Actions", cell: (webhook: Webhook) => actionsOf(scene, webhook) }] : []),
  ];
  return {
    title: "Webhooks",
    content: [
      ...make().map((one) => element("div", { class: "actions" }, one)),
      table("Webhooks", columns, webhooks),
      element(
        "section",
        { "aria-labelledby": "deliveries" },
        element("h2", { id: "deliveries" }, "Deliveries"),
        await deliveryList(scene, webhooks),
      ),
    ],
  };
}

function deliveryList(scene: Scene, webhooks: readonly Webhook[]): Promise<HTMLElement> {
  return listView<Delivery>({
    scene,
    thing: "delivery",
    things: "deliveries",
    columns: [
      { head: "Of", cell: ({ createdAt }) => timeOf(createdAt, "not known") },
      { head: "Webhook", cell: ({ webhookId }) => named(webhookId) },
      { head: "Event", cell: ({ event }) => event },
      { head: "State", cell: ({ status, lastError }) => statusOf(status, lastError) },
      { head: "Attempts", isNumber: true, cell: ({ attempts }) => count(attempts) },
      { head: "Next attempt", cell: ({ nextAttemptAt }) => timeOf(nextAttemptAt, "none") },
    ],
    filters: [
      { name: "webhook_id", label: "To", offers: [["", "all"], ...webhooks.map(({ id }) => [id, id] as const)] },
      { name: "status", label: "That are", offers: [["", "in any state"], ...Object.entries(statusWords)] },
    ],
    load: (query) => listDeliveries(scene.client, query),
    empty: element("p", { class: "quiet" }, "Nothing was to be told yet. A test shows whether the address is right."),
  });
}

const statusWords = { pending: "on their way", delivered: "delivered", failed: "given up" } as const satisfies Record<
  string,
  string
>;

function statusOf(status: string, error: string | undefined): HTMLElement {
  const marks: Readonly<Record<string, readonly [state: string, word: string]>> = {
    delivered: ["active", "delivered"],
    failed: ["blocked", "given up"],
    pending: ["expired", "on its way"],
  };
  const [state, word] = marks[status] ?? ["unknown", status];
  return element("span", {}, stateMark(state, word), ...(error === undefined ? [] : [quiet(error)]));
}

function eventWords(told: readonly string[]): string {
  const known: Readonly<Record<string, string>> = events;
  return told.length === 0 ? "anything happens" : told.map((event) => known[event] ?? event).join(", ");
}

function actionsOf(scene: Scene, webhook: Webhook): HTMLElement {
  if (webhook.isOfConfiguration)
    return element("span", { class: "actions" }, testButton(scene, webhook), quiet("in the file"));
  const turn = button(webhook.isDisabled ? "Turn on" : "Turn off", () => scene.attempt(turnOver(scene, webhook)));
  return element(
    "span",
    { class: "actions" },
    testButton(scene, webhook),
    forOne(
      webhook.id,
      button("Change", () => openChange(scene, webhook)),
    ),
    inPlace(`turn ${webhook.id}`, forOne(webhook.id, turn)),
    ...(webhook.format === "slack"
      ? []
      : [
          forOne(
            webhook.id,
            button("New secret", () => openRotation(scene, webhook)),
          ),
        ]),
    forOne(
      webhook.id,
      button("Delete", () => openDeletion(scene, webhook)),
    ),
  );
}

function testButton(scene: Scene, webhook: Webhook): HTMLButtonElement {
  const test = async (): Promise<void> => {
    const { status, lastError } = await testWebhook(scene.client, webhook);
    await scene.again(
      status === "delivered"
        ? `${webhook.id} took the test.`
        : `${webhook.id} did not take the test: ${lastError ?? "it is on its way still"}.`,
    );
  };
  return forOne(
    webhook.id,
    button("Test", () => scene.attempt(test())),
  );
}

async function turnOver({ client, again }: Scene, webhook: Webhook): Promise<void> {
  await updateWebhook(client, webhook, { disabled: !webhook.isDisabled });
  await again(webhook.isDisabled ? "The webhook is on." : "The webhook is off: it is told nothing.");
}

function openNew(scene: Scene): void {
  openForm({
    title: "A new webhook",
    verb: "Make the webhook",
    content: [
      textField("url", {
        label: "Address",
        type: "url",
        isRequired: true,
        placeholder: "https://",
        hint: "Not shown again as a whole: addresses of channels are secrets.",
      }),
      textField("webhook_id", { label: "Id", placeholder: "a random one", hint: "What it is called here." }),
      choiceField("format", "Format", [
        ["json", "JSON, signed as Standard Webhooks has it"],
        ["slack", "Slack: a text for a channel"],
      ]),
      eventsField([]),
    ],
    submit: async (form) => {
      const values = formValues(form, ["url", "webhook_id", "format", "events"], true);
      const { secret } = await makeWebhook(scene.client, values);
      if (secret === undefined) await scene.again("The webhook is made.");
      else showOnce(scene, secret, "The webhook is made.");
    },
  });
}

function openChange(scene: Scene, webhook: Webhook): void {
  openForm({
    title: `Change the webhook ${webhook.id}`,
    verb: "Save",
    content: [
      textField("url", { label: "Address", type: "url", placeholder: "stays as it is" }),
      eventsField(webhook.events),
    ],
    submit: async (form) => {
      const { url, events: told } = formValues(form, ["url", "events"], false);
      await updateWebhook(scene.client, webhook, { ...(url !== null && { url }), events: told });
      await scene.again("The webhook is changed.");
    },
  });
}

function openRotation(scene: Scene, webhook: Webhook): void {
  openForm({
    title: `A new secret for ${webhook.id}?`,
    verb: "Make a new secret",
    content: [element("p", {}, "What is sent is signed with the secret before, too, for a day: time to change over.")],
    submit: async () => {
      const { secret } = await rotateSecret(scene.client, webhook);
      showOnce(scene, secret ?? "", "The secret is replaced.");
    },
  });
}

function openDeletion(scene: Scene, webhook: Webhook): void {
  openForm({
    title: `Delete the webhook ${webhook.id}?`,
    verb: "Delete the webhook",
    isDangerous: true,
    content: [element("p", {}, "What is on its way to it is deleted too, and it is told nothing more.")],
    submit: async () => {
      await deleteWebhook(scene.client, webhook);
      await scene.again("The webhook is deleted.");
    },
  });
}

function showOnce(scene: Scene, secret: string, news: string): void {
  showSecret(secret, {
    title: "Copy the secret now",
    what: "The secret",
    advice: "It is shown this once. Whoever gets the webhook needs it to see that what comes is from here.",
    closed: () => void scene.again(news),
  });
}

function eventsField(ticked: readonly string[]): HTMLElement {
  return boxesField("events", "Told when", "None ticked: whatever happens.", Object.entries(events), ticked);
}
