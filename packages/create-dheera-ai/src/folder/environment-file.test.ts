import { describe, expect, it } from "vitest";

import { addMissing, environmentFile } from "./environment-file.ts";

const variables = [
  { name: "KEY", value: "secret", comment: "Opens it.", isSecret: true },
  { name: "TOKEN", value: "", comment: "From elsewhere.", isWanted: true },
  { name: "PLACE", value: "here", comment: "Where." },
];

describe("a file of variables", () => {
  it("has what is secret, and as an example everything else", () => {
    expect(environmentFile(variables, false)).toContain("\n# Opens it.\nKEY=secret\n\n# From elsewhere.\n# TOKEN=\n");
    expect(environmentFile(variables, true)).toContain("\n# Opens it.\nKEY=\n\n# From elsewhere.\nTOKEN=\n");
    expect(environmentFile(variables, true)).not.toContain("secret");
  });

  it("that is there stays as it is, and gets what it lacks with its comment", () => {
    const wanted = environmentFile(variables, false);
    expect(addMissing("export KEY=mine", wanted)).toBe(
      "export KEY=mine\n\n# From elsewhere.\n# TOKEN=\n\n# Where.\nPLACE=here\n",
    );
    expect(addMissing("TOKEN=mine\nKEY=\n# PLACE=old\n", wanted)).toBe(
      "TOKEN=mine\nKEY=\n# PLACE=old\n\n# Where.\nPLACE=here\n",
    );
    expect(addMissing("# KEY=old\n", "# Opens it.\nKEY=secret\n")).toBe("# KEY=old\n\n# Opens it.\nKEY=secret\n");
    expect(addMissing(wanted, wanted)).toBe(wanted);
  });
});
