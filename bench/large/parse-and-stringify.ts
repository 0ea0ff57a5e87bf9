/**
 * Is told a text, then how many times it is to be parsed and written; tells what one time took: milliseconds of the processor, of all
 * threads.
 */
let text = "";
let written = 0;

process.on("message", (message: unknown) => {
  if (typeof message === "string") text = message;
  process.send?.(typeof message === "number" ? measure(message) : "ready");
});
process.on("disconnect", () => process.exit());

function measure(times: number): number {
  const before = process.cpuUsage();
  for (let time = 0; time < times; time++) written += JSON.stringify(JSON.parse(text)).length;
  const { user, system } = process.cpuUsage(before);
  if (written === 0) throw new Error("nothing was written");
  return (user + system) / 1_000 / times;
}
