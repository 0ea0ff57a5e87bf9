import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";

import type { Rolldown } from "tsdown";
import * as v from "valibot";

/** Writes `third-party-notices.txt` beside a bundle, with the licences of what is in it. */
export function thirdPartyNotices(): Rolldown.Plugin {
  return {
    name: "third-party-notices",
    async generateBundle(_options, bundle) {
      const modules = Object.values(bundle).flatMap((file) => (file.type === "chunk" ? file.moduleIds : []));
      this.emitFile({ type: "asset", fileName: "third-party-notices.txt", source: await thirdPartyLicenses(modules) });
    },
  };
}

/**
 * The licences of the packages that modules come from, one after the other.
 * @throws Error for a package without any
 */
export async function thirdPartyLicenses(modules: readonly string[]): Promise<string> {
  const folders = new Set(modules.map(packageFolder).filter((folder) => folder !== undefined));
  const texts = await Promise.all([...folders].map(describe));
  return joinLicenses([...new Set(texts)].sort());
}

export function joinLicenses(texts: readonly string[]): string {
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

/** Undefined for modules of our own. */
function packageFolder(module: string): string | undefined {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll("\\", "/"))?.[1];
}

const manifestSchema = v.object({ name: v.string(), version: v.string(), license: v.optional(v.string()) });

async function describe(folder: string): Promise<string> {
  const { name, version, license } = v.parse(
    manifestSchema,
    JSON.parse(await readFile(join(folder, "package.json"), "utf8")),
  );
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)([.-]|$)/i.test(file)).sort();
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  // Some publish the name of their licence alone.
  if (texts.length === 0) texts.push(`No text in the package; see https://www.npmjs.com/package/${name}/v/${version}`);
  if (license === undefined && files.length === 0) throw new Error(`${name} ${version} has no licence: ${folder}`);
  return `${name} ${version}${license ? ` (${license})` : ""}\n\n${texts.map((text) => text.trim()).join("\n\n")}\n`;
}
