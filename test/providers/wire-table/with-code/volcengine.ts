import { expect } from "vitest";

import { json, query, records, type WireTable } from "../wire-case.ts";

const url = "https://api-vikingdb.vikingdb.cn-beijing.volces.com/api/vikingdb/rerank";
const asked = { model_name: "doubao-seed-rerank", query: [{ text: query }], data: records.map((record) => [record]) };

function signedBy(accessKeyId: string, region: string = "cn-beijing") {
  return {
    ...json,
    "x-date": expect.stringMatching(/^\d{8}T\d{6}Z$/),
    "x-content-sha256": expect.stringMatching(/^[0-9a-f]{64}$/),
    authorization: expect.stringMatching(
      new RegExp(`^HMAC-SHA256 Credential=${accessKeyId}/\\d{8}/${region}/vikingdb/request, SignedHeaders=`),
    ),
  };
}

export const volcengine: WireTable = {
  provider: "volcengine",
  headers: signedBy("AKLT"),
  body: asked,
  answer: { code: "Success", result: { data: [{ score: 0.4 }, { score: 0.1 }, { score: 0.9 }] } },
  cases: [
    {
      entry: "{ model: volcengine/doubao-seed-rerank, volc_access_key_id: AKLT, api_key: os.environ/KEY }",
      url,
    },
    {
      entry: '{ model: volcengine/doubao-seed-rerank, model_version: "251028", volc_region_name: cn-shanghai }',
      environment: { VOLC_ACCESSKEY: "ENV", VOLC_SECRETKEY: "secret" },
      request: { instruction: "prefer capitals" },
      url: "https://api-vikingdb.vikingdb.cn-shanghai.volces.com/api/vikingdb/rerank",
      headers: signedBy("ENV", "cn-shanghai"),
      body: { ...asked, model_version: "251028", instruction: "prefer capitals" },
    },
    {
      entry: "{ model: volcengine/doubao-seed-rerank }",
      environment: { VIKINGDB_AK: "VIKING", VIKINGDB_SK: "secret" },
      request: { raw_scores: true },
      url,
      headers: signedBy("VIKING"),
      warnings: ["Volcengine has no raw_scores: true; it had no effect"],
    },
  ],
};
