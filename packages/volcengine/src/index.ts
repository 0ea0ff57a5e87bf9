export { volcengine, type VolcengineOptions } from "./volcengine.ts";
