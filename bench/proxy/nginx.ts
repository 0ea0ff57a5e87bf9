import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { info } from "./info.ts";
import { type Listening, freePort, start } from "./processes.ts";
import { type Shape, upstreamAnswer } from "./shapes.ts";

/** A server that answers each shape's ranking at `/<documents>/rerank` without reading the request: the fastest upstream there is. */
export async function startStub(shapes: readonly Shape[]): Promise<Listening> {
  const locations = shapes.map(
    (shape) => `location = /${shape.documents}/rerank { ${jsonHeaders(shape)} ${answerWith(upstreamAnswer(shape))} }
      location = /${shape.documents}/info { default_type application/json; return 200 '${info}'; }`,
  );
  return startNginx(locations.join("\n"));
}

/** The yardstick: nginx that hands everything to `upstream`, parsing nothing. */
export function startYardstick(upstream: string): Promise<Listening> {
  return startNginx(`location / { proxy_pass http://up; proxy_http_version 1.1; proxy_set_header Connection ""; }`, upstream);
}

/** nginx takes no parameter of more than 4,096 characters: a long answer is put together from several. */
function answerWith(text: string): string {
  const pieces = text.match(/.{1,3000}/g) ?? [];
  return [
    ...pieces.map((piece, number) => `set $piece${number} '${piece}';`),
    `return 200 "${pieces.map((_, number) => `\${piece${number}}`).join("")}";`,
  ].join(" ");
}

function jsonHeaders({ documents }: Shape): string {
  return `default_type application/json; add_header x-compute-tokens ${documents * 20};`;
}

async function startNginx(locations: string, upstream?: string): Promise<Listening> {
  const folder = await mkdtemp(join(tmpdir(), "bench-nginx-"));
  const port = await freePort();
  const configuration = `
    daemon off; worker_processes 1; pid ${folder}/pid; error_log stderr error; user root;
    events { worker_connections 1024; }
    http {
      access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder}; fastcgi_temp_path ${folder}; uwsgi_temp_path ${folder}; scgi_temp_path ${folder};
      client_max_body_size 64m; client_body_buffer_size 2m; keepalive_requests 1000000000;
      ${upstream === undefined ? "" : `upstream up { server ${upstream.replace("http://", "")}; keepalive 64; keepalive_requests 1000000000; }`}
      server { listen 127.0.0.1:${port}; ${locations} location / { return 404; } }
    }`;
  // The yardstick's own location / must be the only one.
  const text = upstream === undefined ? configuration : configuration.replace(" location / { return 404; }", "");
  await writeFile(join(folder, "nginx.conf"), text);
  return start("nginx", ["-p", folder, "-c", join(folder, "nginx.conf")], port);
}
