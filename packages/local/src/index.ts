export type { BiEncoder, CrossEncoder, Dtype, ModelDescription, Weights } from "./model/description.ts";
