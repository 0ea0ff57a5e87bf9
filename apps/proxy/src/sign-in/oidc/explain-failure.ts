import type { DheeraError } from "@dheera-ai/core";
import { html } from "hono/html";

import { firstPage } from "./return-address.ts";

/** The page of somebody who could not be signed in: what happened, and what to do. */
export function explainFailure({ message }: DheeraError, callId: string): string {
  return String(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width, initial-scale=1" />
          <title>Not signed in · Dheera AI</title>
          <link rel="icon" href="/assets/icon.svg" />
          <link rel="stylesheet" href="/assets/playground.css" />
        </head>
        <body>
          <header class="top"><a class="brand" href="/">Dheera AI</a></header>
          <main class="sign-in">
            <h1>You are not signed in</h1>
            <p>${message.charAt(0).toUpperCase()}${message.slice(1)}.</p>
            <p><a href="/sso/login">Sign in again</a> or <a href="${firstPage}">use a key</a></p>
            <p class="quiet">The proxy's log has this under <code>${callId}</code>.</p>
          </main>
        </body>
      </html> `,
  );
}
