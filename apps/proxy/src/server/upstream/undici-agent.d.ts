/** undici's types name its parts at the package alone. */
declare module "undici/lib/dispatcher/agent.js" {
  export { Agent as default } from "undici";
}
