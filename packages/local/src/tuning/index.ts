export { type MeasuredSettings, measureSettings, type MeasuringOptions } from "./measure-settings.ts";
