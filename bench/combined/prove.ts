import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { availableParallelism, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";

import * as v from "valibot";

/**
 * Whether models that are made of others keep what they promise, on collections in BEIR's layout, by `dheera_ai eval`:
 * `node -C source bench/combined/prove.ts [--shared ../shared] [--collections cranfield,cisi] [--seed 7]`. The queries are
 * divided by the seed. On one half a cascade is chosen: the fewest documents for its last stage that keep 99 % of what the
 * last stage reaches by itself, at most 30 of 100. On the other half, which chose nothing, it is measured, and so is a
 * fusion that has no parameter to choose. Needs `all-minilm-l6-v2` and the collections.
 */
const { values } = parseArgs({
  options: {
    shared: { type: "string", default: join(import.meta.dirname, "../../../shared") },
    collections: { type: "string", default: "cranfield,cisi" },
    seed: { type: "string", default: "7" },
  },
});
const shared = resolve(values.shared);
const keeps = [15, 20, 30] as const;
const leastKept = 0.99;

interface Cascade {
  readonly name: string;
  readonly first: "bm25" | "search";
  readonly keep: number;
  readonly last: "minilm" | "both";
}

const cascades: readonly Cascade[] = (
  [
    ["bm25", "minilm"],
    ["search", "both"],
  ] as const
).flatMap(([first, last]) => keeps.map((keep) => ({ name: `${first}-${keep}-${last}`, first, keep, last })));
const singles = ["bm25", "minilm", "both", "search"] as const;

/** What `eval` writes, as far as it is read here. */
const reportSchema = v.object({
  sample: v.object({ queries: v.number() }),
  models: v.record(
    v.string(),
    v.object({ metrics: v.record(v.string(), v.number()), errors: v.literal(0), queries: v.number() }),
  ),
});

const queriesOf = ({ sample }: Report): number => sample.queries;
const gain = ({ models }: Report, name: string): number => models[name]?.metrics["ndcg@10"] ?? Number.NaN;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

const folder = await mkdtemp(join(tmpdir(), "dheera-combined-"));
try {
  const config = join(folder, "config.yaml");
  await writeFile(config, configuration());
  for (const collection of values.collections.split(",")) await prove(collection, config);
} finally {
  await rm(folder, { recursive: true });
}

async function prove(collection: string, config: string): Promise<void> {
  const [chosenOn, claimedOn] = await divide(collection);
  const learned = await evaluate(chosenOn, config, [...singles, ...cascades.map(({ name }) => name)]);
  const share = ({ name, last }: Cascade, report: Report): number => gain(report, name) / gain(report, last);
  const enough = cascades.filter((one) => share(one, learned) >= leastKept);
  const chosen = enough.toSorted(
    (one, other) => one.keep - other.keep || gain(learned, other.name) - gain(learned, one.name),
  )[0];
  console.log(`\n${collection}, the half that chooses (${queriesOf(learned)} queries), nDCG@10`);
  for (const name of singles) console.log(`| ${name} | ${gain(learned, name).toFixed(4)} |`);
  for (const one of cascades)
    console.log(
      `| ${one.name} | ${gain(learned, one.name).toFixed(4)} | ${percent(share(one, learned))} of ${one.last} |`,
    );
  const claimed = await evaluate(claimedOn, config, [...singles, ...(chosen ? [chosen.name] : [])]);
  console.log(`\n${collection}, the half that was not looked at (${queriesOf(claimed)} queries), nDCG@10`);
  for (const name of singles) console.log(`| ${name} | ${gain(claimed, name).toFixed(4)} |`);
  if (chosen)
    console.log(
      `| ${chosen.name}, chosen before | ${gain(claimed, chosen.name).toFixed(4)} | ${percent(share(chosen, claimed))} of ${chosen.last} at ${chosen.keep} of 100 documents |`,
    );
  else console.log("no cascade kept enough on the half that chooses");
  const [one, other] = [queriesOf(learned), queriesOf(claimed)];
  console.log(`\n${collection}, both halves (${one + other} queries), for what has nothing to choose`);
  for (const name of singles) {
    const both = (one * gain(learned, name) + other * gain(claimed, name)) / (one + other);
    console.log(`| ${name} | ${both.toFixed(4)} |`);
  }
}

/** The search over the whole collection is the order in which candidates come, so `input_order` stands for it. */
function configuration(): string {
  const entries: readonly object[] = [
    { model_name: "bm25", dheera_ai_params: { model: "bm25/default" } },
    { model_name: "minilm", dheera_ai_params: { model: `local/${join(shared, "models/all-minilm-l6-v2")}` } },
    {
      model_name: "both",
      dheera_ai_params: { model: "fusion/both", models: ["input_order", "minilm"], method: "rrf" },
    },
    {
      // The search's order, in which BM25 over the candidates alone decides little.
      model_name: "search",
      dheera_ai_params: { model: "fusion/search", models: [{ model: "input_order", weight: 10 }, "bm25"] },
    },
    ...cascades.map(({ name, first, keep, last }) => ({
      model_name: name,
      dheera_ai_params: { model: `cascade/${name}`, stages: [{ model: first, keep }, { model: last }] },
    })),
  ];
  return JSON.stringify({ model_list: entries });
}

/** Two folders with the same documents, each with half of the queries. */
async function divide(collection: string): Promise<readonly [string, string]> {
  const source = join(shared, "collections", collection);
  const queries = (await readFile(join(source, "queries.jsonl"), "utf8")).trimEnd().split("\n");
  const judgements = (await readFile(join(source, "qrels/test.tsv"), "utf8")).trimEnd().split("\n").slice(1);
  const judged = new Set(judgements.flatMap((line) => line.split("\t").slice(0, 1)));
  const ids = queries.map((line) => v.parse(v.object({ _id: v.string() }), JSON.parse(line))._id);
  const digests = new Map(
    ids
      .filter((id) => judged.has(id))
      .map((id) => [id, createHash("sha256").update(`${values.seed} ${id}`).digest("hex")]),
  );
  const middle = [...digests.values()].toSorted()[Math.floor(digests.size / 2)] ?? "";
  const half = async (name: string, has: (digest: string) => boolean): Promise<string> => {
    const target = join(folder, `${collection}-${name}`);
    await mkdir(join(target, "qrels"), { recursive: true });
    await cp(join(source, "corpus.jsonl"), join(target, "corpus.jsonl"));
    const isIn = (id: string | undefined): boolean => has(digests.get(id ?? "") ?? "z");
    await writeFile(join(target, "queries.jsonl"), queries.filter((_, index) => isIn(ids[index])).join("\n"));
    const kept = judgements.filter((line) => isIn(line.split("\t")[0]));
    await writeFile(join(target, "qrels/test.tsv"), ["query-id\tcorpus-id\tscore", ...kept].join("\n"));
    return target;
  };
  return [
    await half("first", (digest) => digest < middle),
    await half("second", (digest) => digest >= middle && digest !== "z"),
  ];
}

async function evaluate(collection: string, config: string, models: readonly string[]): Promise<Report> {
  const json = join(folder, "report.json");
  await promisify(execFile)(
    process.execPath,
    [
      "-C",
      "source",
      join(import.meta.dirname, "../../apps/cli/src/main.ts"),
      "eval",
      collection,
      "--config",
      config,
      "--models",
      models.join(","),
      "--top_k",
      "100",
      "--json",
      json,
      "--concurrency",
      String(availableParallelism()),
      "--scores",
      join(folder, `${Date.now()}.scores`),
    ],
    { maxBuffer: 1e9 },
  );
  return v.parse(reportSchema, JSON.parse(await readFile(json, "utf8")));
}

type Report = v.InferOutput<typeof reportSchema>;
