import { execFile } from "node:child_process";
import { chmod, chown } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { sql } from "kysely";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { needs } from "../../../../test/support/programs.ts";
import { type PostgresqlServer, startPostgresqlServer } from "../../../../test/support/postgresql-server.ts";
import { createFolder } from "../../../../test/support/temporary-folder.ts";
import { openDatabase } from "./open-database.ts";

/** As which a server runs where the tests are root's, because PostgreSQL refuses to be. */
const nobody = 65_534;

describe("TLS to PostgreSQL, as the page of teams has it", needs("postgresql", "openssl"), () => {
  let server: PostgresqlServer;
  let url: string;
  let certificate: string;
  const after: AsyncDisposable[] = [];

  beforeAll(async () => {
    const folder = await createFolder();
    after.push(folder);
    await chmod(folder.path, 0o755);
    certificate = join(folder.path, "server.pem");
    const key = join(folder.path, "server.key");
    // Its own authority, for 127.0.0.1 alone.
    const made = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=server -addext";
    const files = ["-keyout", key, "-out", certificate];
    await promisify(execFile)("openssl", [...made.split(" "), "subjectAltName=IP:127.0.0.1", ...files]);
    await chmod(key, 0o600);
    if (process.getuid?.() === 0) await chown(key, nobody, nobody);
    server = await startPostgresqlServer("ssl=on", `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`);
    url = await server.createDatabase();
  });
  afterAll(async () => {
    await server.stop();
    for (const one of after) await one[Symbol.asyncDispose]();
  });

  it.each([
    ["", false],
    ["sslmode=disable", false],
    ["sslmode=no-verify", true],
    ["sslmode=verify-full&sslrootcert=CERTIFICATE", true],
    ["sslmode=require&sslrootcert=CERTIFICATE", true],
    ["uselibpqcompat=true&sslmode=require", true],
    ["uselibpqcompat=true&sslmode=require&sslrootcert=CERTIFICATE", true],
  ])("connects with %j, encrypted: %s", async (options, isEncrypted) => {
    expect(await encryption(url, options)).toBe(isEncrypted);
  });

  it.each(["require", "prefer", "verify-ca", "verify-full"])(
    "refuses a certificate that no authority signed with sslmode=%s",
    async (mode) => {
      await expect(encryption(url, `sslmode=${mode}`)).rejects.toMatchObject({
        code: "unavailable",
        cause: expect.objectContaining({ message: expect.stringMatching(/self-signed certificate/) }),
      });
    },
  );

  it("refuses a certificate of another name with verify-full, and with require of psql takes it", async () => {
    const elsewhere = url.replace("127.0.0.1", "localhost");
    await expect(encryption(elsewhere, "sslmode=verify-full&sslrootcert=CERTIFICATE")).rejects.toMatchObject({
      cause: expect.objectContaining({ message: expect.stringContaining("does not match certificate") }),
    });
    expect(await encryption(elsewhere, "uselibpqcompat=true&sslmode=require&sslrootcert=CERTIFICATE")).toBe(true);
  });

  async function encryption(of: string, options: string): Promise<boolean | undefined> {
    const database = await openDatabase(`${of}?${options.replace("CERTIFICATE", encodeURIComponent(certificate))}`);
    try {
      const statement = sql<{ ssl: boolean }>`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
      return (await statement.execute(database.db)).rows[0]?.ssl;
    } finally {
      await database.close();
    }
  }
});
