import { parseConfig, startServer } from "@dheera-ai/proxy";

import { answerParent } from "./answer-parent.ts";

/** The whole proxy on a free port, which it tells its parent: `proxy-process.ts CONFIGURATION`. */
const { config } = parseConfig(process.argv[2] ?? "", { file: "config.yaml", environment: {} });
const { url } = await startServer({ config, host: "127.0.0.1", port: 0, environment: { LOG_LEVEL: "error" } });
answerParent(url);
