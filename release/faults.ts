import type { ExportTarget, PackedPackage } from "./packages.ts";

/** What stands in the way of publishing a package, each as a sentence; empty when nothing does. */
export function faultsOf(packed: PackedPackage): readonly string[] {
  return [...unwantedFiles(packed), ...missingFiles(packed), ...faultsOfManifest(packed)];
}

/** Sources stay in the repository, and source maps with them: without the sources a map leads nowhere. */
const wanted = [
  /^(package\.json|README\.md|LICENSE|CHANGELOG\.md)$/,
  /^dist\/(?:[\w-]+\/)*[\w.-]+\.(?:js|cjs|d\.ts|d\.cts)$/,
  /^bin\/\w+\.js$/,
  // The licences of what is inside. A name with "license" would keep pnpm from adding the project's own.
  /^dist\/third-party-notices\.txt$/,
];
const neverWanted = /\.test\.|(^|\/)(fixtures|src|test|node_modules)\/|(^|\/)\./;

function unwantedFiles({ files }: PackedPackage): readonly string[] {
  return files
    .filter(({ path }) => neverWanted.test(path) || !wanted.some((pattern) => pattern.test(path)))
    .map(({ path }) => `${path} must not be published`);
}

function missingFiles({ files, manifest }: PackedPackage): readonly string[] {
  const paths = new Set(files.map(({ path }) => path));
  const changelog = manifest.version === "0.0.0" ? [] : ["CHANGELOG.md"];
  const targets = Object.values(manifest.exports).flatMap(filesOf);
  return ["README.md", "LICENSE", ...changelog, ...targets, ...Object.values(manifest.bin)]
    .map((path) => path.replace(/^\.\//, ""))
    .filter((path) => !paths.has(path))
    .map((path) => `${path} is missing`);
}

function faultsOfManifest({ manifest }: PackedPackage): readonly string[] {
  const untyped = Object.entries(manifest.exports)
    .filter(([, target]) => !isTyped(target))
    .map(([name]) => `${name} has no types`);
  const exact = Object.entries({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter(([, range]) => !/^(\^|~|>=)\d/.test(range))
    .map(([name, range]) => `${name} is wanted as ${range}, which is no range`);
  const workspace = JSON.stringify(manifest).match(/workspace:|catalog:|"source"|\.\/src\//g) ?? [];
  return [...untyped, ...exact, ...workspace.map((word) => `package.json says ${word}, which only exists here`)];
}

/** A file, or what each condition leads to. */
function filesOf(target: ExportTarget): readonly string[] {
  return typeof target === "string" ? [target] : Object.values(target).flatMap(filesOf);
}

/** Whether types lie beside every file of code that a condition leads to. */
function isTyped(target: ExportTarget): boolean {
  if (typeof target === "string") return !/\.c?js$/.test(target);
  return target["types"] !== undefined || Object.values(target).every(isTyped);
}
