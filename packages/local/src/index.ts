export { local, type LocalOptions } from "./provider/local.ts";
export type { BiEncoder, CrossEncoder, Dtype, ModelDescription, Weights } from "./model/description.ts";
