import { readdir } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { memberToken } from "../../../../packages/local/src/hub/testing/hub-stand-in.ts";
import { type HubTest, crossEncoder, openHubTest } from "../../../../packages/local/src/hub/testing/hub-test.ts";
import { runInProcess } from "../testing/run-in-process.ts";

const nonCommercial = { "org/model": { ...crossEncoder(), card: { license: "cc-by-nc-4.0" } } };

function blobsOf({ cache }: HubTest): Promise<readonly string[]> {
  return readdir(join(cache, "models--org--model/blobs")).catch(() => []);
}

describe("dheera_ai pull", () => {
  it("shows what a model is before it downloads it, and what is there afterwards", async () => {
    await using test = await openHubTest();
    const { code, stdout, stderr } = await runInProcess(["pull", "org/model"], {
      environment: test.environment,
      interactive: true,
    });
    const commit = test.hub.commitOf("org/model").slice(0, 12);
    expect({ code, lines: stdout.split("\n") }).toEqual({
      code: 0,
      lines: [
        `org/model at main (${commit})`,
        "  kind      cross-encoder (BertForSequenceClassification)",
        "  licence   apache-2.0",
        "  weights   onnx/model.onnx (fp32): the model's own weights: no other file says that it is made for this CPU",
        "  download  305 kB in 5 files",
        `local/org/model is here: cross-encoder, onnx/model.onnx (fp32), 512 tokens, 305 kB, commit ${commit}`,
        "",
      ],
    });
    // Standard error is no terminal here: a line for each file.
    expect(stderr.split("\n").filter((line) => line.includes("onnx"))).toEqual(["onnx/model.onnx (300 kB)"]);
  });

  it("prints JSON in a pipe, and downloads nothing twice", async () => {
    await using test = await openHubTest();
    const args = ["pull", "org/model", "--dtype", "fp16"];
    const first = JSON.parse((await runInProcess(args, { environment: test.environment })).stdout);
    expect(first).toMatchObject({
      model: "local/org/model",
      revision: "main",
      kind: "cross-encoder",
      weights: "onnx/model_fp16.onnx",
      dtype: "fp16",
      license: "apache-2.0",
    });
    expect(first.downloaded_bytes).toBe(first.bytes);
    const again = await runInProcess(args, { environment: test.environment });
    expect(again.stderr).toBe("");
    expect(JSON.parse(again.stdout)).toEqual({ ...first, downloaded_bytes: 0 });
  });

  it.each([
    [
      "a licence that forbids commercial use",
      nonCommercial,
      "has the licence cc-by-nc-4.0, which does not allow commercial use.",
    ],
    [
      "a gated model",
      { "org/model": crossEncoder({ gated: "auto" }) },
      "is gated: its owner wants conditions agreed to",
    ],
  ])("asks about %s", async (_, models, question) => {
    await using test = await openHubTest(models);
    const environment = { ...test.environment, HF_TOKEN: memberToken };
    const no = await runInProcess(["pull", "org/model"], { environment, answer: "" });
    expect(no).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(question) });
    expect(no.stderr).toContain("Download it? (y/N) \nNothing was downloaded.\n");
    const nobody = await runInProcess(["pull", "org/model"], { environment });
    expect(nobody).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("There is no terminal to ask on; --yes says yes"),
    });
    expect(await blobsOf(test)).toEqual([]);

    expect(await runInProcess(["pull", "org/model"], { environment, answer: "y" })).toMatchObject({ code: 0 });
    expect(await blobsOf(test)).toHaveLength(5);
    const yes = await runInProcess(["pull", "org/model", "--dtype", "fp16", "--yes"], { environment });
    expect(yes).toMatchObject({ code: 0 });
    expect(yes.stderr).not.toContain("?");
  });

  it("draws how far it is, keeps what came when it is stopped, says how to go on, and goes on", async () => {
    await using test = await openHubTest({ "org/model": crossEncoder({ bytes: 3_000_000 }) });
    const weights = `/lfs/${(await test.plan()).files.at(-1)?.digest.hex}`;
    test.hub.failWith(({ path }) => (path === weights ? { kind: "stall", after: 1_000_000 } : undefined));
    const args = ["pull", "org/model"];
    const stop = new AbortController();
    const progress: string[] = [];
    const stopped = runInProcess(args, { environment: test.environment, progress, stop: stop.signal });
    await expect
      .poll(() => progress.at(-1))
      .toMatch(/^\d+ s · ██████▊░{13} 33 % of 3\.01 MB · [\d.]+ [kM]?B\/s · onnx\/model\.onnx …$/);
    stop.abort(new Error("SIGINT received"));
    expect(await stopped).toMatchObject({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^org\/model at main[^]*licence {3}apache-2\.0[^]*download {2}3\.01 MB[^]*dheera_ai: stopped; what was downloaded is kept, and the same command goes on from there: dheera_ai pull org\/model\n$/,
      ),
    });

    test.hub.failWith(() => undefined);
    expect(await runInProcess(args, { environment: test.environment })).toMatchObject({ code: 0 });
    expect(test.hub.requests.at(-1)).toMatchObject({ path: weights, headers: { range: "bytes=1000000-" } });
    expect(await blobsOf(test)).toHaveLength(5);
  });

  it("takes ctrl-c for a no, and says that nothing was downloaded", async () => {
    await using test = await openHubTest(nonCommercial);
    const { environment } = test;
    const stop = new AbortController();
    const answer = async (): Promise<string> => {
      stop.abort(new Error("SIGINT received"));
      throw new Error("aborted");
    };
    const asked = await runInProcess(["pull", "org/model"], { environment, answer, stop: stop.signal });
    expect(asked).toMatchObject({ code: 1, stderr: expect.stringMatching(/\nNothing was downloaded\.\n$/) });
    const before = await runInProcess(["pull", "org/model"], {
      environment,
      stop: AbortSignal.abort(new Error("SIGINT")),
    });
    expect(before).toMatchObject({ code: 1, stderr: "dheera_ai: stopped; nothing was downloaded\n" });
  });

  it("keeps a model that needs a setting, and names it", async () => {
    const config = JSON.stringify({ architectures: ["BertModel"], model_type: "bert", max_position_embeddings: 512 });
    await using test = await openHubTest({ "org/model": crossEncoder({ files: { "config.json": config } }) });
    const { code, stdout, stderr } = await runInProcess(["pull", "org/model"], {
      environment: test.environment,
      interactive: true,
    });
    expect(code).toBe(0);
    expect(stdout).toMatch(/^local\/org\/model is here: 30\d kB, commit [\da-f]{12}$/m);
    expect(stderr).toMatch(/^warning: it cannot be used as it is: .* set pooling to mean, cls, max or last-token/m);
  });

  it("refuses when HF_HUB_OFFLINE is set, and confirms what is complete", async () => {
    await using test = await openHubTest();
    const environment = { ...test.environment, HF_HUB_OFFLINE: "1" };
    const absent = await runInProcess(["pull", "org/model"], { environment });
    expect(absent).toMatchObject({
      code: 1,
      stderr:
        "dheera_ai: HF_HUB_OFFLINE is set, so nothing is downloaded, and org/model is not on this machine in the revision main\n",
    });
    await runInProcess(["pull", "org/model"], { environment: test.environment });
    const asked = test.hub.requests.length;
    const there = await runInProcess(["pull", "org/model"], { environment, interactive: true });
    expect(there.stdout).toMatch(/^local\/org\/model is here: cross-encoder, /);
    expect(test.hub.requests).toHaveLength(asked);
  });

  it("names what is wrong with a command line", async () => {
    const environment = { HF_ENDPOINT: "http://127.0.0.1:9" };
    for (const [args, message] of [
      [["pull"], "pull wants one model: dheera_ai pull <organization>/<name>[@<revision>]"],
      [["pull", "a/b", "c/d"], "pull wants one model"],
      [["pull", "../../etc"], "does not name a model of the Hub"],
      [["pull", "a/b", "--dtype", "int7"], "--dtype wants one of fp32, fp16"],
      [["rm"], "rm wants one model"],
      [["models", "--local", "--known"], "--known and --local list different models; give one"],
      [
        ["models", "--local", "--config", "x"],
        "--local lists what is on this machine; give it without --config and --api_base",
      ],
    ] as const)
      expect(await runInProcess(args, { environment })).toMatchObject({
        code: 2,
        stderr: expect.stringContaining(message),
      });
  });
});

