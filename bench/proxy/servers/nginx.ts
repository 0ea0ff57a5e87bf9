import { writeFile } from "node:fs/promises";

import { createFolder } from "../../../test/support/temporary-folder.ts";
import { infoOf } from "./info.ts";
import { type Listening, freePort, start } from "../processes.ts";
import { type Shape, upstreamAnswer } from "../load/shapes.ts";

/** Answers each shape's ranking at `/<documents>/rerank` without reading the request: the fastest upstream there is. */
export function startNginxStub(nginx: string, shapes: readonly Shape[], documentsPerCall: number): Promise<Listening> {
  const locations = shapes.map(
    (shape) => `location = /${shape.documents}/rerank { ${jsonHeaders(shape)} ${answerWith(upstreamAnswer(shape))} }
      location = /${shape.documents}/info { default_type application/json; return 200 '${infoOf(documentsPerCall)}'; }`,
  );
  return startNginx(nginx, `server { listen ANY; ${locations.join("\n")} location / { return 404; } }`);
}

/** The yardstick: nginx that hands everything to `upstream`, parsing nothing. */
export function startYardstick(nginx: string, upstream: string): Promise<Listening> {
  return startNginx(
    nginx,
    `upstream up { server ${upstream.replace("http://", "")}; keepalive 64; keepalive_requests 1000000000; }
     server { listen PORT; location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
  );
}

/** Servers of their own to whoever calls them. */
export const replicas = 32;

/** The other addresses of loopback that answer as well. */
function others(port: number): string {
  return Array.from({ length: replicas - 1 }, (_, number) => `listen 127.0.0.${number + 2}:${port}`).join("; ");
}

/** nginx takes no parameter of more than 4,096 characters: a long answer is put together from several. */
export function answerWith(text: string): string {
  const pieces = text.match(/.{1,3000}/g) ?? [];
  return [
    ...pieces.map((piece, number) => `set $piece${number} '${piece}';`),
    `return 200 "${pieces.map((_, number) => `\${piece${number}}`).join("")}";`,
  ].join(" ");
}

function jsonHeaders({ documents }: Shape): string {
  return `default_type application/json; add_header x-compute-tokens ${documents * 20};`;
}

/** One process that does everything, so that its processor time and memory are all there is. */
export async function startNginx(nginx: string, servers: string): Promise<Listening> {
  await using stack = new AsyncDisposableStack();
  const { path } = stack.use(await createFolder());
  const port = await freePort();
  const configuration = `
    daemon off; master_process off; pid ${path}/pid; error_log stderr error;
    events { worker_connections 8192; }
    http {
      access_log off; client_body_temp_path ${path}; proxy_temp_path ${path}; fastcgi_temp_path ${path}; uwsgi_temp_path ${path}; scgi_temp_path ${path};
      client_max_body_size 64m; client_body_buffer_size 2m; keepalive_requests 1000000000;
      ${servers.replace("PORT", `127.0.0.1:${port}`).replace("ANY", `127.0.0.1:${port}; ${others(port)}`)}
    }`;
  await writeFile(`${path}/nginx.conf`, configuration);
  const { pid, url } = stack.use(await start(nginx, ["-p", path, "-c", `${path}/nginx.conf`], port));
  const all = stack.move();
  return { pid, url, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
