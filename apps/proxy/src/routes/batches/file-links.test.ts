import { expect, it } from "vitest";

import { type BatchProxy, batchKey, lineOf, startBatches } from "../../fixtures/start-batches.ts";

const yaml = `
model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]
general_settings: { master_key: ${batchKey}, database_url: "sqlite::memory:" }`;
const text = lineOf("one");

it("opens one file to whoever has a link that its owner, or the master key, made", async () => {
  await using batches = await startBatches({ yaml });
  const own = await makeKey(batches);
  const file = await upload(batches, own, "naïve 'list'.jsonl");
  for (const key of [own, batchKey]) {
    const { url, expires_at } = await linkTo(batches, file, key);
    expect(Number(expires_at)).toBeGreaterThan(0);
    const response = await batches.proxy.get(String(url));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-disposition")).toBe(
      "attachment; filename*=UTF-8''na%C3%AFve%20%27list%27.jsonl",
    );
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(await response.text()).toBe(text);
  }
});

it("opens nothing by a link that was changed, is of another file or is over, and makes none for others", async () => {
  await using batches = await startBatches({ yaml });
  const own = await makeKey(batches);
  const [file, another] = [await upload(batches, own, "a.jsonl"), await upload(batches, own, "b.jsonl")];
  const link = new URL(String((await linkTo(batches, file, own))["url"]), batches.proxy.url);
  const changes: readonly ((url: URL) => void)[] = [
    (url) => url.searchParams.set("expires", String(Number(url.searchParams.get("expires")) + 60)),
    (url) => url.searchParams.set("expires", "1"),
    (url) => url.searchParams.set("signature", "AAAA"),
    (url) => url.searchParams.delete("signature"),
    (url) => (url.pathname = url.pathname.replace(file, another)),
    (url) => (url.pathname = url.pathname.replace(file, "file-that-is-not-there")),
  ];
  for (const change of changes) {
    const url = new URL(link);
    change(url);
    const response = await batches.proxy.get(url.pathname + url.search);
    expect([url.search, response.status]).toEqual([url.search, 403]);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("ask for another one") });
  }
  const refused = await linkTo(batches, file, await makeKey(batches));
  expect(refused["error"]).toMatchObject({ code: "not_found", param: "file_id" });
});

it("opens nothing any more when the key that asked for the link is blocked", async () => {
  await using batches = await startBatches({ yaml });
  const own = await makeKey(batches);
  const file = await upload(batches, own, "a.jsonl");
  const { url } = await linkTo(batches, file, own);
  await batches.call("POST", "/key/block", JSON.stringify({ key: own }));
  const response = await batches.proxy.get(String(url));
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ message: expect.stringContaining("is blocked") });
});

async function makeKey(batches: BatchProxy): Promise<string> {
  return String((await batches.call("POST", "/key/generate", "{}")).body["key"]);
}

async function upload(batches: BatchProxy, key: string, name: string): Promise<string> {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([text]), name);
  return String((await batches.call("POST", "/v1/files", form, key)).body["id"]);
}

async function linkTo(batches: BatchProxy, file: string, key: string): Promise<Readonly<Record<string, unknown>>> {
  return (await batches.call("POST", `/v1/files/${file}/link`, undefined, key)).body;
}
