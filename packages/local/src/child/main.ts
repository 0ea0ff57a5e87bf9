import { serve } from "./serve.ts";

// What a terminal or a service manager sends to the whole group is for the parent: it ends this process when it ends itself.
process.on("SIGINT", () => undefined);
process.on("SIGTERM", () => undefined);
// However the parent ended.
process.on("disconnect", () => process.exit());

serve({
  send: (message, then) => void process.send?.(message, undefined, undefined, () => then?.()),
  listen: (listener) => process.on("message", listener),
});
