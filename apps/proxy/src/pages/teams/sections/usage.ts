import { element } from "../../browser/element.ts";
import { deploymentList } from "../../playground/deployments/deployment-list.ts";
import { usageCharts } from "../charts/usage-charts.ts";
import { type Activity, type ActivityFilter, type Part, activityOf } from "../objects/activity.ts";
import { sumBuckets, sumOf } from "../objects/figures.ts";
import { choiceField } from "../../parts/fields.ts";
import { emptyNotice } from "../../parts/notices.ts";
import { table } from "../../parts/table.ts";
import { named, stateMark } from "../../parts/words.ts";
import { linkTo } from "../parts/links.ts";
import { count, counted, dollars } from "../../parts/amounts.ts";
import type { SectionName } from "../state/address.ts";
import { type SpanName, bucketsOf, spanNamed, spans } from "../state/span.ts";
import { todayIn, zoneNamed, zonesOffered } from "../state/time-zone.ts";
import type { Drawn, Scene } from "./scene.ts";

type Grouping = "keys" | "teams" | "models" | "providers";

/** What was served, for whom, and what it cost. */
export async function overviewSection(scene: Scene): Promise<Drawn> {
  const { seesAll } = scene.abilities;
  if (!seesAll) return { title: "Your usage", content: await usageParts(scene, {}, ["keys", "models"]) };
  const [health, parts] = await Promise.all([
    deploymentHealth(scene),
    usageParts(scene, {}, ["teams", "keys", "models", "providers"]),
  ]);
  return { title: "Overview", content: [health, ...parts] };
}

/** Whether deployments serve, in one line; the section of models says more of each. */
async function deploymentHealth({ client }: Scene): Promise<HTMLElement> {
  const deployments = await client.read("model/info", deploymentList);
  const ill = deployments.filter(({ state }) => state === "cooling" || state === "unavailable").length;
  const words =
    deployments.length === 0
      ? "No deployment yet: add a model."
      : ill === 0
        ? `${counted(deployments.length, "deployment")}, all well`
        : `${count(ill)} of ${counted(deployments.length, "deployment")} cannot serve now`;
  const mark = deployments.length === 0 ? "unknown" : ill === 0 ? "healthy" : "unavailable";
  return element("p", {}, stateMark(mark, ""), linkTo({ section: "models" }, words));
}

/** Charts of a time that can be chosen, and the parts of who spent most in it. */
export async function usageParts(
  scene: Scene,
  filter: ActivityFilter,
  groupings: readonly Grouping[],
): Promise<readonly Node[]> {
  const place = element("div", { class: "usage" });
  const show = async (span: SpanName, zone: string): Promise<void> => {
    const buckets = bucketsOf(span, todayIn(zone, Date.now()));
    const activity = await activityOf(scene.client, buckets[0]?.from ?? "", buckets.at(-1)?.to ?? "", {
      ...filter,
      ...(zone !== "UTC" && { timezone: zone }),
    });
    const figures = sumBuckets(buckets, activity.days);
    const sum = sumOf(figures);
    place.replaceChildren(
      ...activity.notes.map((note) => element("p", { class: "quiet" }, note)),
      ...(sum.requests === 0 ? [nothingServed(spans[span])] : []),
      ...usageCharts(buckets, figures),
      ...(sum.unknown === 0 ? [] : [unknownNote(sum.unknown)]),
      ...groupings.flatMap((grouping) => partsOf(grouping, activity)),
    );
  };
  let span = spanNamed(scene.address.choices["time"]);
  let zone = zoneNamed(scene.address.choices["zone"]);
  await show(span, zone);
  const again = (): void => {
    scene.choose({ ...scene.address.choices, time: span, zone: zone === "UTC" ? "" : zone });
    place.setAttribute("aria-busy", "true");
    scene.attempt(show(span, zone).finally(() => place.removeAttribute("aria-busy")));
  };
  const times = spanChoice(span, (chosen) => {
    span = chosen;
    again();
  });
  const zones = zoneChoice(zone, (chosen) => {
    zone = chosen;
    again();
  });
  return [element("div", { class: "usage-head" }, times, zones), place];
}

/** Where there is more than UTC to choose from: that of the reader. */
function zoneChoice(chosen: string, choose: (zone: string) => void): HTMLElement {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const offered = zonesOffered(own, chosen);
  if (offered.length === 1) return element("p", { class: "quiet" }, "Days begin at 0:00 UTC.");
  const words = offered.map((zone) => [zone, zone.replaceAll("_", " ")] as const);
  const field = choiceField("zone", "Days begin at 0:00 in", words, chosen);
  field.addEventListener("change", ({ target }) => {
    if (target instanceof HTMLSelectElement) choose(zoneNamed(target.value));
  });
  return field;
}

function spanChoice(chosen: SpanName, choose: (span: SpanName) => void): HTMLElement {
  return element(
    "fieldset",
    { class: "segments" },
    element("legend", { class: "hidden" }, "Time"),
    ...Object.entries(spans).map(([name, words]) => {
      const input = element("input", {
        type: "radio",
        name: "time",
        value: name,
        ...(name === chosen && { checked: "" }),
      });
      input.addEventListener("change", () => choose(spanNamed(name)));
      return element("label", {}, input, element("span", {}, words));
    }),
  );
}

function nothingServed(time: string): HTMLElement {
  return emptyNotice(
    `Nothing was served in these ${time}`,
    "Send a request with a key: the playground has it as code. What it cost is here a second later.",
    element("p", {}, element("a", { href: "./" }, "Open the playground")),
  );
}

function unknownNote(unknown: number): HTMLElement {
  return element(
    "p",
    { class: "quiet" },
    `The costs of ${counted(unknown, "answer")} are not known and not in these sums. Give their deployments a price to have them counted.`,
  );
}

const groups = {
  keys: { title: "By key", head: "Key", section: "keys" },
  teams: { title: "By team", head: "Team", section: "teams" },
  models: { title: "By model", head: "Model", section: undefined },
  providers: { title: "By provider", head: "Provider", section: undefined },
} as const satisfies Record<Grouping, { title: string; head: string; section: SectionName | undefined }>;

const mostParts = 10;

function partsOf(grouping: Grouping, activity: Activity): readonly Node[] {
  const all = activity[grouping];
  if (all.length === 0) return [];
  const { title, head, section } = groups[grouping];
  const most = Math.max(...all.map(({ spend }) => spend));
  const id = `parts-${grouping}`;
  return [
    element(
      "section",
      { "aria-labelledby": id },
      element("h2", { id }, title),
      table(
        title,
        [
          {
            head,
            cell: ({ id: one, name }: Part) =>
              section === undefined ? named(name) : linkTo({ section, id: one }, name),
          },
          { head: "Spend", isNumber: true, cell: ({ spend }) => shareOf(spend, most) },
          { head: "Requests", isNumber: true, cell: ({ requests }) => count(requests) },
          { head: "Errors", isNumber: true, cell: ({ errors }) => count(errors) },
          { head: "Saved", isNumber: true, cell: ({ saved }) => dollars(saved) },
        ],
        all.slice(0, mostParts),
      ),
      ...(all.length > mostParts
        ? [element("p", { class: "quiet" }, `The ${mostParts} that spent most, of ${count(all.length)}.`)]
        : []),
    ),
  ];
}

function shareOf(spend: number, most: number): HTMLElement {
  const bar = element("span", { class: "bar", "aria-hidden": "true" }, element("span"));
  bar.style.setProperty("--length", String(most > 0 ? spend / most : 0));
  return element("span", { class: "spend" }, dollars(spend), bar);
}
