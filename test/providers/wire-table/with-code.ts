import type { WireTable } from "./wire-case.ts";

/** Providers that are a package of their own, because their requests are signed or their keys exchanged. */
export const withCode: readonly WireTable[] = [];
