import type { Language } from "../../code/language.ts";
import { quote } from "../../code/literals.ts";

const line =
  '{"custom_id": "1", "method": "POST", "url": "/v1/rerank", "body": {"model": "MODEL", "query": "When is it open?", "documents": ["Open from ten to four.", "No dogs."]}}';

/** A first batch, from its file to its answers, as code that runs once MODEL names a model. @param base address of the proxy */
export function firstBatchCode(language: Language, base: string): string {
  return writers[language](base);
}

const writers = { curl: writeCurl, typescript: writeTypeScript, python: writePython } as const satisfies Record<
  Language,
  (base: string) => string
>;

function writeCurl(base: string): string {
  return `export BASE=${base}/v1
echo '${line}' > lines.jsonl
curl $BASE/files -H "Authorization: Bearer $DHEERA_AI_API_KEY" -F purpose=batch -F file=@lines.jsonl
# with the id of the file that it answers:
curl $BASE/batches -H "Authorization: Bearer $DHEERA_AI_API_KEY" -H "Content-Type: application/json" \\
  -d '{"input_file_id": "file-…", "endpoint": "/v1/rerank", "completion_window": "24h"}'
# when the batch has completed, with its output_file_id:
curl $BASE/files/file-…/content -H "Authorization: Bearer $DHEERA_AI_API_KEY"
`;
}

function writeTypeScript(base: string): string {
  return `import { createReadStream, writeFileSync } from "node:fs";
import OpenAI from "openai";

writeFileSync("lines.jsonl", '${line}\\n');
const openai = new OpenAI({ baseURL: ${quote(`${base}/v1`)}, apiKey: process.env.DHEERA_AI_API_KEY ?? "none" });
const file = await openai.files.create({ file: createReadStream("lines.jsonl"), purpose: "batch" });
let batch = await openai.batches.create({
  input_file_id: file.id,
  // @ts-expect-error OpenAI has no such endpoint
  endpoint: "/v1/rerank",
  completion_window: "24h",
});
while (["validating", "in_progress", "finalizing"].includes(batch.status)) {
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  batch = await openai.batches.retrieve(batch.id);
}
if (batch.output_file_id) console.log(await (await openai.files.content(batch.output_file_id)).text());
`;
}

function writePython(base: string): string {
  return `import os, time
from openai import OpenAI

with open("lines.jsonl", "w") as lines:
    lines.write('${line}\\n')
openai = OpenAI(base_url=${quote(`${base}/v1`)}, api_key=os.environ.get("DHEERA_AI_API_KEY", "none"))
file = openai.files.create(file=open("lines.jsonl", "rb"), purpose="batch")
batch = openai.batches.create(input_file_id=file.id, endpoint="/v1/rerank", completion_window="24h")
while batch.status in ("validating", "in_progress", "finalizing"):
    time.sleep(1)
    batch = openai.batches.retrieve(batch.id)
if batch.output_file_id:
    print(openai.files.content(batch.output_file_id).text)
`;
}
