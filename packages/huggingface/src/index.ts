export { type HuggingFaceOptions, huggingface } from "./huggingface.ts";
