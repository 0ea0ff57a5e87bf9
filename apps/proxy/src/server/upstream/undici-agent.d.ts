/** undici has types for its agent only at the package itself, not at this path. */
declare module "undici/lib/dispatcher/agent.js" {
  export { Agent as default } from "undici";
}
