import {
  type Dheera,
  DheeraError,
  type ErrorCode,
  type RerankRequest,
  type RerankResponse,
  createDheera,
} from "@dheera-ai/core";
import { huggingface } from "@dheera-ai/huggingface";

import { type Fault, randomly } from "../simulator/faults/faults.ts";
import { oracleScore } from "../simulator/oracle.ts";
import { type Simulator, startSimulator } from "../simulator/simulator.ts";
import { type ReplicaPlan, type Scenario, createScenario, describeScenario, isOverload } from "./scenario.ts";

/** How a scenario ended, for the tally. */
export type Ending = "ranked" | ErrorCode;

/** Plays one scenario. @throws Error naming the seed when the request ended in a way it may not. */
export async function runScenario(seed: number): Promise<Ending> {
  const scenario = createScenario(seed);
  const simulators = await Promise.all(
    scenario.replicas.map((plan, position) => startReplica(scenario, plan, position)),
  );
  try {
    const dheera = connect(scenario, simulators);
    const ending = await request(scenario, dheera);
    await checkNothingIsLeft(dheera, simulators);
    checkManners(scenario, simulators);
    return ending;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `scenario ${seed}: ${reason}\n${describeScenario(scenario)}\nplay it again: node -C source test/scenarios/replay.ts ${seed}`,
      { cause: error },
    );
  } finally {
    await Promise.all(simulators.map((simulator) => simulator.close()));
  }
}

async function startReplica(scenario: Scenario, plan: ReplicaPlan, position: number): Promise<Simulator> {
  const sickTexts = new Set([...scenario.sick].map((index) => scenario.documents[index]));
  const simulator = await startSimulator({
    ...plan,
    script: randomly(plan.rate, plan.faults, scenario.seed * 4 + position),
    illness: (text) => (sickTexts.has(text) ? "nan" : undefined),
  });
  if (plan.dead) await simulator.kill();
  return simulator;
}

/**
 * Seconds after which a call to a replica that may hang is given up. The others may take their time, however busy this
 * machine is.
 */
const callTimeout = 0.5;

function connect(scenario: Scenario, simulators: readonly Simulator[]): Dheera {
  return createDheera({
    providers: [huggingface({ environment: {} })],
    model_list: simulators.map((simulator, position) => ({
      model_name: "reranker",
      dheera_ai_params: {
        model: "huggingface/BAAI/bge-reranker-base",
        api_base: simulator.url,
        hedge: scenario.hedge,
        ...(mayHang(scenario.replicas[position]) && { timeout: callTimeout }),
      },
    })),
    router_settings: { routing_strategy: scenario.routing, num_retries: scenario.retries, cooldown_time: 0.05 },
  });
}

function mayHang(plan: ReplicaPlan | undefined): boolean {
  return plan !== undefined && plan.rate > 0 && plan.faults.some((fault) => fault.kind === "hang");
}

async function request(scenario: Scenario, dheera: Dheera): Promise<Ending> {
  const { query, documents, topN, timeout, onDocumentError } = scenario;
  const leaving = new AbortController();
  const timer =
    scenario.leavesAfter === undefined ? undefined : setTimeout(() => leaving.abort(), scenario.leavesAfter);
  const body: RerankRequest = {
    model: "reranker",
    query,
    documents,
    timeout,
    on_document_error: onDocumentError,
    ...(topN !== undefined && { top_n: topN }),
  };
  try {
    checkRanking(scenario, await dheera.rerank(body, { signal: leaving.signal }));
    return "ranked";
  } catch (error) {
    if (!(error instanceof DheeraError)) throw error;
    checkError(scenario, error);
    return error.code;
  } finally {
    clearTimeout(timer);
  }
}

function checkRanking(scenario: Scenario, { results }: RerankResponse): void {
  const { sick, kind, onDocumentError, replicas } = scenario;
  if (kind === "doomed") throw new Error("a ranking came back although every call failed");
  if (sick.size > 0 && onDocumentError === "fail")
    throw new Error("a ranking came back although a document could not be scored");
  const revisions = [...new Set(replicas.map(({ modelSha }) => modelSha))];
  const differences = revisions.map((revision) => findDifference(results, expectRanking(scenario, revision)));
  if (differences.every((difference) => difference !== undefined)) throw new Error(differences.join("; "));
}

interface Row {
  readonly index: number;
  /** Absent where the document could not be scored. */
  readonly score: number | undefined;
}

