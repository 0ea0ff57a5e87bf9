import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";

/** A page loads from this proxy alone, runs no script but its own files, calls nobody else and is shown in no other page. */
export const pageHeaders: MiddlewareHandler = secureHeaders({
  contentSecurityPolicy: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'"],
    connectSrc: ["'self'"],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
  xFrameOptions: "DENY",
  // Whether a host speaks HTTPS alone is its operator's to say.
  strictTransportSecurity: false,
});
