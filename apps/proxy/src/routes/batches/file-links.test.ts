import { expect, it } from "vitest";

import { hashKey } from "../../access/hash-key.ts";
import { temporaryFolder } from "../../fixtures/temporary-folder.ts";
import { type Proxy, startProxy } from "../../fixtures/start-proxy.ts";

const masterKey = "sk-master-key-of-the-tests";
const ownKey = "sk-own-key-of-the-tests";
const otherKey = "sk-other-key-of-the-tests";
const text = '{"custom_id":"1"}\n';

it("opens one file to whoever has a link that its owner, or the master key, made", async () => {
  await using folder = await temporaryFolder({});
  await using proxy = await start(folder.path);
  const file = await upload(proxy, "naïve 'list'.jsonl");
  for (const key of [ownKey, masterKey]) {
    const { url, expires_at } = await linkTo(proxy, file, key);
    expect(Number(expires_at)).toBeGreaterThan(0);
    const response = await proxy.get(String(url));
    expect(response.status).toBe(200);
    expect(response.headers.get("content-disposition")).toBe(
      "attachment; filename*=UTF-8''na%C3%AFve%20%27list%27.jsonl",
    );
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(await response.text()).toBe(text);
  }
});

it("opens nothing by a link that was changed, is of another file or is over, and makes none for others", async () => {
  await using folder = await temporaryFolder({});
  await using proxy = await start(folder.path);
  const [file, another] = [await upload(proxy, "a.jsonl"), await upload(proxy, "b.jsonl")];
  const link = new URL(String((await linkTo(proxy, file, ownKey))["url"]), proxy.url);
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
    const response = await proxy.get(url.pathname + url.search);
    expect([url.search, response.status]).toEqual([url.search, 403]);
    expect(await response.json()).toMatchObject({ message: expect.stringContaining("ask for another one") });
  }
  expect((await linkTo(proxy, file, otherKey))["error"]).toMatchObject({ code: "not_found", param: "file_id" });
});

function start(folder: string): Promise<Proxy> {
  return startProxy({
    yaml: `
model_list:
  - model_name: bm25
    dheera_ai_params: { model: bm25/default }
general_settings:
  master_key: ${masterKey}
  keys: [{ name: own, key: "${hashKey(ownKey)}" }, { name: other, key: "${hashKey(otherKey)}" }]
batch_settings: { storage: ${JSON.stringify(folder)} }
`,
  });
}

async function upload(proxy: Proxy, name: string): Promise<string> {
  const form = new FormData();
  form.set("purpose", "batch");
  form.set("file", new Blob([text]), name);
  const headers = { authorization: `Bearer ${ownKey}` };
  const response = await fetch(`${proxy.url}/v1/files`, { method: "POST", body: form, headers });
  const file: { readonly id: string } = JSON.parse(await response.text());
  return file.id;
}

async function linkTo(proxy: Proxy, file: string, key: string): Promise<Readonly<Record<string, unknown>>> {
  const response = await proxy.post(`/v1/files/${file}/link`, {}, { authorization: `Bearer ${key}` });
  return JSON.parse(await response.text());
}
