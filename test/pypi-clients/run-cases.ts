import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import * as v from "valibot";

import { createFolder } from "../support/temporary-folder.ts";
import type { WorkingClient } from "./clients-table.ts";
import { pythonsWithClients } from "./python-environments.ts";
import { startServers } from "./start-servers.ts";

/** Each folder of cases with its requirements; not all clients can be installed beside each other. */
const environments = ["clients", "frameworks", "infinity"];

/** Runs every case against the servers that it starts. */
export async function runAllCases(): Promise<readonly Ended[]> {
  const pythons = await pythonsWithClients(environments);
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder());
  const setup = JSON.stringify(await startServers(stack));
  return await Promise.all(
    environments.map((environment, position) => runCases(environment, pythons[position] ?? "", folder.path, setup)),
  );
}

const clientsSchema = v.array(
  v.object({ package: v.string(), what: v.string(), base: v.string(), version: v.string() }),
);

export interface Ended {
  readonly environment: string;
  /** JUnit's. */
  readonly report: string;
  readonly output: string;
  /** Those whose cases all passed. */
  readonly clients: readonly WorkingClient[];
}

async function runCases(environment: string, python: string, folder: string, setup: string): Promise<Ended> {
  const report = join(folder, `${environment}.xml`);
  const clients = join(folder, `${environment}.json`);
  const options = ["--junitxml", report, "-p", "no:cacheprovider", "-q", "--color", "no", "--tb", "short"];
  const output = await new Promise<string>((resolve) => {
    execFile(
      python,
      ["-m", "pytest", ...options, join("cases", environment)],
      {
        cwd: import.meta.dirname,
        // Nothing of this machine's own: no key, no address, no proxy.
        env: {
          PATH: process.env["PATH"],
          HOME: folder,
          LANG: "C.UTF-8",
          PYTHONDONTWRITEBYTECODE: "1",
          DHEERA_CLIENTS: setup,
          DHEERA_CLIENTS_REPORT: clients,
          // Clients that ask the internet for prices, or report their use.
          LITELLM_LOCAL_MODEL_COST_MAP: "True",
          HAYSTACK_TELEMETRY_ENABLED: "False",
        },
        maxBuffer: 100_000_000,
      },
      (_error, stdout, stderr) => resolve(stdout + stderr),
    );
  });
  const [xml, json] = await Promise.all([report, clients].map((file) => readFile(file, "utf8").catch(() => "")));
  return {
    environment,
    report: xml || "<testsuites><testsuite/></testsuites>",
    output,
    clients: v.parse(clientsSchema, JSON.parse(json || "[]")),
  };
}
