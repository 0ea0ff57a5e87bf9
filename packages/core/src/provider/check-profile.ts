import type { Limits, Price, Profile } from "../contract.ts";
import { limitNames } from "../deployment/limits.ts";
import { findNoText, isScoreKind, isUnchecked, scoreKindsInWords } from "./check-fields.ts";
import { providerFault } from "./provider-fault.ts";

/**
 * Refuses a profile that core cannot rely on. By hand and without a copy, because a provider may make a new profile for
 * each request.
 * @throws DheeraError `provider_bad_response`, which names the provider and the field.
 */
export function checkProfile(profile: unknown, provider: string): void {
  if (!isUnchecked<Profile>(profile)) throw fault(provider, "", profile, "an object");
  const { scoring, scoreKind, billing, fingerprint, limits, price, pads, server, warnings } = profile;
  if (scoring !== "pointwise" && scoring !== "listwise")
    throw fault(provider, "scoring", scoring, "pointwise or listwise");
  if (!isScoreKind(scoreKind)) throw fault(provider, "scoreKind", scoreKind, scoreKindsInWords);
  if (billing !== "compute" && billing !== "per-search" && billing !== "per-token")
    throw fault(provider, "billing", billing, "compute, per-search or per-token");
  if (typeof fingerprint !== "string" || fingerprint === "")
    throw fault(provider, "fingerprint", fingerprint, "a text");
  if (pads !== undefined && typeof pads !== "boolean") throw fault(provider, "pads", pads, "true or false");
  if (server !== undefined && typeof server !== "string") throw fault(provider, "server", server, "a text");
  if (warnings !== undefined) checkWarnings(warnings, provider);
  checkLimits(limits, provider);
  if (price !== undefined) checkPrice(price, provider);
}

function checkWarnings(warnings: unknown, provider: string): void {
  const wrong = findNoText(warnings);
  if (wrong) throw fault(provider, `warnings${wrong.at}`, wrong.value, "a list of texts");
}

function checkLimits(limits: unknown, provider: string): void {
  if (!isUnchecked<Limits>(limits)) throw fault(provider, "limits", limits, "an object");
  for (const name of limitNames) {
    const limit = limits[name];
    if (limit === undefined) continue;
    if (typeof limit !== "number" || !Number.isSafeInteger(limit) || limit < 1)
      throw fault(provider, `limits.${name}`, limit, "a whole number from 1 on");
  }
}

const figures = ["perSearchUnit", "perToken", "perOutputToken"] as const satisfies readonly (keyof Price)[];

function checkPrice(price: unknown, provider: string): void {
  if (!isUnchecked<Price>(price)) throw fault(provider, "price", price, "an object");
  for (const name of figures) {
    const figure = price[name];
    if (figure !== undefined && (typeof figure !== "number" || !Number.isFinite(figure) || figure < 0))
      throw fault(provider, `price.${name}`, figure, "a number of US dollars, not negative");
  }
}

function fault(provider: string, field: string, value: unknown, wanted: string): Error {
  return providerFault(provider, { what: "profile", field, value, wanted });
}
