import * as v from "valibot";

import { type Kind, text } from "../kinds.ts";

/** `general_settings.proxy_base_url`. */
export const baseUrl: Kind<string> = v.pipe(
  text("Where people reach the proxy."),
  v.check(isOrigin, "must be an address without a path, such as https://rerank.example.com"),
  v.description(
    "Where people reach the proxy: `https://rerank.example.com`. `sso` needs it; with `https:` the cookies of pages are sent by HTTPS alone.",
  ),
);

function isOrigin(value: string): boolean {
  if (!/^https?:\/\//.test(value) || !URL.canParse(value)) return false;
  const { pathname, search, hash, username, password } = new URL(value);
  return pathname === "/" && [search, hash, username, password].every((part) => part === "");
}

/** A time such as `8h`, in seconds. */
export function duration(description: string): Kind<number> {
  return v.pipe(
    v.string("must be a time such as 30m, 8h or 7d"),
    v.regex(/^[1-9]\d{0,5}[smhd]$/, "must be a time such as 30m, 8h or 7d"),
    v.transform((time) => Number(time.slice(0, -1)) * (unitSeconds[time.slice(-1)] ?? 1)),
    v.description(description),
  );
}

const unitSeconds: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };
