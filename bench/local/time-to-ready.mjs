/** Prints the milliseconds from the start of a model's process until it serves. What its files say is known before. */
import { local } from "../../packages/local/dist/index.js";

const signal = new AbortController().signal;
const model = process.argv[2].slice("local/".length);
const http = { json: noRequest, request: noRequest };
const scorer = local().connect({ model, http, options: {} });
await scorer.profile(signal);
const began = performance.now();
await scorer.wake(signal);
console.log(performance.now() - began);
await scorer.close();

async function noRequest() {
  throw new Error("a model in the process asks nobody");
}
