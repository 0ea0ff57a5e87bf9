import { expect, it } from "vitest";

import { withoutCredentials } from "./without-credentials.ts";

it.each([
  ["https://user:secret@host:8080/path?key=secret#secret", "https://host:8080/path"],
  ["http://localhost", "http://localhost"],
  ["not a url secret", ""],
])("shows %s as %j", (url, shown) => {
  expect(withoutCredentials(url)).toBe(shown);
});
