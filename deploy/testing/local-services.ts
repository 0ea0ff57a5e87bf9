import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";
import { parse } from "yaml";

const texts = v.array(v.string());
const service = v.looseObject({
  image: v.string(),
  build: v.unknown(),
  command: texts,
  environment: v.record(v.string(), v.nullable(v.string())),
  networks: v.optional(texts),
  ports: v.optional(texts),
  profiles: v.optional(texts),
  volumes: texts,
});
type Service = v.InferOutput<typeof service>;

/** The services of compose.local.yaml, as they are where no variable says otherwise. */
export async function readLocalServices(): Promise<{ readonly proxy: Service; readonly pull: Service }> {
  const text = await readFile(join(import.meta.dirname, "../compose.local.yaml"), "utf8");
  const schema = v.object({ services: v.object({ "dheera-ai": service, pull: service }) });
  const { services } = v.parse(schema, parse(text.replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"), { merge: true }));
  return { proxy: services["dheera-ai"], pull: services.pull };
}
