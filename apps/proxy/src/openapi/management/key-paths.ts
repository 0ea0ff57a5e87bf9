import type { Paths } from "../open-api.ts";
import { exampleHash, exampleKey, key } from "./examples.ts";
import { describeManaged, pageParameters, queryFlag, queryText } from "./operation.ts";

const rotated = "sk-example-of-a-key-2";
const rotatedAgain = "sk-example-of-a-key-3";

/** Keys. */
export function describeKeyPaths(): Paths {
  return describeManaged({
    "/key/generate": {
      post: {
        id: "generateKey",
        summary: "Make a key",
        description:
          "The key is shown in this answer and never again. A key of somebody's own choice may be made once more with the same fields, and is the same then.",
        body: [
          "NewKeyRequest",
          { key: exampleKey, key_alias: "search-service", team_id: "research", max_budget: 10, budget_duration: "30d" },
        ],
        answers: "NewKey",
        example: { key: exampleKey, ...key },
      },
    },
    "/key/service-account/generate": {
      post: {
        id: "generateServiceKey",
        summary: "Make a key of a team that belongs to no user",
        body: ["NewKeyRequest", { team_id: "research", key_alias: "nightly-job" }],
        answers: "NewKey",
        example: { ...key, key: exampleKey, key_alias: "nightly-job", max_budget: null, budget_duration: null },
      },
    },
    "/key/update": {
      post: {
        id: "updateKey",
        summary: "Change a key",
        description:
          "What is absent stays as it is, null clears a field. Users change the names of their own keys, and the limits of those that they made themselves.",
        body: ["KeyChangeRequest", { key: exampleKey, rpm_limit: 600 }],
        answers: "ChangedKey",
        example: { ...key, key: exampleHash, rpm_limit: 600 },
      },
    },
    "/v2/key/info": {
      post: {
        id: "keysInfo",
        summary: "Show several keys",
        description: "Those that are not there, and those that the caller may not see, are left out.",
        body: ["KeysRequest", { keys: [exampleKey] }],
        answers: "KeysInfo",
        example: { key: [exampleHash], info: [key] },
      },
    },
    "/key/info": {
      get: {
        id: "keyInfo",
        summary: "Show a key",
        parameters: [
          queryText(
            "key",
            "Its hash, or the key itself, which then stands in logs of addresses; the key that calls when absent.",
          ),
        ],
        answers: "KeyInfo",
        example: { key: exampleHash, info: key },
      },
    },
    "/key/list": {
      get: {
        id: "listKeys",
        summary: "List keys",
        parameters: [
          ...pageParameters("size"),
          queryText("team_id", "Keys of this team alone."),
          queryText("user_id", "Keys of this user alone."),
          queryText("organization_id", "Keys of this organization alone."),
          queryText("key_alias", "The key of this name."),
          queryText("key_hash", "The key of this hash."),
          queryText("search", "Keys whose alias holds this, or what is shown of them."),
          queryFlag("return_full_object", "Answer with keys in place of their hashes."),
        ],
        answers: "KeyList",
        example: { keys: [exampleHash], total_count: 1, current_page: 1, total_pages: 1 },
      },
    },
    "/key/block": {
      post: {
        id: "blockKey",
        summary: "Let nobody in with a key",
        description: "It holds in every process within two seconds.",
        body: ["KeyRequest", { key: exampleKey }],
        answers: "ManagedKey",
        example: { ...key, blocked: true },
      },
    },
    "/key/unblock": {
      post: {
        id: "unblockKey",
        summary: "Let people in again with a key",
        body: ["KeyRequest", { key: exampleKey }],
        answers: "ManagedKey",
        example: key,
      },
    },
    "/key/regenerate": {
      post: {
        id: "regenerateGivenKey",
        summary: "Put a new key in the place of one that the body names",
        description:
          "The same as `/key/{key}/regenerate`, with the key in the body, where no log of addresses sees it.",
        body: ["KeyRotationRequest", { key: exampleKey, new_key: rotated, grace_period: "24h" }],
        answers: "NewKey",
        example: { key: rotated, ...key },
      },
    },
    "/key/{key}/regenerate": {
      post: {
        id: "regenerateKey",
        summary: "Put a new key in the place of one",
        description:
          "Its limits and what it spent stay. The old key is let in for the grace period beside the new one, which is shown in this answer and never again.",
        parameters: [
          {
            name: "key",
            in: "path",
            required: true,
            description: "Its hash, or the key itself.",
            example: rotated,
            schema: { type: "string" },
          },
        ],
        body: ["KeyRotationRequest", { new_key: rotatedAgain }],
        answers: "NewKey",
        example: { key: rotatedAgain, ...key },
      },
    },
    "/key/delete": {
      post: {
        id: "deleteKeys",
        summary: "Delete keys",
        description: "All of them, or none where one is not there. Spend that was booked stays.",
        body: ["KeysRequest", { keys: [rotatedAgain] }],
        answers: "DeletedKeys",
        example: { deleted_keys: [exampleHash] },
      },
    },
  });
}
