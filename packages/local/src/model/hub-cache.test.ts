import { homedir } from "node:os";
import { join, resolve } from "node:path";

import { describe, expect, it } from "vitest";

import { hubCacheFolder, isHubName, isRevision, repositoryFolder } from "./hub-cache.ts";

const home = { [process.platform === "win32" ? "USERPROFILE" : "HOME"]: "/home/me" };

describe("the folder of the cache", () => {
  it.each([
    [{ HF_HUB_CACHE: "/models", HF_HOME: "/hf", XDG_CACHE_HOME: "/xdg" }, "/models"],
    [{ HUGGINGFACE_HUB_CACHE: "/older", HF_HOME: "/hf" }, "/older"],
    [{ HF_HOME: "/hf", XDG_CACHE_HOME: "/xdg" }, "/hf/hub"],
    [{ XDG_CACHE_HOME: "/xdg" }, "/xdg/huggingface/hub"],
    [{}, "/home/me/.cache/huggingface/hub"],
    [{ HF_HUB_CACHE: "", HF_HOME: "", XDG_CACHE_HOME: "" }, "/home/me/.cache/huggingface/hub"],
    [{ HF_HOME: "~/hf" }, "/home/me/hf/hub"],
    [{ HF_HUB_CACHE: "~" }, "/home/me"],
    [{ HF_HUB_CACHE: "~other/models" }, resolve("~other/models")],
    [{ HF_HUB_CACHE: "$DISK/models", DISK: "/disk" }, "/disk/models"],
    [{ HF_HUB_CACHE: "${DISK}/$NOTHING", DISK: "/disk" }, "/disk/$NOTHING"],
    [{ HF_HUB_CACHE: "models" }, resolve("models")],
  ])("of %j is %s, as huggingface_hub finds it", (variables, folder) => {
    expect(hubCacheFolder({ ...home, ...variables })).toBe(resolve(folder));
  });

  it("is in the home of the user where no variable names that", () => {
    expect(hubCacheFolder({})).toBe(join(homedir(), ".cache", "huggingface", "hub"));
  });
});

it("has a folder for each model, without folders in it", () => {
  expect(repositoryFolder("/hub", "BAAI/bge-reranker-base")).toBe(join("/hub", "models--BAAI--bge-reranker-base"));
  expect(repositoryFolder("/hub", "gpt2")).toBe(join("/hub", "models--gpt2"));
});

it("tells names of models on the Hub from others", () => {
  for (const name of ["a/b", "gpt2", "BAAI/bge-reranker-v2-m3", "Foo-BAR_foo.bar123", "a".repeat(96)])
    expect([name, isHubName(name)]).toEqual([name, true]);
  for (const name of ["", "a/b/c", "/a", "a/", ".a/b", "a/-b", "a--b", "a..b", "a.git", "a b", "é/b", "a".repeat(97)])
    expect([name, isHubName(name)]).toEqual([name, false]);
});

it("tells revisions from paths that lead elsewhere", () => {
  for (const name of ["main", "v1.0", "refs/pr/1", "feature/x-y", "a+b", "0123456"])
    expect([name, isRevision(name)]).toEqual([name, true]);
  for (const name of [
    "",
    "..",
    "a/../b",
    "/a",
    "a/",
    "a//b",
    ".a",
    "a/.b",
    "a\\b",
    "a b",
    "a\0",
    "a:b",
    "x".repeat(251),
  ])
    expect([name, isRevision(name)]).toEqual([name, false]);
});
