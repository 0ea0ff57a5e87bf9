// Requests, errors, events and tables in the words and forms of the proxy, for programs that do not load its server.
export { refuseDestination } from "./access/permissions.ts";
export { cohereFormat } from "./formats/cohere.ts";
export { type ErrorBody, errorBody } from "./formats/error-body.ts";
export { csvText } from "./management/spend/csv.ts";
export { describeError } from "./telemetry/logs/describe-error.ts";
export { eventLog } from "./telemetry/logs/event-log.ts";
export type { LogFields, Logger } from "./telemetry/telemetry.ts";
