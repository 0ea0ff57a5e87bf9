/**
 * Shows what publishing would publish, and fails when something is in a package that must not be, or something is
 * missing. It publishes nothing.
 *
 * pnpm release:dry
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { getReleasePlan } from "@changesets/get-release-plan";

import { faultsOf } from "./faults.ts";
import { placeholdersOf, readMetadata } from "./metadata.ts";
import { type PackedPackage, packAll, root } from "./packages.ts";

const out = await mkdtemp(join(tmpdir(), "dheera-ai-release-"));
try {
  const packages = await packAll(out);
  const versions = await plannedVersions();
  printTable(packages, versions);
  for (const packed of packages) printContents(packed);
  printFaults(packages);
} finally {
  await rm(out, { recursive: true, force: true });
}
await printPlaceholders();

/** What `changeset version` would make of the packages that have changesets. */
async function plannedVersions(): Promise<ReadonlyMap<string, string>> {
  const { releases } = await getReleasePlan(root);
  return new Map(
    releases.flatMap(({ name, newVersion }) => (newVersion === undefined ? [] : [[name, newVersion] as const])),
  );
}

function printTable(packages: readonly PackedPackage[], versions: ReadonlyMap<string, string>): void {
  const rows = packages.map(({ manifest, files, tarballBytes }) => [
    manifest.name,
    versions.get(manifest.name) ?? manifest.version,
    `${files.length}`,
    kilobytes(tarballBytes),
    kilobytes(unpackedBytes(files)),
  ]);
  const table = [["package", "version", "files", "packed", "unpacked"], ...rows];
  const widths = table[0]?.map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const [name = "", version = "", ...numbers] of table) {
    const [nameWidth = 0, versionWidth = 0, ...numberWidths] = widths;
    const cells = numbers.map((cell, column) => cell.padStart(numberWidths[column] ?? 0));
    console.log([name.padEnd(nameWidth), version.padEnd(versionWidth), ...cells].join("  "));
  }
}

function printContents({ manifest, files }: PackedPackage): void {
  console.log(`\n${manifest.name}`);
  for (const { path, bytes } of files) console.log(`  ${kilobytes(bytes).padStart(9)}  ${path}`);
}

function printFaults(packages: readonly PackedPackage[]): void {
  for (const packed of packages)
    for (const fault of faultsOf(packed)) {
      console.error(`\n${packed.manifest.name}: ${fault}`);
      process.exitCode = 1;
    }
}

async function printPlaceholders(): Promise<void> {
  const placeholders = placeholdersOf(await readMetadata());
  if (placeholders.length > 0)
    console.log(`\nPublishing will be refused: release/metadata.json has placeholders for ${placeholders.join(", ")}.`);
}

function unpackedBytes(files: PackedPackage["files"]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
