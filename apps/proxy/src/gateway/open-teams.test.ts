import { teamsDefaults } from "@dheera-ai/teams";
import { expect, it } from "vitest";

import { parseConfig } from "../config/parse-config.ts";

it("has the defaults of the library for what a configuration leaves out", () => {
  const { config } = parseConfig("model_list: [{ model_name: bm25, dheera_ai_params: { model: bm25/default } }]", {
    file: "config.yaml",
    environment: {},
  });
  expect(config.general_settings).toMatchObject(teamsDefaults);
});
