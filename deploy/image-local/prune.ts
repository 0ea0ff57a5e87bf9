import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";

/**
 * Leaves in a `node_modules` of these packages what one machine loads: they carry binaries for every system, and what
 * their install scripts need, which fetch libraries for graphics cards.
 *
 *     node prune.ts /runtime/node_modules
 */
const [folder = ""] = process.argv.slice(2);
const { platform, arch } = process;

const loaded: ReadonlySet<string> = new Set(["onnxruntime-common", "onnxruntime-node", "tokenizers"]);
await keep(folder, (name) => loaded.has(name));

const napi = join(folder, "onnxruntime-node/bin/napi-v6");
await keep(napi, (name) => name === platform);
await keep(join(napi, platform), (name) => name === arch);

// The image is Debian, whose C library is GNU's.
const ours = new RegExp(`^tokenizers\\.${platform}-${arch}(-gnu)?\\.node$`);
await keep(join(folder, "tokenizers"), (name) => !name.endsWith(".node") || ours.test(name));

async function keep(within: string, isKept: (name: string) => boolean): Promise<void> {
  for (const name of await readdir(within))
    if (!isKept(name)) await rm(join(within, name), { recursive: true, force: true });
}
