/** Where people reach the proxy. */
export interface OwnAddress {
  /** As the configuration says; absent where it does not. */
  readonly baseUrl?: string | undefined;
}

/** Whether people reach the proxy by HTTPS. */
export function isSecure(request: Pick<Request, "headers" | "url">, { baseUrl }: OwnAddress): boolean {
  return baseUrl === undefined
    ? request.url.startsWith("https:") || isForwardedSecure(request)
    : baseUrl.startsWith("https:");
}

/** Who forges this header only keeps its own browser from keeping its own cookie. */
function isForwardedSecure({ headers }: Pick<Request, "headers">): boolean {
  return headers.get("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase() === "https";
}
