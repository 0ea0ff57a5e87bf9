import { createHash, randomBytes } from "node:crypto";
import * as v from "valibot";

import { text } from "../command-line/values.ts";
import { defineCommand } from "../command-line/define-command.ts";

interface KeysOptions {
  readonly name: string;
  readonly output: "text" | "json";
}

export const keysCreate = defineCommand<KeysOptions>({
  name: "keys create",
  summary: "Create a key for the configuration: needs neither a proxy nor a database",
  usage: ["[--name NAME]"],
  options: {
    name: { value: "NAME", help: "who the key is for, as logs and metrics show it (my-app)" },
    output: { value: "FORMAT", help: "text or json (text)" },
  },
  schema: v.object({
    name: v.optional(text, "my-app"),
    output: v.optional(v.picklist(["text", "json"], "wants text or json"), "text"),
  }),
  examples: ["dheera_ai keys create --name search-team"],
  async run({ options }, { output }) {
    const created = createKey(options.name);
    output.print(options.output === "json" ? JSON.stringify(created) : describe(created));
    return 0;
  },
});

interface CreatedKey {
  readonly name: string;
  /** The caller sends it as its bearer token. */
  readonly key: string;
  /**
   * What the configuration holds, `sha256:<hex of the key's digest>`: a reader of the configuration cannot call with
   * it.
   */
  readonly hash: string;
}

/** Creates a key of 256 random bits. */
function createKey(name: string): CreatedKey {
  const key = `sk-dheera-${randomBytes(32).toString("base64url")}`;
  return { name, key, hash: `sha256:${createHash("sha256").update(key).digest("hex")}` };
}

function describe({ name, key, hash }: CreatedKey): string {
  return [
    "# The key, shown only now. Give it to the caller:",
    `#   ${key}`,
    "# Its hash, to paste into config.yaml:",
    "general_settings:",
    "  keys:",
    `    - name: ${JSON.stringify(name)}`,
    `      key: ${hash}`,
  ].join("\n");
}
