import { homedir } from "node:os";
import { join, resolve } from "node:path";

import type { Environment } from "@dheera-ai/core/provider-utils";

/**
 * Where the clients of the Hugging Face Hub keep what they downloaded, as `huggingface_hub` finds it: `HF_HUB_CACHE`,
 * `HF_HOME`, `XDG_CACHE_HOME`, the home folder. A variable that is empty counts as absent.
 */
export function hubCacheFolder(environment: Environment): string {
  return pathOf(environment, ["HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"], "hub");
}

/** Where `hf auth login` keeps its token. */
export function tokenFile(environment: Environment): string {
  return pathOf(environment, ["HF_TOKEN_PATH"], "token");
}

/** What the first of these variables says, else what has this name in the folder of Hugging Face's tools. */
function pathOf(environment: Environment, variables: readonly string[], name: string): string {
  const home = environment[process.platform === "win32" ? "USERPROFILE" : "HOME"] || homedir();
  const valueOf = (variable: string): string | undefined => {
    const value = environment[variable];
    return value ? expand(value, home, environment) : undefined;
  };
  const named = variables.map(valueOf).find((path) => path !== undefined);
  if (named !== undefined) return resolve(named);
  const caches = valueOf("XDG_CACHE_HOME") ?? join(home, ".cache");
  return resolve(valueOf("HF_HOME") ?? join(caches, "huggingface"), name);
}

/** As Python's `expanduser` and `expandvars` do it for these variables. */
function expand(path: string, home: string, environment: Environment): string {
  return path
    .replace(/^~(?=$|[/\\])/, () => home)
    .replaceAll(/\$(?:(\w+)|\{(\w+)\})/g, (whole, bare: string | undefined, braced: string | undefined) => {
      return environment[bare ?? braced ?? ""] ?? whole;
    });
}

/** The folder of a model in the cache: `models--BAAI--bge-reranker-base`. */
export function repositoryFolder(cache: string, id: string): string {
  return join(cache, ["models", ...id.split("/")].join("--"));
}

/** Whether the Hub allows this as the name of a model: `<org>/<name>`, or `<name>` alone as old ones have it. */
export function isHubName(id: string): boolean {
  return hubName.test(id) && !id.includes("--") && !id.includes("..") && !id.endsWith(".git");
}

const word = String.raw`\w(?:[\w.-]{0,94}\w)?`;
const hubName = new RegExp(`^(?:${word}/)?${word}$`);

/** Whether this can be a branch, a tag, a pull request (`refs/pr/1`) or a commit. */
export function isRevision(revision: string): boolean {
  return revision.length <= 250 && /^\w[\w+=.-]*(?:\/\w[\w+=.-]*)*$/.test(revision) && !revision.includes("..");
}

/** A commit in full; anything else is a name that `refs/` may know. */
export function isCommit(revision: string): boolean {
  return /^[0-9a-f]{40}$/.test(revision);
}
