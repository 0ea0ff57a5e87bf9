import { InvalidArgumentError } from "@ai-sdk/provider";

export type HeaderFields = Readonly<Record<string, string | undefined>>;

/** @throws InvalidArgumentError where no request can go there; it does not repeat the address, which may hold a password. */
export function checkAddress(baseURL: string): void {
  const url = URL.canParse(baseURL) ? new URL(baseURL) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw refusal("baseURL", "must be the http:// or https:// address of a proxy, such as http://localhost:4000");
}

/**
 * The same headers.
 * @throws InvalidArgumentError that names the first that HTTP has no place for, without its value.
 */
export function checkHeaders(argument: "apiKey" | "headers", headers: HeaderFields): HeaderFields {
  for (const [name, value] of Object.entries(headers))
    if (value !== undefined && !isHeader(name, value)) throw refusal(argument, remedyOf(argument, name));
  return headers;
}

function isHeader(name: string, value: unknown): boolean {
  try {
    return typeof value === "string" && new Headers({ [name]: value }).has(name);
  } catch {
    return false;
  }
}

function remedyOf(argument: "apiKey" | "headers", name: string): string {
  const rule = "must be a text without line breaks, of characters up to U+00FF";
  if (argument === "apiKey") return rule;
  return isHeader(name, "") ? `${name} ${rule}` : "a name is of letters, digits and signs such as -, without spaces";
}

function refusal(argument: string, remedy: string): InvalidArgumentError {
  return new InvalidArgumentError({ argument, message: `${argument}: ${remedy}` });
}
