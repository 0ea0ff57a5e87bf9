import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { memoryLog } from "../fixtures/memory-log.ts";
import { oneModel, startProxy } from "../fixtures/start-proxy.ts";
import { startUpstream } from "../fixtures/start-upstream.ts";
import { temporaryFolder } from "../fixtures/temporary-folder.ts";
import { ConfigError } from "./config-error.ts";
import { loadConfig } from "./load-config.ts";
import { parseConfig } from "./parse-config.ts";

const halves = '{"method":"isotonic","scores":[0,1],"probabilities":[0.25,0.75],"score_kind":"probability"}';
const request = { model: "bge", query: "q", documents: ["0 worst", "1 best", "0.5 middle"] };

describe("a calibration in the configuration", () => {
  it("is read from a file beside the configuration, and its probabilities are in answers", async () => {
    await using upstream = await startUpstream();
    await using folder = await temporaryFolder({
      "config.yaml": oneModel(upstream.url, "", "calibration: learned/bge.calibration.json"),
      "learned/bge.calibration.json": halves,
    });
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml") });
    const answer: unknown = await (await proxy.post("/rerank", request)).json();
    expect(answer).toMatchObject({
      results: [
        { index: 1, relevance_score: 0.75 },
        { index: 2, relevance_score: 0.5 },
        { index: 0, relevance_score: 0.25 },
      ],
      meta: { score_kind: "calibrated" },
    });
    expect(await (await proxy.post("/rerank", { ...request, min_score: 0.5 })).json()).toMatchObject({
      results: [{ index: 1 }, { index: 2 }],
    });
  });

  it("is taken up anew when its file changes", async () => {
    await using upstream = await startUpstream();
    await using folder = await temporaryFolder({
      "config.yaml": oneModel(upstream.url, "", "calibration: learned.json"),
      "learned.json": halves,
    });
    const log = memoryLog();
    await using proxy = await startProxy({ configPath: join(folder.path, "config.yaml"), log });
    await folder.write("learned.json", halves.replace("0.75", "0.875"));
    await expect.poll(() => log.lines).toContain("info: the configuration was taken up anew");
    expect(await (await proxy.post("/rerank", request)).json()).toMatchObject({
      results: [{ relevance_score: 0.875 }, {}, {}],
    });
  });

  it("stands relative to the file that names it, also in an included one", async () => {
    await using folder = await temporaryFolder({
      "config.yaml": "include: [more/models.yaml]",
      "more/models.yaml": oneModel("http://localhost:1", "", "calibration: learned.json"),
      "more/learned.json": halves,
    });
    const { config, files } = await loadConfig(join(folder.path, "config.yaml"), {});
    expect(config.model_list[0]?.dheera_ai_params.calibration).toEqual(JSON.parse(halves));
    expect(files).toEqual(
      ["config.yaml", "more/models.yaml", "more/learned.json"].map((name) => join(folder.path, name)),
    );
  });

  it.each([
    ["gone.json", "model_list[0].dheera_ai_params.calibration: gone.json cannot be read: ENOENT"],
    ["secret.json", "model_list[0].dheera_ai_params.calibration: secret.json is not JSON"],
    ["wrong.json", "model_list[0].dheera_ai_params.calibration: probabilities: must be as many as scores"],
    ["list.json", "model_list[0].dheera_ai_params.calibration: must be an object with a method"],
  ])("names the line that names %s, and repeats nothing of it", async (name, message) => {
    await using folder = await temporaryFolder({
      "config.yaml": oneModel("http://localhost:1", "", `calibration: ${name}`),
      "secret.json": "sk-secret",
      "wrong.json": halves.replace("[0,1]", "[0,0.5,1]"),
      "list.json": "[]",
    });
    const error: unknown = await loadConfig(join(folder.path, "config.yaml"), {}).catch((reason: unknown) => reason);
    if (!(error instanceof ConfigError)) throw new Error("the configuration was taken");
    expect(error.problems).toHaveLength(1);
    expect(error.problems[0]).toMatchObject({ line: 4 });
    expect(error.message).toContain(message);
    expect(error.message).not.toContain("sk-secret");
  });

  it("can be written inline, and there alone where the configuration is no file", () => {
    const read = (calibration: string) =>
      parseConfig(oneModel("http://localhost:1", "", `calibration: ${calibration}`), {
        file: "config.yaml",
        environment: {},
      }).config.model_list[0]?.dheera_ai_params.calibration;
    expect(read(halves)).toEqual(JSON.parse(halves));
    expect(() => read("learned.json")).toThrow(
      "a file can be followed only when the configuration is read from a file",
    );
    expect(() => read("{ method: platt, slope: -1, intercept: 0, score_kind: logit }")).toThrow(
      "slope: must be a positive number",
    );
  });
});
