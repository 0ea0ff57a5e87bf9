import type { Price } from "../contract.ts";
import { DheeraError } from "../errors.ts";

/** What LiteLLM calls the figures of a price in `model_info`. */
const names = {
  perSearchUnit: "input_cost_per_query",
  perToken: "input_cost_per_token",
  perOutputToken: "output_cost_per_token",
} as const satisfies Record<keyof Price, string>;

/**
 * The price that the configuration gives a deployment; undefined where it names none. As soon as it names one figure, those
 * of the provider no longer count: they are of another contract.
 * @throws DheeraError `invalid_request`, which names the key
 */
export function configuredPrice(info: Readonly<Record<string, unknown>> | undefined): Price | undefined {
  if (!info) return undefined;
  const price: Price = {
    perSearchUnit: readFigure(info, names.perSearchUnit),
    perToken: readFigure(info, names.perToken),
    perOutputToken: readFigure(info, names.perOutputToken),
  };
  return Object.values(price).every((figure) => figure === undefined) ? undefined : price;
}

function readFigure(info: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = info[name];
  if (value === undefined || value === null) return undefined;
  const figure = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof figure === "number" && Number.isFinite(figure) && figure >= 0) return figure;
  throw new DheeraError(
    "invalid_request",
    `model_info.${name}: must be US dollars a unit, not negative: a number such as 0.002, or a text such as "5e-8"`,
    { param: `model_info.${name}` },
  );
}
