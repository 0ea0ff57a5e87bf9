import { once } from "node:events";
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from "node:http";

import { type Fault, sendContent } from "./faults.ts";
import { type Repository, type StandInModel, type StoredFile, infoOf, repositoryOf, treeOf } from "./repository.ts";

/** The Hugging Face Hub and its CDN as a client sees them, on two ports of loopback: written from huggingface_hub. */
export interface HubStandIn extends AsyncDisposable {
  readonly url: string;
  readonly cdn: string;
  readonly requests: readonly SeenRequest[];
  /** Replaces or adds repositories. Several of one name are revisions of it. */
  publish(name: string, ...models: readonly StandInModel[]): void;
  commitOf(name: string, revision?: string): string;
  /** What goes wrong with requests from now on. */
  failWith(choose: (request: SeenRequest) => Fault | undefined): void;
  /** Changes what is said of a model. */
  describeWith(change: (info: Record<string, unknown>) => unknown): void;
}

export interface SeenRequest {
  readonly server: "hub" | "cdn";
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** How many requests for this path came before. */
  readonly before: number;
}

/** The token that may see everything; others are unknown to the Hub, but for `hf_stranger`, which has no access. */
export const memberToken = "hf_member";

export async function startHub(models: Readonly<Record<string, StandInModel>> = {}): Promise<HubStandIn> {
  const repositories = new Map(Object.entries(models).map(([name, model]) => [name, [repositoryOf(model)]]));
  const requests: SeenRequest[] = [];
  let fault: (request: SeenRequest) => Fault | undefined = () => undefined;
  let describe: (info: Record<string, unknown>) => unknown = (info) => info;

  const see = (server: SeenRequest["server"], { method = "", url = "", headers }: IncomingMessage): SeenRequest => {
    const path = decodeURIComponent(new URL(url, "http://hub").pathname);
    const before = requests.filter((seen) => seen.server === server && seen.path === path).length;
    const seen = { server, method, path, headers, before };
    requests.push(seen);
    return seen;
  };

  const cdn = await listen((request, response) => {
    const seen = see("cdn", request);
    // A signed address and a token of the Hub at once are refused by the real one.
    if (request.headers.authorization !== undefined) return void response.writeHead(400).end();
    const fails = fault(seen);
    if (failsAtOnce(response, fails)) return;
    const oid = seen.path.slice("/lfs/".length);
    const file = findLfs([...repositories.values()].flat(), oid);
    if (!file) return void response.writeHead(404).end();
    sendContent(request, response, file.content, { etag: `"${oid.slice(0, 32)}"`, ...ownHeaders(fails) }, fails);
  });

  const hub = await listen((request, response) => {
    const seen = see("hub", request);
    const fails = fault(seen);
    if (failsAtOnce(response, fails)) return;
    const route = readRoute(seen.path);
    const revisions = repositories.get(route?.name ?? "") ?? [];
    const token = request.headers.authorization?.replace(/^Bearer /, "");
    if (token !== undefined && token !== memberToken && token !== "hf_stranger")
      return refuse(response, 401, undefined, "Invalid credentials in Authorization header");
    const [any] = revisions;
    if (!route || !any || (any.model.isPrivate && token !== memberToken))
      return refuse(response, token === undefined ? 401 : 404, "RepoNotFound", "Repository not found");
    const repository = revisions.find(({ commit, refs }) => commit === route.revision || refs.includes(route.revision));
    if (!repository) return refuse(response, 404, "RevisionNotFound", `Invalid rev id: ${route.revision}`);
    if (route.kind !== "file") {
      const answer = route.kind === "tree" ? treeOf(repository) : describe({ ...infoOf(route.name, repository) });
      return void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
    }
    if (any.model.gated && token !== memberToken)
      return refuse(response, token === undefined ? 401 : 403, "GatedRepo", "Access to this model is restricted");
    sendFile(request, response, repository, route.path, { cdn: cdn.url, fails });
  });

  return {
    url: hub.url,
    cdn: cdn.url,
    requests,
    publish: (name, ...published) => void repositories.set(name, published.map(repositoryOf)),
    commitOf(name, revision = "main") {
      const found = repositories.get(name)?.find(({ refs }) => refs.includes(revision));
      if (!found) throw new Error(`the stand-in has no ${name} at ${revision}`);
      return found.commit;
    },
    failWith: (choose) => void (fault = choose),
    describeWith: (change) => void (describe = change),
    async [Symbol.asyncDispose]() {
      await Promise.all([hub.close(), cdn.close()]);
    },
  };
}

function findLfs(repositories: readonly Repository[], oid: string): StoredFile | undefined {
  for (const { files } of repositories) for (const file of files.values()) if (file.lfsOid === oid) return file;
  return undefined;
}

interface Route {
  readonly kind: "info" | "tree" | "file";
  readonly name: string;
  readonly revision: string;
  readonly path: string;
}

function readRoute(path: string): Route | undefined {
  const api = /^\/api\/models\/([^/]+\/[^/]+)(?:\/(revision|tree)\/(.+))?$/.exec(path);
  if (api)
    return { kind: api[2] === "tree" ? "tree" : "info", name: api[1] ?? "", revision: api[3] ?? "main", path: "" };
  const file = /^\/([^/]+\/[^/]+)\/resolve\/((?:refs\/[^/]+\/)?[^/]+)\/(.+)$/.exec(path);
  return file ? { kind: "file", name: file[1] ?? "", revision: file[2] ?? "", path: file[3] ?? "" } : undefined;
}

function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  { files, commit }: Repository,
  path: string,
  { cdn, fails }: { readonly cdn: string; readonly fails: Fault | undefined },
): void {
  const file = files.get(path);
  const known = { "x-repo-commit": commit };
  if (!file) return refuse(response, 404, "EntryNotFound", "Entry not found", known);
  if (file.lfsOid === undefined)
    return sendContent(
      request,
      response,
      file.content,
      { ...known, etag: `"${file.gitOid}"`, ...ownHeaders(fails) },
      fails,
    );
  response
    .writeHead(302, {
      ...known,
      etag: `"${file.lfsOid.slice(0, 32)}"`,
      "x-linked-etag": `"${file.lfsOid}"`,
      "x-linked-size": String(file.content.length),
      ...ownHeaders(fails),
      location: `${cdn}/lfs/${file.lfsOid}?Expires=1&Signature=secret`,
    })
    .end();
}

function refuse(
  response: ServerResponse,
  status: number,
  code: string | undefined,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response
    .writeHead(status, { ...headers, ...(code !== undefined && { "x-error-code": code }), "x-error-message": message })
    .end(JSON.stringify({ error: message }));
}

function failsAtOnce(response: ServerResponse, fault: Fault | undefined): boolean {
  if (fault?.kind === "status") response.writeHead(fault.status, fault.headers).end();
  else if (fault?.kind === "redirect") response.writeHead(302, { location: fault.to }).end();
  else return false;
  return true;
}

function ownHeaders(fault: Fault | undefined): Readonly<Record<string, string>> {
  return fault?.kind === "headers" ? fault.headers : {};
}

async function listen(
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    request.resume();
    answer(request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
