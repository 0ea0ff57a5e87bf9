import { workerRateCounter } from "../../apps/proxy/src/server/workers/count-for-workers.ts";

/** A worker that does nothing but count, so many at one time: a process of `counting.ts`. Says how many when it is asked. */
const counter = workerRateCounter((message) => void process.send?.(message))();
let counts = 0;
process.on("message", (message) => {
  if (message === "how many?") process.send?.(counts);
});
for (let line = 0; line < Number(process.argv[2]); line++) void countOn();
process.send?.("ready");

async function countOn(): Promise<never> {
  for (;;) {
    await counter.take([{ name: "requests:key sk-of-the-caller", points: 1, limit: 1e12 }]);
    counts++;
  }
}