describe("dheera_ai models --local", () => {
  it("lists what was pulled", async () => {
    await using test = await openHubTest();
    const { environment } = test;
    const none = await runInProcess(["models", "--local"], { environment, interactive: true });
    expect(none.stdout).toMatch(/^No model of the Hugging Face Hub is on this machine; dheera_ai pull /);
    await test.pull();
    const { stdout } = await runInProcess(["models", "--local"], { environment });
    const commit = test.hub.commitOf("org/model");
    expect(JSON.parse(stdout)).toEqual([
      {
        model: "local/org/model",
        revisions: ["main"],
        commit,
        kind: "cross-encoder",
        weights: "onnx/model.onnx",
        dtype: "fp32",
        tokens: 512,
        bytes: expect.any(Number),
        last_used: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      },
    ]);
    const table = await runInProcess(["models", "--local"], { environment, interactive: true, width: 200 });
    expect(table.stdout).toMatch(
      new RegExp(
        `^model\\s+commit\\s+kind\\s+weights\\s+size\\s+last use\\s+remarks\nlocal/org/model\\s+${commit.slice(0, 12)}\\s+cross-encoder\\s+onnx/model\\.onnx \\(fp32\\)\\s+305 kB\\s+\\d`,
      ),
    );
  });
});

describe("dheera_ai rm", () => {
  it("asks first, and says what was freed", async () => {
    await using test = await openHubTest();
    const { environment } = test;
    test.hub.publish("org/model", crossEncoder(), crossEncoder({ seed: 5, refs: ["v1"] }));
    await test.pull();
    const { commit } = await test.pull("org/model@v1");
    const kept = await runInProcess(["rm", "org/model@v1"], { environment, answer: "n" });
    expect(kept).toMatchObject({ code: 1, stdout: "" });
    expect(kept.stderr).toMatch(
      /^Remove org\/model at [\da-f]{40} from the cache of the Hub \(300 kB; [\da-f]{12} stays\)\? \(y\/N\) \nNothing was removed\.\n$/,
    );
    expect(await runInProcess(["rm", "org/model@v1"], { environment })).toMatchObject({ code: 2 });

    const removed = await runInProcess(["rm", "org/model@v1", "--yes"], { environment });
    expect(JSON.parse(removed.stdout)).toEqual({
      model: "local/org/model",
      commits: [commit],
      kept: [test.hub.commitOf("org/model")],
      freed_bytes: 300_000,
    });
    const all = await runInProcess(["rm", "org/model"], { environment, answer: "yes", interactive: true });
    expect(all.stdout).toMatch(/^Removed org\/model; 30\d kB are free\.\n$/);
    const gone = await runInProcess(["rm", "org/model", "--yes"], { environment });
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining("org/model is not in ") });
  });
});
