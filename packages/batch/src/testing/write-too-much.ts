import { isDheeraError } from "@dheera-ai/core";

import { operatorsMessage } from "../out-of-service.ts";
import { openFolderStore } from "../store/folder-store.ts";

/** Writes beyond the limit that the shell has set, and prints what came of it. */
const store = await openFolderStore(process.argv[2] ?? "");
await store.write("a", Buffer.from("as was."));
const error: unknown = await store.write("a", Buffer.alloc(1_000_000)).catch((refusal: unknown) => refusal);
if (!isDheeraError(error)) throw error;
const kept = (await store.read("a")).byteLength;
console.log(JSON.stringify({ code: error.code, message: error.message, reason: operatorsMessage(error), kept }));
