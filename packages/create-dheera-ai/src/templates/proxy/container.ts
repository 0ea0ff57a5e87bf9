import type { Choices } from "../../choices.ts";
import { lockFiles } from "../../command-line/package-manager.ts";
import type { ModelFacts } from "../model.ts";

/** Builds from the lock file, and ships neither the package manager nor `.env`. */
export function dockerFile(choices: Choices, { provider }: ModelFacts): string {
  const { packageManager, isYarnClassic } = choices;
  const isLocal = provider.name === "local";
  const { image, commands } = install(choices);
  const settings = { npm: "", pnpm: " pnpm-workspace.yaml", yarn: isYarnClassic ? "" : " .yarnrc.yml", bun: "" };
  return `# docker build --tag my-proxy .
# Debian rather than Alpine: Node.js supports musl only experimentally.
FROM ${image} AS build
WORKDIR /app
COPY package.json ${lockFiles[packageManager]}${settings[packageManager]} ./
${isLocal ? withoutGraphicsCards : ""}${[...commands, ...(isLocal ? ["mkdir /models"] : [])].map((command) => `RUN ${command}\n`).join("")}
FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY config.yaml ./
${isLocal ? models : ""}# The image's own user \`node\`, by number so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --start-interval=1s \\
  CMD ["node", "-e", "fetch('http://127.0.0.1:4000/health/readiness').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "node_modules/@dheera-ai/cli/bin/dheera_ai.js"]
CMD ["--config", "config.yaml"]
`;
}

const withoutGraphicsCards = `# Libraries for graphics cards are hundreds of megabytes from outside the registry, which nothing here uses.
ENV ONNXRUNTIME_NODE_INSTALL=skip
`;

const models = `# A volume that is mounted here for the first time belongs to the user of the image, who pulls models into it.
COPY --from=build --chown=1000:1000 /models /models
ENV HF_HUB_CACHE=/models
`;

interface Install {
  readonly image: string;
  readonly commands: readonly string[];
}

function install({ packageManager, packageManagerMajor, isYarnClassic }: Choices): Install {
  const image = "node:26-slim";
  if (packageManager === "bun")
    return { image: "oven/bun:1-slim", commands: ["bun install --frozen-lockfile --production"] };
  if (packageManager === "npm") return { image, commands: ["npm ci --omit=dev"] };
  // The one that writes the lock file.
  const pnpm = `pnpm@${packageManagerMajor ?? "latest"}`;
  if (packageManager === "pnpm")
    return { image, commands: [`npm install --global ${pnpm}`, "pnpm install --frozen-lockfile --prod"] };
  return isYarnClassic
    ? { image, commands: ["npm install --global --force yarn@1", "yarn install --frozen-lockfile --production"] }
    : { image, commands: ["npm install --global --force @yarnpkg/cli-dist@4", "yarn install --immutable"] };
}

export const dockerIgnore = `# What the image is built from comes from the lock file. Secrets come when it is started.
**
!package.json
!${Object.values(lockFiles).join("\n!")}
!.yarnrc.yml
!pnpm-workspace.yaml
!config.yaml
`;

/** The proxy, and beside it what was chosen. */
export function composeFile({ name, parts }: Choices, { provider }: ModelFacts): string {
  const hasRedis = parts.includes("redis");
  const hasTeams = parts.includes("teams");
  const isLocal = provider.name === "local";
  const needed = [...(hasTeams ? ["postgresql"] : []), ...(hasRedis ? ["redis"] : [])];
  const waits = needed.map((service) => `${service}:\n        condition: service_healthy`);
  const volumes = [...(isLocal ? ["models:"] : []), ...(hasTeams ? ["postgresql:"] : [])];
  const environment = [
    ...(hasRedis ? ["REDIS_URL: redis://:${REDIS_PASSWORD:?is in .env}@redis:6379/0"] : []),
    ...(hasTeams
      ? ["DHEERA_AI_DATABASE_URL: postgresql://dheera:${POSTGRESQL_PASSWORD:?is in .env}@postgresql:5432/dheera"]
      : []),
  ];
  return `# docker compose up --build
# Serves http://localhost:4000, for this machine only. Other machines reach it through whatever ends TLS on this one.

name: ${JSON.stringify(projectOf(name))}

services:
  proxy:
    build: .
    env_file: .env
${list("depends_on", waits)}${list("environment", environment)}    ports:
      - "127.0.0.1:4000:4000"
${isLocal ? pulled : ""}    read_only: true
    tmpfs: [/tmp]
    cap_drop: [ALL]
    security_opt: ["no-new-privileges:true"]
    # Longer than --shutdown_timeout, which is 30 seconds.
    stop_grace_period: 40s
    restart: unless-stopped
${hasRedis ? redis : ""}${hasTeams ? postgresql : ""}${volumes.length === 0 ? "" : `\nvolumes:\n${volumes.map((volume) => `  ${volume}\n`).join("")}`}`;
}

/** As Compose takes names: `@acme/my.proxy` → `acme-my-proxy`. Quoted where it is written, because 2026 is a number. */
function projectOf(name: string): string {
  return name.replaceAll(/[^a-z0-9_-]+/g, "-").replace(/^[^a-z0-9]+/, "") || "proxy";
}

function list(name: string, lines: readonly string[]): string {
  return lines.length === 0 ? "" : `    ${name}:\n${lines.map((line) => `      ${line}\n`).join("")}`;
}

const pulled = `    volumes:
      # docker compose run --rm proxy pull MODEL
      - models:/models
`;

const redis = `
  redis:
    image: redis:8.2-alpine
    environment:
      # redis-cli reads it.
      REDISCLI_AUTH: \${REDIS_PASSWORD:?is in .env}
    # Scores can be computed again: nothing is written to disk. The password comes through standard input, because every process can read the
    # arguments of others.
    command:
      - sh
      - -c
      - >-
        printf 'requirepass %s\\n' "$$REDISCLI_AUTH" |
        exec redis-server - --save "" --appendonly no --maxmemory 256mb --maxmemory-policy allkeys-lru
    healthcheck:
      test: ["CMD", "redis-cli", "ping"]
      interval: 5s
      timeout: 3s
    read_only: true
    tmpfs: [/data]
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
`;

const postgresql = `
  postgresql:
    image: postgres:18-alpine
    environment:
      POSTGRES_USER: dheera
      POSTGRES_DB: dheera
      POSTGRES_PASSWORD: \${POSTGRESQL_PASSWORD:?is in .env}
    healthcheck:
      # The server that sets it up the first time listens on no address.
      test: ["CMD", "pg_isready", "--host", "127.0.0.1", "--username", "dheera"]
      interval: 5s
      timeout: 3s
    volumes:
      - postgresql:/var/lib/postgresql
    security_opt: ["no-new-privileges:true"]
    restart: unless-stopped
`;
