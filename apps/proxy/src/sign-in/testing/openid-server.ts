import { createServer } from "node:http";
import { once } from "node:events";

import Provider, { type Configuration } from "oidc-provider";

/** A real OpenID provider on a loopback port, whose people sign in with any password. */
export interface OpenidServer extends AsyncDisposable {
  readonly issuer: string;
  /** What it says of its people, by the name they sign in with. */
  readonly people: Map<string, Readonly<Record<string, unknown>>>;
  /** `GET /jwks` and the like, as they arrived. */
  readonly requests: readonly string[];
  /** Answers everything with an error from now on, or no longer. */
  isBroken: boolean;
}

export interface OpenidOptions {
  readonly redirectUri: string;
  readonly afterSignOut: string;
  readonly configuration?: Configuration;
}

export const clientId = "dheera-ai";
export const clientSecret = "a-secret-of-this-test";

export async function startOpenidServer(options: OpenidOptions): Promise<OpenidServer> {
  const people: OpenidServer["people"] = new Map();
  const requests: string[] = [];
  let isBroken = false;
  let handler: ReturnType<Provider["callback"]> | undefined;
  const server = createServer((request, response) => {
    requests.push(`${request.method} ${new URL(request.url ?? "/", "http://x").pathname}`);
    if (isBroken) response.writeHead(500).end();
    else void handler?.(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const issuer = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
  const provider = new Provider(issuer, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [options.redirectUri],
        post_logout_redirect_uris: [options.afterSignOut],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"], groups: ["groups"] },
    scopes: ["openid", "email", "profile", "groups"],
    cookies: { keys: ["of this test"] },
    pkce: { required: () => true },
    ttl: { AccessToken: 600, Grant: 600, IdToken: 600, Interaction: 600, Session: 600 },
    findAccount: (_context, accountId) => ({
      accountId,
      claims: () => ({ sub: accountId, ...people.get(accountId) }),
    }),
    ...options.configuration,
  });
  handler = provider.callback();
  return {
    issuer,
    people,
    requests,
    get isBroken() {
      return isBroken;
    },
    set isBroken(value) {
      isBroken = value;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
