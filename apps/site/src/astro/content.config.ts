/// <reference types="astro/client" />
import { docsSchema } from "@astrojs/starlight/schema";
import { glob } from "astro/loaders";
import { defineCollection } from "astro:content";

/** The pages that `../stage.ts` has written. */
export const collections = {
  docs: defineCollection({ loader: glob({ pattern: "**/*.md", base: "./.content/pages" }), schema: docsSchema() }),
};
