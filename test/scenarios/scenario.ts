import { type Fault, type Garbage, garbages } from "../simulator/faults/faults.ts";
import { type Random, createRandom } from "../simulator/random.ts";

/** One request and the upstreams it meets: a pure function of its seed. */
export interface Scenario {
  readonly seed: number;
  /** What the upstreams are like, which decides how the request may end. */
  readonly kind: Kind;
  readonly replicas: readonly [ReplicaPlan, ...ReplicaPlan[]];
  readonly routing: "simple-shuffle" | "least-busy" | "latency-based-routing";
  readonly retries: number;
  readonly hedge: boolean;
  readonly query: string;
  readonly documents: readonly string[];
  /** Positions of documents that no replica can score. */
  readonly sick: ReadonlySet<number>;
  readonly onDocumentError: "fail" | "warn";
  readonly topN: number | undefined;
  /** Seconds. */
  readonly timeout: number;
  /** Milliseconds after which the caller goes away. */
  readonly leavesAfter: number | undefined;
}

/**
 * `calm`: nothing goes wrong. `one-good`: every replica but one is as bad as can be. `rough`: each call may fail.
 * `doomed`: every call fails in the same way. `sick`: some documents cannot be scored. `leaving`: the caller goes away.
 */
type Kind = "calm" | "one-good" | "rough" | "doomed" | "sick" | "leaving";

export interface ReplicaPlan {
  readonly maxClientBatchSize: number;
  readonly maxConcurrentRequests: number;
  readonly payloadLimit: number;
  readonly version: string;
  readonly modelSha: string;
  readonly microsecondsPerToken: number;
  readonly pads: boolean;
  /** Share of the calls that fail. */
  readonly rate: number;
  readonly faults: readonly [Fault, ...Fault[]];
  /** Its port is closed from the start. */
  readonly dead: boolean;
}

export function createScenario(seed: number): Scenario {
  const random = createRandom(seed);
  const kind = random.pick<Kind>([
    "calm",
    "calm",
    "one-good",
    "one-good",
    "one-good",
    "rough",
    "rough",
    "rough",
    "doomed",
    "sick",
    "leaving",
  ]);
  const count = random.skewed(1, random.pick([100, 300, 3000]));
  const documents = createDocuments(random, count);
  const replicas = createReplicas(random, kind, count);
  return {
    seed,
    kind,
    replicas,
    routing: random.pick(["simple-shuffle", "least-busy", "latency-based-routing"]),
    retries: random.integer(0, 2),
    hedge: random.chance(0.3),
    query: words(random, random.integer(1, 12)),
    documents,
    sick: kind === "sick" ? pickSick(random, count) : new Set(),
    onDocumentError: random.pick(["fail", "warn"]),
    topN: random.chance(0.5) ? random.skewed(1, count + 10) : undefined,
    // Overload is retried for long: the deadline ends that.
    timeout: kind === "doomed" && replicas.some(({ faults }) => faults.some(isOverload)) ? 1 : 30,
    leavesAfter: kind === "leaving" ? random.integer(0, 30) : undefined,
  };
}

/** What a person needs to know of a failed scenario. */
export function describeScenario({ documents, query, sick, ...rest }: Scenario): string {
  const characters = documents.reduce((sum, document) => sum + document.length, 0);
  return JSON.stringify(
    { ...rest, documents: documents.length, characters, queryCharacters: query.length, sick: [...sick] },
    undefined,
    2,
  );
}

/** Mostly short, a few very long, some equal to another, some empty. */
function createDocuments(random: Random, count: number): readonly string[] {
  const documents: string[] = [];
  const longest = random.skewed(1, 150);
  for (let position = 0; position < count; position++) {
    const isCopy = position > 0 && random.chance(0.1);
    const earlier = isCopy ? documents[random.integer(0, position - 1)] : undefined;
    documents.push(earlier ?? (random.chance(0.01) ? "" : `${position} ${words(random, random.skewed(1, longest))}`));
  }
  return documents;
}

function createReplicas(random: Random, kind: Kind, count: number): readonly [ReplicaPlan, ...ReplicaPlan[]] {
  // All replicas of one model have the same faults where the expected error is to be known.
  const shared = pickFaults(random, kind);
  // Calls of the request, about: mostly few, so that thousands of scenarios can be played.
  const calls = random.skewed(2, 40);
  const pads = random.chance(0.5);
  const replica = (position: number): ReplicaPlan => {
    const batchSize = Math.max(random.skewed(1, 64), Math.ceil(count / calls));
    const good = kind === "one-good" && position === 0;
    const dead = kind === "one-good" && !good && random.chance(0.2);
    return {
      maxClientBatchSize: batchSize,
      maxConcurrentRequests: random.skewed(batchSize, Math.max(512, batchSize)),
      payloadLimit: random.chance(0.2) ? 20_000 : 2_000_000,
      version: random.pick(["1.9.3", "1.8.3"]),
      microsecondsPerToken: random.chance(0.3) ? random.next() / 5 : 0,
      pads,
      // Now and then a replica serves another revision, whose scores may not be mixed with the others'.
      modelSha: random.chance(0.2) ? "other" : "same",
      rate:
        good || kind === "calm" || kind === "sick"
          ? 0
          : kind === "rough"
            ? random.next() * 0.3
            : kind === "leaving"
              ? 0
              : 1,
      faults: kind === "one-good" ? pickFaults(random, kind) : shared,
      dead,
    };
  };
  const others = random.integer(kind === "one-good" ? 1 : 0, 3);
  return [replica(0), ...Array.from({ length: others }, (_, position) => replica(position + 1))];
}

function pickFaults(random: Random, kind: Kind): readonly [Fault, ...Fault[]] {
  const garbage: Fault = { kind: "garbage", garbage: random.pick<Garbage>(garbages) };
  const status: Fault = { kind: "refuse", status: random.pick([429, 500, 502, 503]) };
  const faults: readonly [Fault, ...Fault[]] = [{ kind: "reset" }, { kind: "death" }, status, status, garbage, garbage];
  if (kind === "doomed") return [random.pick(faults)];
  const slow: Fault = { kind: "slow", milliseconds: random.integer(1, 20) };
  if (random.chance(0.1)) return [{ kind: "hang" }];
  return random.chance(0.5) ? [random.pick(faults)] : [...faults, slow];
}

export function isOverload(fault: Fault): boolean {
  return fault.kind === "refuse" && fault.status === 429;
}

function pickSick(random: Random, count: number): ReadonlySet<number> {
  const most = Math.min(5, count);
  return new Set(Array.from({ length: random.integer(1, most) }, () => random.integer(0, count - 1)));
}

const vocabulary = [
  "river",
  "capital",
  "Paris",
  "engine",
  "naïve",
  "東京",
  "größe",
  "rank",
  "0.5",
  '"quoted"',
  "emoji 🙂",
  "line\nbreak",
] as const;

function words(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.pick<string>(vocabulary)).join(" ");
}
