import { expect, test } from "vitest";

import { withoutLitellmFlags } from "./litellm-flags.ts";

test("options of LiteLLM that have no effect are taken out with their values, and named", () => {
  const line = "--config c.yaml --run_gunicorn --max-requests-before-restart 100 --log_config=l.ini --port 1 --local";
  expect(withoutLitellmFlags(line.split(" "))).toEqual({
    kept: ["--config", "c.yaml", "--port", "1"],
    ignored: ["--run_gunicorn", "--max_requests_before_restart", "--log_config", "--local"],
  });
});

test("what stands after -- is left alone, and so are all other arguments", () => {
  const line = ["--prot", "1", "--", "--local"];
  expect(withoutLitellmFlags(line)).toEqual({ kept: line, ignored: [] });
});
