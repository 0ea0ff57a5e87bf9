import { documents, json, query, type WireTable } from "../wire-case.ts";

const user = {
  type: "authorized_user",
  client_id: "client",
  client_secret: "secret",
  refresh_token: "refresh",
  quota_project_id: "of-the-user",
};
const credentials = { CREDENTIALS: JSON.stringify(user) };
/** Google's library exchanges a user's refresh token. */
const exchange = {
  sent: {
    method: "POST",
    url: "https://oauth2.googleapis.com/token",
    headers: { "content-type": "application/x-www-form-urlencoded;charset=UTF-8" },
    body: "refresh_token=refresh&client_id=client&client_secret=secret&grant_type=refresh_token",
  },
  answer: { access_token: "google", expires_in: 3599, token_type: "Bearer" },
};

/** Discovery Engine, where LiteLLM's users have its rerankers. */
export const vertex: WireTable = {
  provider: "vertex_ai",
  headers: { ...json, authorization: "Bearer google", "x-goog-user-project": "my-project" },
  body: {
    model: "semantic-ranker-default-004",
    query,
    records: documents.map((content, index) => ({ id: String(index), content })),
    ignoreRecordDetailsInResponse: true,
  },
  answer: {
    records: [
      { id: "2", score: 0.9 },
      { id: "0", score: 0.4 },
      { id: "1", score: 0.1 },
    ],
  },
  cases: [
    {
      entry:
        "{ model: vertex_ai/semantic-ranker-default-004, vertex_project: my-project, vertex_credentials: os.environ/CREDENTIALS }",
      environment: credentials,
      before: [exchange],
      url: "https://discoveryengine.googleapis.com/v1/projects/my-project/locations/global/rankingConfigs/default_ranking_config:rank",
    },
    {
      entry:
        "{ model: vertex_ai/semantic-ranker-default-004, vertex_ai_project: my-project, vertex_ai_credentials: os.environ/CREDENTIALS, vertex_ai_location: eu }",
      environment: credentials,
      before: [exchange],
      url: "https://eu-discoveryengine.googleapis.com/v1/projects/my-project/locations/eu/rankingConfigs/default_ranking_config:rank",
    },
    {
      entry: "{ model: vertex_ai/semantic-ranker-default-004 }",
      environment: { VERTEXAI_CREDENTIALS: JSON.stringify(user), VERTEXAI_PROJECT: "my-project" },
      before: [exchange],
      url: "https://discoveryengine.googleapis.com/v1/projects/my-project/locations/global/rankingConfigs/default_ranking_config:rank",
    },
    {
      entry: "{ model: vertex_ai/semantic-ranker-default-004 }",
      environment: { VERTEXAI_CREDENTIALS: JSON.stringify(user), VERTEXAI_LOCATION: "us-central1" },
      before: [exchange],
      url: "https://discoveryengine.googleapis.com/v1/projects/of-the-user/locations/global/rankingConfigs/default_ranking_config:rank",
      headers: { ...json, authorization: "Bearer google", "x-goog-user-project": "of-the-user" },
      warnings: [
        "VERTEXAI_LOCATION has no rerankers; documents go to the location global; set vertex_location: us, or eu",
      ],
    },
    {
      entry:
        "{ model: vertex_ai/semantic-ranker-default-004, vertex_project: my-project, vertex_credentials: os.environ/CREDENTIALS, api_base: https://gateway.test }",
      environment: credentials,
      before: [exchange],
      url: "https://gateway.test/v1/projects/my-project/locations/global/rankingConfigs/default_ranking_config:rank",
    },
  ],
};
