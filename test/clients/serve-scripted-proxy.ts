import { startScriptedProxy } from "./scripted-proxy.ts";

/**
 * `node -C source test/clients/serve-scripted-proxy.ts` starts a proxy for clients of other languages, prints one line of
 * JSON that says where it is and how its models answer, and ends with its standard input.
 */
await using proxy = await startScriptedProxy();
process.stdout.write(`${JSON.stringify(proxy)}\n`);
for await (const _ of process.stdin);
