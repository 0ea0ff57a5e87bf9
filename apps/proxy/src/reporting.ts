// Errors and events in the proxy's words, for programs that do not load its server.
export { type ErrorBody, errorBody } from "./formats/error-body.ts";
export { describeError } from "./telemetry/logs/describe-error.ts";
export { eventLog } from "./telemetry/logs/event-log.ts";
export type { LogFields, Logger } from "./telemetry/telemetry.ts";