/** The ranking of one revision: a single replica or its equals scored all documents. */
function expectRanking({ query, documents, sick, topN }: Scenario, revision: string): readonly Row[] {
  const sickTexts = new Set([...sick].map((index) => documents[index]));
  return documents
    .map((document, index): Row => ({
      index,
      score: sickTexts.has(document) ? undefined : oracleScore(query, document, revision),
    }))
    .sort((a, b) => (b.score ?? -1) - (a.score ?? -1) || a.index - b.index)
    .slice(0, topN);
}

function findDifference(results: RerankResponse["results"], expected: readonly Row[]): string | undefined {
  if (results.length !== expected.length) return `${results.length} results instead of ${expected.length}`;
  const rank = expected.findIndex(({ index, score }, position) => {
    const result = results[position];
    return result?.index !== index || (score !== undefined && result.relevance_score !== score);
  });
  return rank < 0
    ? undefined
    : `rank ${rank} is ${JSON.stringify(results[rank])} instead of ${JSON.stringify(expected[rank])}`;
}

function checkError(scenario: Scenario, error: DheeraError): void {
  const expected = expectedCodes(scenario);
  if (!expected.has(error.code))
    throw new Error(
      `the request failed with ${error.code} (${error.message}); expected: ${[...expected].join(", ") || "a ranking"}`,
    );
  if (scenario.kind !== "sick") return;
  const named = Number(/^documents\[(\d+)\]/.exec(error.param ?? "")?.[1]);
  const sickTexts = new Set([...scenario.sick].map((index) => scenario.documents[index]));
  if (scenario.onDocumentError === "fail" && !sickTexts.has(scenario.documents[named]))
    throw new Error(`the error names ${error.param}, which is not a document that cannot be scored`);
}

function expectedCodes({ kind, replicas, sick, documents, onDocumentError }: Scenario): ReadonlySet<ErrorCode> {
  switch (kind) {
    case "calm":
    case "one-good":
      return new Set();
    case "rough":
    case "doomed":
      return new Set(replicas.flatMap(({ faults }) => faults.flatMap(codesOf)));
    case "leaving":
      return new Set(["cancelled"]);
    case "sick":
      return new Set(onDocumentError === "fail" || sick.size >= documents.length / 4 ? ["provider_rejected"] : []);
  }
}

/** The codes with which a request may end when this went wrong. */
function codesOf(fault: Fault): readonly ErrorCode[] {
  switch (fault.kind) {
    case "reset":
    case "death":
      return ["provider_unreachable"];
    case "hang":
      return ["timeout"];
    case "slow":
      return [];
    case "refuse":
      return isOverload(fault) ? ["provider_overloaded", "timeout"] : ["provider_failed"];
    case "garbage":
      return ["provider_bad_response"];
  }
}

/** However the request ended, no call goes on and no slot of a deployment is lost. */
async function checkNothingIsLeft(dheera: Dheera, simulators: readonly Simulator[]): Promise<void> {
  for (const { stats } of simulators) {
    // A call that was cancelled before the server saw it may still arrive, to be dropped there.
    do await stats.idle();
    while (stats.callsInFlight > 0);
    if (stats.permitsInUse > 0) throw new Error("a simulator still works");
  }
  for (const { id, documentsInFlight, documentsQueued } of dheera.deployments())
    if (documentsInFlight !== 0 || documentsQueued !== 0)
      throw new Error(`${id} still counts ${documentsInFlight} documents in flight and ${documentsQueued} queued`);
}

/**
 * Limits that `/info` announces are kept: no refusal but those injected, and those of a body limit that `/info` does
 * not announce.
 */
function checkManners({ kind, replicas }: Scenario, simulators: readonly Simulator[]): void {
  simulators.forEach(({ stats }, position) => {
    const { faults, payloadLimit } = replicas[position] ?? { faults: [], payloadLimit: announcedPayloadLimit };
    const expected = new Set(faults.map((fault) => (fault.kind === "refuse" ? fault.status : 200)).concat(200));
    if (kind === "sick") expected.add(424);
    if (payloadLimit < announcedPayloadLimit) expected.add(413);
    const unexpected = Object.keys(stats.statuses).find((status) => !expected.has(Number(status)));
    if (unexpected !== undefined) throw new Error(`a replica had to refuse a call with ${unexpected}`);
  });
}

/** Bytes: the server's default, which clients take for granted. */
const announcedPayloadLimit = 2_000_000;
