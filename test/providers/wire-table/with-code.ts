import { azureEntra } from "./azure-entra.ts";
import { vertex } from "./vertex.ts";
import { watsonx } from "./watsonx.ts";
import type { WireTable } from "./wire-case.ts";

/** Providers that are a package of their own, because their requests are signed or their keys exchanged. */
export const withCode: readonly WireTable[] = [vertex, watsonx, azureEntra];
