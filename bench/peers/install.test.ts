import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { describe, expect, it } from "vitest";

import { type Package, commandsOf, install, packages } from "./install.ts";
import { createFolder } from "../../test/support/temporary-folder.ts";

describe("the installer of peers", () => {
  it("installs a package of PyPI in a virtual environment, by its exact version", () => {
    expect(commandsOf(packages.litellm, "/cache/litellm")).toEqual([
      ["python3", "-m", "venv", "/cache/litellm"],
      ["/cache/litellm/bin/pip", "install", "--quiet", "--disable-pip-version-check", "litellm[proxy]==1.108.7"],
    ]);
  });

  it("installs a package of npm in a folder of its own, by its exact version", () => {
    expect(commandsOf(packages.portkey, "/cache/portkey")).toEqual([
      ["npm", "install", "--prefix", "/cache/portkey", "--no-audit", "--no-fund", "@portkey-ai/gateway@1.15.2"],
    ]);
  });

  it.each(Object.values<Package>(packages))("names the version of $name where it says it", (chosen) => {
    expect(chosen.requirement.endsWith(`${chosen.registry === "PyPI" ? "==" : "@"}${chosen.version}`)).toBe(true);
  });

  it("installs nothing again, and says what it said the first time", async () => {
    await using folder = await createFolder();
    const chosen: Package = { ...packages.smg, requirement: "no-such-package==0.0.0" };
    const home = join(folder.path, "PyPI-no-such-package-0.0.0");
    await mkdir(home);
    await writeFile(join(home, "installed.json"), JSON.stringify({ seconds: 12.5, megabytes: 300 }));
    expect(await install(chosen, folder.path)).toEqual({
      program: join(home, "bin/smg"),
      seconds: 12.5,
      megabytes: 300,
    });
  });
});
