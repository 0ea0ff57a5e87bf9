import { notToBeHad } from "./not-to-be-had.ts";
import { type Quartiles, quartilesOf } from "../proxy/quartiles.ts";
import type { Measured, Result, Round } from "./result.ts";

const own = "Dheera AI on Node.js";
const litellm = "LiteLLM's proxy";

/** Of a run whose figures say something. */
const fewestRounds = 7;

/** docs/peers.md. */
export function pageOf(result: Result): string {
  const { date, commit, machine, runtimes, connections, seconds, looks, load, minutes, shapes, leftOut } = result;
  const rounds = roundsOf(result);
  return `<!-- Made by bench/peers/main.ts --write: measure again instead of changing it. -->

# Beside other gateways

What a rerank request costs in gateways that anybody can install today. One command installs them from their registries, starts each before the same upstream, looks at
what it answers, and loads all of them in turns: \`npx -y pnpm@10 exec node -C source bench/peers/main.ts --write\`, in a clone of the repository after \`npx -y pnpm@10 install\` and
\`npx -y pnpm@10 build\`.

It needs Linux, nginx, wrk, and Python 3.10 or newer. The run on this page: ${date}, commit ${commit}, ${machine}, ${runtimes}, ${rounds} ${rounds === 1 ? "round" : "rounds"} of ${seconds} s for each server and shape
over ${connections} connections, ${minutes.toFixed(0)} minutes; the machine's load before it was ${load.toFixed(1)}. The load generator, the upstream and what is measured share the cores, so that figures compare within
this page and with nothing else.${isShort(result) ? ` **This was a short run**: it shows that everything starts and ranks, and its figures are too few to say more.` : ""}

${shapes.map(tableOf).join("\n\n")}

## What the columns are

* **Requests a second**, and their ratio to ${own} with as many workers, computed within each round: medians over the rounds, the quartiles in brackets. No round is left out.
* **CPU**: microseconds of processor time a request, of all processes of a server. **Memory**: what is resident after the last round; what several processes share counts for each.
  **Start**: from the command to the first right ranking, all imports and connections included.
* **Bad**: requests that the load counted as failed (no 200, a broken connection, no answer within two seconds), and wrong answers among the ${looks} that are looked at after each round, at one time: an
  index, a score that is off by more than a millionth, the order, or the number of results. A server whose answers are wrong before the load begins is not measured.
* **At work**: worker processes, or threads where a server has those.

## What is compared

* The **upstream** is nginx that answers the ranking of the shape at once, in the form of Text Embeddings Inference and of SGLang, which for scores and indices are the same bytes. A real model takes
  milliseconds to seconds; what is measured here comes on top of that.
* **Dheera AI** and **LiteLLM** have the same configuration, but for the name of its parameters: a \`huggingface/\` model at the upstream, and a master key, which each request carries. Caches are off,
  LiteLLM is set up as its documentation says for production. Both read the request and the answer, and write Cohere's form; \`top_n\` is 10, which LiteLLM passes
  over for this kind of upstream: its row says so.
* **vLLM's router** and **Shepherd Model Gateway**, the successor of SGLang's router, are written in Rust. They read the request and the answer too, and keep the best ten, but know one form of server; there is
  no key, and a request names \`top_k\` in place of \`top_n\`, which they pass over. Shepherd Model Gateway keeps the upstream's order and does not sort.
* **nginx** and **Envoy** are yardsticks that pass bytes on: nothing is read, no key is checked, no \`top_n\` is kept, and callers must write the upstream's own form.
* Each request has another query. Every server runs as long as its shape is measured, and is started anew for the next one.

## Installed

| | package | from | MB | seconds |
| --- | --- | --- | ---: | ---: |
${result.installed
  .map(
    ({ name, version, registry, requirement, megabytes, seconds: took }) =>
      `| ${name} ${version} | \`${requirement}\` | ${registry} | ${megabytes} | ${took.toFixed(0)} |`,
  )
  .join("\n")}

LiteLLM's version is the one that pip chose for \`litellm[proxy]\` on 2026-11-28: the newest, 1.110.2, needs a package \`litellm-proxy\` beside it, which PyPI did not have.

## Not measured

