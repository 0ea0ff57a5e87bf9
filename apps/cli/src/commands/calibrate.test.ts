import { readFile, writeFile } from "node:fs/promises";
import { basename } from "node:path";

import { describe, expect, it } from "vitest";

import { judgedFolder } from "../testing/judged-folder.ts";
import { runInProcess } from "../testing/run-in-process.ts";
import { startUpstream } from "../testing/upstream.ts";

const entry = (url: string, more: string): string =>
  `model_list: [{ model_name: m, dheera_ai_params: { model: huggingface/m, api_base: "${url}"${more} } }]`;

describe("dheera_ai calibrate", () => {
  it("writes a file that the configuration takes, and prints the lines to paste", async () => {
    await using folder = await judgedFolder(20);
    await using upstream = await startUpstream();
    const [config, file] = [folder.file("config.yaml"), folder.file("m.calibration.json")];
    await writeFile(config, entry(upstream.url, ""));
    const learn = ["calibrate", folder.path, "--config", config, "--model", "m"];
    const setting = { environment: folder.environment };
    const { code, stdout, stderr } = await runInProcess([...learn, "--out", file], { ...setting, interactive: true });
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringMatching(/^(warning: m: .*\n)*$/) });
    expect(stdout).toMatchInlineSnapshot(`
      "m: 60 scores (probability) of 20 queries, 20 relevant

      on held-out queries          log loss   Brier  calibration error
      scores as they are             0.4329  0.1368             0.3249
      always the same probability    0.6365  0.2222             0.0000
      calibrated (platt)             0.0470  0.0029             0.0455

      # In the model's entry of the configuration:
            dheera_ai_params:
              calibration: "m.calibration.json"
      "
    `);
    expect(JSON.parse(await readFile(file, "utf8"))).toMatchObject({ method: "platt", score_kind: "probability" });

    await writeFile(config, entry(upstream.url, `, calibration: ${basename(file)}`));
    const ranked = await runInProcess(["rerank", "-c", config, "-m", "m", "-q", "q", "short", "x".repeat(70)]);
    expect(JSON.parse(ranked.stdout)).toMatchObject({
      results: [{ index: 1, relevance_score: expect.any(Number) }, { index: 0 }],
      meta: { score_kind: "calibrated" },
    });

    // A second time it learns from the model's own scores again, and asks for none of them.
    const again = await runInProcess([...learn, "--method", "isotonic"], setting);
    expect(JSON.parse(again.stdout)).toMatchObject({
      kept: 20,
      calibration: { method: "isotonic", score_kind: "probability" },
    });
  });

  it.each([
    [["--model", "bm25/default"], "calibrate wants one folder or file"],
    [["here"], "--model is missing"],
    [["here", "--model", "bm25/default", "--method", "guess"], "--method wants platt or isotonic"],
    [["here", "--model", "bm25/default"], "too little to learn from: 2 queries"],
  ])("refuses what cannot be learned: %j", async (args, message) => {
    await using folder = await judgedFolder(2);
    const given = args.map((arg) => (arg === "here" ? folder.path : arg));
    const { code, stderr } = await runInProcess(["calibrate", ...given], { environment: folder.environment });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});
