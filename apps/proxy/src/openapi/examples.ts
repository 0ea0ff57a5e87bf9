/** What the examples of all formats are made of. */
export const exampleCallId = "9f1c2c5e-64f5-4d1b-9b0e-0f6a3f7d2b18";
export const exampleQuery = "How long does a sourdough starter keep in the fridge?";
export const exampleDocuments = [
  "Milk keeps for about a week in the fridge once it is open.",
  "A sourdough starter keeps for weeks in the fridge when it is fed before it goes in.",
] as const;
export const exampleMeta = {
  api_version: { version: "2", is_experimental: false },
  billed_units: {},
  score_kind: "unknown",
} as const;
