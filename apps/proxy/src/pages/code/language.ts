/** Languages in which requests are shown. */
export type Language = "curl" | "typescript" | "python";

export const languages: readonly { readonly id: Language; readonly name: string }[] = [
  { id: "curl", name: "curl" },
  { id: "typescript", name: "TypeScript" },
  { id: "python", name: "Python" },
];
