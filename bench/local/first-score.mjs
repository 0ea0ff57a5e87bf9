/** Prints the milliseconds that the first ranking of this process takes, with all that has to be started for it. */
import { rerank } from "../../packages/dheera-ai/dist/index.js";

const model = process.argv[2];
const began = performance.now();
await rerank({ model, query: "first", documents: ["one"] });
console.log(performance.now() - began);
