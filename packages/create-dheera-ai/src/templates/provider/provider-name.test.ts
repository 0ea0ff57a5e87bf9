import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { workspace } from "../../workspace.ts";
import { providerNameOf, renameAcme } from "./provider-name.ts";

describe("the name of a new provider", () => {
  it.each([
    ["@quill/dheera-provider", "quill", "quill", "Quill", "QUILL"],
    ["dheera-provider-quill", "quill", "quill", "Quill", "QUILL"],
    ["quill-provider", "quill", "quill", "Quill", "QUILL"],
    ["acme-search", "acme-search", "acmeSearch", "Acme Search", "ACME_SEARCH"],
    ["7up", "my-7up", "my7up", "My 7up", "MY_7UP"],
    ["new", "new", "newProvider", "New", "NEW"],
    ["score", "score", "scoreProvider", "Score", "SCORE"],
    ["my-provider", "my", "my", "My", "MY"],
    ["provider", "my", "my", "My", "MY"],
  ])("of the package %s is %s", (name, prefix, identifier, label, variable) => {
    expect(providerNameOf(name)).toEqual({ prefix, identifier, label, variable });
  });

  it("is a prefix, an identifier and a variable, whatever the package is called", () => {
    const name = fc.stringMatching(/^(@[a-z0-9~-][a-z0-9._~-]{0,8}\/)?[a-z0-9~-][a-z0-9._~-]{0,20}$/);
    fc.assert(
      fc.property(name, (packageName) => {
        const { prefix, identifier, variable } = providerNameOf(packageName);
        expect(prefix).toMatch(/^[a-z][a-z0-9-]*$/);
        expect(variable).toMatch(/^[A-Z][A-Z0-9_]*$/);
        expect(identifier).toMatch(/^[a-z][A-Za-z0-9]*$/);
        // A word of the language would be a mistake there.
        expect(() => new Function(`"use strict"; const ${identifier} = 1; return ${identifier};`)).not.toThrow();
      }),
    );
  });

  it.each(workspace.providers.map(({ name }) => name))(
    "leaves the official provider %s its place and its key",
    (name) => {
      const dashed = name.replaceAll("_", "-");
      for (const packageName of [
        name,
        dashed,
        `${dashed}-provider`,
        `dheera-provider-${name}`,
        `@${dashed}/provider`,
      ]) {
        const { prefix, variable } = providerNameOf(packageName);
        const keys = workspace.providers.flatMap(({ key }) => key ?? []);
        expect(workspace.providers.map((provider) => provider.name)).not.toContain(prefix);
        expect(keys).not.toContain(`${variable}_API_KEY`);
      }
    },
  );

  it("takes the place of Acme in text, in code and in variables", () => {
    const text = 'const acme: Provider = { name: "acme" }; // Acme at https://api.acme.example, ACME_API_KEY';
    expect(renameAcme(text, providerNameOf("blue-sky"))).toBe(
      'const blueSky: Provider = { name: "blue-sky" }; // Blue Sky at https://api.blue-sky.example, BLUE_SKY_API_KEY',
    );
  });
});
