import { parseArgs } from "node:util";

import { printLines } from "./dispatch/line.ts";
import { measureHit } from "./zipf/measure-hit.ts";
import { measureTraffic } from "./zipf/measure-traffic.ts";

/**
 * What the score cache saves: `node -C source bench/zipf.ts`. Requests through the real proxy to a simulated server,
 * each a process of its own: 1,000 queries as popular as Zipf's law says, each with 100 documents of 10,000. Exits with
 * 1 when a target is missed. Linux only.
 */
const { values } = parseArgs({ options: { requests: { type: "string", default: "2000" } } });
const lines = [...(await measureTraffic(Number(values.requests))), ...(await measureHit())];
printLines(lines);
if (lines.some(({ pass }) => pass === false)) process.exitCode = 1;
