import { setFlagsFromString } from "node:v8";

/**
 * V8 puts what outlives two collections of its young generation at one time straight into the old generation from then on. A process that
 * meets a crowd while its code is still cold learns from it that all of a request lives long, and does not learn otherwise:
 * each request leaves objects in the old generation, which hold on to the others of that request, so that they all are copied again and
 * again. A request then costs half as much again, and pauses of the collector are ten times as long. See docs/performance.md.
 */
export function keepGarbageYoung(): void {
  setFlagsFromString("--no-allocation-site-pretenuring");
}
