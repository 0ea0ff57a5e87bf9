import { version } from "../version.ts";
import { componentSchemas } from "./component-schemas.ts";
import type { OpenApiDocument } from "./open-api.ts";
import { describeManagementPaths } from "./management/management-paths.ts";
import { managementTag } from "./management/operation.ts";
import { batchTag, describeBatchPaths } from "./paths/batch-paths.ts";
import { describeForeignPaths, foreignTag } from "./paths/foreign-paths.ts";
import { describeHealthPaths } from "./paths/health-paths.ts";
import { describeModelPaths } from "./paths/model-paths.ts";
import { describePagePaths } from "./paths/page-paths.ts";
import { describeRerankPaths } from "./paths/rerank-paths.ts";
import { describeSearchEnginePaths } from "./paths/search-engine-paths.ts";
import { describeSignInPaths, signInTag } from "./paths/sign-in-paths.ts";
import { headerDescriptions } from "./response-headers.ts";

let made: OpenApiDocument | undefined;

/** The description of every path of this proxy; made at the first request for it. */
export function openapiDocument(): OpenApiDocument {
  return (made ??= makeDocument());
}

function makeDocument(): OpenApiDocument {
  return {
    openapi: "3.1.1",
    info: {
      title: "Dheera AI",
      version,
      summary: "One rerank API over every reranker.",
      description: [
        "Send a query and documents, get them back ranked: from Cohere's clients, the AI SDK, LangChain, clients of Text Embeddings Inference, or plain HTTP.",
        "Send the key as `Authorization: Bearer <key>`. A proxy that was given no key serves callers on its own machine, and they need none.",
        "Every answer is JSON, errors included, and carries its id as `x-dheera-call-id`. An error's `error.code` says whose fault it is, and its `message` what to try.",
      ].join("\n\n"),
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "This proxy" }],
    tags: [
      { name: "Rerank", description: "Ranking documents." },
      { name: foreignTag, description: "Ranking for clients of other servers, in the shapes that those have." },
      {
        name: batchTag,
        description:
          "Millions of rankings without waiting, at the addresses of OpenAI's batches. Needs `batch_settings.storage`.",
      },
      { name: "Models", description: "What one can ask for, and how it is." },
      { name: "Health", description: "For load balancers and for people on call." },
      {
        name: managementTag,
        description:
          "Keys, teams, users, organizations and budgets of the database (`general_settings.database_url`), under LiteLLM's addresses and names.",
      },
      {
        name: signInTag,
        description:
          "Sessions of the pages, in cookies: with a key, or at an OpenID provider (`general_settings.sso`).",
      },
      { name: "Operating", description: "Metrics and pages." },
    ],
    security: [{ key: [] }, {}],
    paths: {
      ...describeRerankPaths(),
      ...describeForeignPaths(),
      ...describeSearchEnginePaths(),
      ...describeBatchPaths(),
      ...describeModelPaths(),
      ...describeHealthPaths(),
      ...describeManagementPaths(),
      ...describeSignInPaths(),
      ...describePagePaths(),
    },
    components: {
      schemas: componentSchemas(),
      headers: headerDescriptions,
      securitySchemes: {
        key: {
          type: "http",
          scheme: "bearer",
          description:
            "The master key, or one of `general_settings.keys`. `x-api-key`, `api-key`, `x-litellm-api-key`, `x-goog-api-key` and `ocp-apim-subscription-key` are read too, and the password of `Authorization: Basic`.",
        },
      },
    },
  };
}
