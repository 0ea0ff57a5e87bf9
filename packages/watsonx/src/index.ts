export { watsonx, type WatsonxOptions } from "./watsonx.ts";
