export { type HuggingFaceOptions, huggingface, selfHosted } from "./huggingface.ts";