${leftOut.map(({ name, version, shape, reason }) => `* ${name} ${version}${shape === undefined ? "" : `, ${shape}`}: ${reason}.`).join("\n")}
${notToBeHad.map(({ name, reason }) => `* ${name}: ${reason}.`).join("\n")}
`;
}

/** The sentence of README.md; without figures where a short run has none that say something. */
export function sentenceOf(result: Result): string {
  const { date, shapes } = result;
  if (isShort(result))
    return "What a request costs beside LiteLLM's proxy, vLLM's router and others: [measured](docs/peers.md), by one command that installs them.";
  const against = (name: string): string => rangeOf(shapes.flatMap(({ servers }) => timesOf(servers, name)));
  return `With one worker each, the proxy on Node.js ranks ${against(litellm)} times as many requests a second as LiteLLM's, and ${against("vLLM's router")} times as many as vLLM's router, which is written in Rust and knows one kind of server ([measured on ${date}](docs/peers.md), by one command that installs the others).`;
}

function isShort(result: Result): boolean {
  return roundsOf(result) < fewestRounds;
}

function roundsOf({ shapes }: Result): number {
  return Math.min(...shapes.flatMap(({ servers }) => servers.map(({ rounds }) => rounds.length)));
}

const marks = { begin: "<!-- peers -->", end: "<!-- /peers -->" } as const;

/** @throws Error when the text has no place for the sentence */
export function withSentence(readme: string, sentence: string): string {
  const [begin, end] = [readme.indexOf(marks.begin), readme.indexOf(marks.end)];
  if (begin === -1 || end < begin) throw new Error(`README.md lacks ${marks.begin} or ${marks.end}`);
  return readme.slice(0, begin + marks.begin.length) + sentence + readme.slice(end);
}

function tableOf({ name, servers }: Result["shapes"][number]): string {
  const head = [
    "",
    "at work",
    "requests a second",
    "× Dheera AI",
    "p50 ms",
    "p99 ms",
    "CPU µs",
    "memory MB",
    "start s",
    "bad",
  ];
  const rows = servers.map((server) => {
    const { rounds, workers, millisecondsToStart } = server;
    const last = rounds.at(-1)?.megabytes ?? Number.NaN;
    return [
      `${server.name} ${server.version}`.trim() + (server.remark === undefined ? "" : `: ${server.remark}`),
      workers === 0 ? "" : String(workers),
      spread(quartilesOf(rounds.map(({ requestsPerSecond }) => requestsPerSecond)), whole),
      ratioOf(server, servers),
      quartilesOf(rounds.map(({ p50 }) => p50)).median.toFixed(1),
      quartilesOf(rounds.map(({ p99 }) => p99)).median.toFixed(1),
      whole(quartilesOf(rounds.map(({ cpu }) => cpu)).median),
      whole(last),
      millisecondsToStart === undefined ? "" : (millisecondsToStart / 1000).toFixed(1),
      String(rounds.reduce((sum, { failures, wrong }) => sum + failures + wrong, 0)),
    ];
  });
  const lines = [head, head.map((_, column) => (column === 0 ? "---" : "---:")), ...rows];
  return [`## ${name}`, "", ...lines.map((cells) => `| ${cells.join(" | ")} |`)].join("\n");
}

/** Yardsticks, of one worker or none, are held against one worker. */
function ratioOf(server: Measured, servers: readonly Measured[]): string {
  const yardstick = servers.find(({ name, workers }) => name === own && workers === Math.max(1, server.workers));
  if (yardstick === server) return "1";
  return yardstick === undefined ? "" : spread(quartilesOf(ratios(server.rounds, yardstick.rounds)), factor);
}

/** How many times as many requests as another with one worker. */
function timesOf(servers: readonly Measured[], other: string): readonly number[] {
  const [ours, theirs] = [own, other].map((name) =>
    servers.find((server) => server.name === name && server.workers === 1),
  );
  return ours && theirs ? [quartilesOf(ratios(ours.rounds, theirs.rounds)).median] : [];
}

/** Round by round. */
function ratios(rounds: readonly Round[], yardstick: readonly Round[]): readonly number[] {
  return rounds.map(
    ({ requestsPerSecond }, round) => requestsPerSecond / (yardstick[round]?.requestsPerSecond ?? Number.NaN),
  );
}

function rangeOf(figures: readonly number[]): string {
  const [least, most] = [Math.min(...figures), Math.max(...figures)].map(factor);
  return least === most ? `${least}` : `${least} to ${most}`;
}

function spread({ lower, median, upper }: Quartiles, write: (figure: number) => string): string {
  return `${write(median)} (${write(lower)}–${write(upper)})`;
}

/** Two significant digits. */
function factor(times: number): string {
  return times >= 10 ? whole(times) : String(Number(times.toPrecision(2)));
}

function whole(figure: number): string {
  return Math.round(figure).toLocaleString("en");
}
