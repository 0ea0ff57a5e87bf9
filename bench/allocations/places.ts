import { type Shape, largeShape, smallShape } from "../proxy/load/shapes.ts";

/** Where requests of one shape are measured. */
export interface Place {
  readonly name: string;
  /** Core and one provider without sockets, or the whole proxy on Node.js over loopback. */
  readonly kind: "core" | "proxy";
  readonly shape: Shape;
  /** Requests of one window: enough that what timers allocate beside them does not count. */
  readonly requests: number;
}

export const places: readonly Place[] = (["core", "proxy"] as const).flatMap((kind) => [
  { name: `${kind}, ${smallShape.name}`, kind, shape: smallShape, requests: 1_000 },
  { name: `${kind}, ${largeShape.name}`, kind, shape: largeShape, requests: 250 },
]);
