import { parseArgs } from "node:util";

import { type Sum, addUp, functionOf, packageOf } from "./allocating.ts";
import { measureAllocations, sampleAllocations } from "./measure.ts";
import { places } from "./places.ts";
import { readRecorded, record } from "./recorded.ts";
import { printRow } from "../proxy/table.ts";

/**
 * What a request allocates, and who: `node -C source bench/allocations/main.ts [--only "proxy, 4"] [--top 40]`. Bytes in the
 * heap of V8, from a warm process of its own for each place; they hardly depend on the machine and not on its pace.
 * With `--record REASON` the figures of all places become those that `allocations.test.ts` holds.
 */
const { values } = parseArgs({
  options: {
    only: { type: "string", default: "" },
    top: { type: "string", default: "40" },
    record: { type: "string" },
  },
});

if (values.record === undefined) {
  for (const place of places.filter(({ name }) => name.includes(values.only))) {
    const bytes = await measureAllocations(place);
    const root = await sampleAllocations(place);
    const recorded = readRecorded().at(-1)?.bytes[place.name];
    console.log(`\n${place.name}: ${bytes} bytes a request, ${recorded ?? "nothing"} recorded`);
    print("package", addUp(root, packageOf), place.requests);
    print("function", addUp(root, functionOf), place.requests);
  }
} else {
  const bytes: Record<string, number> = {};
  for (const place of places) bytes[place.name] = await measureAllocations(place);
  record({ date: new Date().toISOString().slice(0, 10), reason: values.record, bytes });
  console.log(bytes);
}

function print(what: string, sums: ReadonlyMap<string, Sum>, requests: number): void {
  const whole = [...sums.values()].reduce((bytes, { own }) => bytes + own, 0);
  const most = [...sums].toSorted(([, a], [, b]) => b.own - a.own).slice(0, Number(values.top));
  for (const [name, sum] of most)
    printRow({
      [what]: name,
      "bytes a request": (sum.own / requests).toFixed(0),
      share: `${((sum.own / whole) * 100).toFixed(1)} %`,
      "with what it calls": (sum.with / requests).toFixed(0),
    });
}
