import type { Owner } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { parseConfig } from "../../config/parse-config.ts";
import { callerOfKey, masterCaller } from "../caller.ts";
import { ParallelCounts, createParallelLimits } from "./parallel-limits.ts";

const team: Owner = { kind: "team", id: "t-1", name: "research", limits: { maxParallelRequests: 3 } };
const first = callerOfKey({ name: "first", key: "sha256:1", max_parallel_requests: 2 }, [team]);
const second = callerOfKey({ name: "second", key: "sha256:2" }, [team]);

it("counts requests at one time of a key and of its team over all of its keys", () => {
  const limits = limitsOf("{}");
  const leave = [limits.enter(first), limits.enter(first)];
  expect(() => limits.enter(first)).toThrow("the key first has 2 requests in flight, which is its limit");
  leave.push(limits.enter(second));
  expect(() => limits.enter(second)).toThrow("the team research has 3 requests in flight, which is its limit");
  for (const end of leave) end();
  for (let request = 0; request < 3; request++) limits.enter(second);
  expect(() => limits.enter(first)).toThrow("the team research");
});

it("takes no place of a key whose team has none", () => {
  const limits = limitsOf("{ global_max_parallel_requests: 4 }");
  for (let request = 0; request < 3; request++) limits.enter(second);
  for (let attempt = 0; attempt < 5; attempt++) expect(() => limits.enter(first)).toThrow("the team research");
  limits.enter(masterCaller);
  expect(() => limits.enter(masterCaller)).toThrow("the proxy has 4 requests in flight");
});

it("holds keys, and not teams, to the number for keys that name none", () => {
  const limits = limitsOf("{ max_parallel_requests: 1 }");
  const ofTeam = callerOfKey({ name: "third", key: "sha256:3" }, [{ ...team, limits: {} }]);
  limits.enter(second);
  expect(() => limits.enter(second)).toThrow("the key second has 1 requests in flight");
  limits.enter(ofTeam);
});

it("counts on where thousands of keys have come and gone meanwhile", () => {
  const limits = limitsOf("{}");
  const leave = [limits.enter(first), limits.enter(first)];
  for (let key = 0; key < 30_000; key++) limits.enter(callerOfKey({ name: `${key}`, key: `sha256:k${key}` }))();
  expect(() => limits.enter(first)).toThrow("the key first has 2 requests in flight");
  const same = callerOfKey({ name: "first", key: "sha256:1", max_parallel_requests: 2 }, [team]);
  expect(() => limits.enter(same)).toThrow("the key first has 2 requests in flight");
  for (const end of leave) end();
  limits.enter(same)();
});

function limitsOf(settings: string): ReturnType<typeof createParallelLimits> {
  const yaml = `model_list: [{ model_name: bge, dheera_ai_params: { model: bm25/default } }]\ngeneral_settings: ${settings}`;
  const { config } = parseConfig(yaml, { file: "config.yaml", environment: {} });
  return createParallelLimits(config.general_settings, new ParallelCounts());
}
