import { connectGateway, parseConfig } from "@dheera-ai/proxy";
import { expect, it } from "vitest";

import { identityOf } from "./model-identity.ts";

async function identity(
  name: string,
  words: string,
  cascade = "stages: [{ model: words, keep: 2 }, { model: other }]",
): Promise<string> {
  const text = `
model_list:
  - { model_name: words, dheera_ai_params: { model: bm25/default, ${words} }, model_info: { id: the-id } }
  - { model_name: other, dheera_ai_params: { model: huggingface/m, api_base: "http://localhost", api_key: secret } }
  - { model_name: any/*, dheera_ai_params: { model: bm25/default, ${words} } }
  - { model_name: both, dheera_ai_params: { model: cascade/both, ${cascade} } }
  - { model_name: outer, dheera_ai_params: { model: "fusion/outer", models: [both, other] } }
router_settings: { model_group_alias: { alias: words } }
`;
  const { config } = parseConfig(text, { file: "config.yaml", environment: {} });
  const gateway = await connectGateway(config, { environment: {} });
  try {
    return identityOf(name, gateway, "1.0.0");
  } finally {
    await gateway.close();
  }
}

it("changes with a parameter of the model, and of the models that it is made of, however deep", async () => {
  for (const name of ["words", "both", "outer"])
    expect(await identity(name, "max_documents_per_call: 5")).not.toBe(
      await identity(name, "max_documents_per_call: 6"),
    );
  expect(await identity("other", "max_documents_per_call: 5")).toBe(
    await identity("other", "max_documents_per_call: 6"),
  );
  const shorter = "stages: [{ model: words, keep: 1 }, { model: other }]";
  for (const name of ["both", "outer"])
    expect(await identity(name, "weight: 1")).not.toBe(await identity(name, "weight: 1", shorter));
});

it.each(["alias", "the-id", "any/default"])("changes with a member that is asked by the name %s", async (member) => {
  const cascade = `stages: [{ model: ${member}, keep: 2 }, { model: other }]`;
  for (const name of [member, "both", "outer"])
    expect(await identity(name, "max_documents_per_call: 5", cascade)).not.toBe(
      await identity(name, "max_documents_per_call: 6", cascade),
    );
});

it("changes neither with the order of parameters nor with what only says how often a server is asked", async () => {
  const [one, two] = ["max_documents_per_call: 5", "max_tokens_per_call: 500"];
  expect(await identity("words", `${one}, ${two}`)).toBe(await identity("words", `${two}, ${one}`));
  expect(await identity("words", `${one}, timeout: 5, weight: 2, max_retries: 0`)).toBe(await identity("words", one));
});

it("holds no secret", async () => {
  expect(await identity("outer", "weight: 1")).not.toContain("secret");
});
