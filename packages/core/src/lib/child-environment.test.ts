import { expect, it } from "vitest";

import { childEnvironment } from "./child-environment.ts";

it("is what a process needs to run, and no key", () => {
  const environment = {
    PATH: "/bin",
    TMPDIR: "/var/tmp",
    TEMP: undefined,
    COHERE_API_KEY: "secret",
    DATABASE_URL: "postgresql://u:p@host/db",
    NODE_OPTIONS: "--inspect",
  };
  expect(childEnvironment(environment)).toEqual({ PATH: "/bin", TMPDIR: "/var/tmp" });
});

it("is what a child needs besides, where that is set", () => {
  const environment = { PATH: "/bin", SQLITE_TMPDIR: "/large" };
  expect(childEnvironment(environment, ["SQLITE_TMPDIR", "HOME"])).toEqual(environment);
});
