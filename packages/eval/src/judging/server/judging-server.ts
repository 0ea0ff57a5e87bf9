import { randomBytes } from "node:crypto";

import type { JudgingFolder } from "../folder/judging-folder.ts";
import { judgePage } from "../page/judge-page.ts";
import { answerRequest } from "./answer-request.ts";
import { type JudgingPort, openJudgingPort } from "./judging-port.ts";

/** A page in the browser that judges a folder, as long as this runs. */
export interface JudgingServer extends AsyncDisposable {
  /** Where people judge; whoever knows it may judge. */
  readonly url: string;
  /** The same for one visit only: it may be seen by others, as arguments of a program are. */
  readonly startUrl: string;
  /** Resolves when somebody presses the button that ends it. */
  readonly finished: Promise<void>;
}

/** Where the page of judging is served. */
export interface JudgingServerOptions {
  /** 0 takes any that is free. One that is open already is closed with the server. */
  readonly port: number | JudgingPort;
  /** What to do with the judgements, for the page to say. */
  readonly nextCommand: string;
}

/**
 * Serves the page on loopback, to those who know its address.
 * @throws DheeraError `invalid_request` where the port is taken
 */
export async function startJudging(
  folder: JudgingFolder,
  { port, nextCommand }: JudgingServerOptions,
): Promise<JudgingServer> {
  const token = newToken();
  const page = await judgePage();
  const { promise: finished, resolve: finish } = Promise.withResolvers<void>();
  const visit = { token: newToken() };
  const opened = typeof port === "number" ? await openJudgingPort(port) : port;
  opened.server.on("request", (request, response) => {
    void answerRequest(request, response, { folder, page, nextCommand, token, visit, finish, port: opened.number });
  });
  const base = `http://127.0.0.1:${opened.number}`;
  return {
    url: `${base}/${token}/`,
    startUrl: `${base}/start/${visit.token}`,
    finished,
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

/** Nobody guesses it. */
function newToken(): string {
  return randomBytes(24).toString("base64url");
}
