import { describe, expect, it } from "vitest";

import { redisSettings } from "./redis-settings.ts";

describe("redisSettings", () => {
  it("defaults to a Redis on this machine", () => {
    expect(redisSettings({})).toEqual({
      host: "127.0.0.1",
      port: 6379,
      username: undefined,
      password: undefined,
      db: 0,
      tls: false,
    });
  });

  it("reads every part of a URL", () => {
    expect(redisSettings({ url: "rediss://us%40er:p%3Ass@cache.example:6380/3" })).toEqual({
      host: "cache.example",
      port: 6380,
      username: "us@er",
      password: "p:ss",
      db: 3,
      tls: true,
    });
    expect(redisSettings({ url: "redis://:secret@[::1]" })).toMatchObject({
      host: "::1",
      port: 6379,
      username: undefined,
      password: "secret",
      tls: false,
    });
  });

  it("lets fields win over the parts of the URL", () => {
    const given = { host: "other", port: 1, username: "u", password: "p", db: 0, tls: false };
    expect(redisSettings({ url: "rediss://a:b@cache.example:6380/3", ...given })).toEqual(given);
  });

  it.each([
    "cache.example:6379",
    "http://cache.example",
    "redis://:sec#ret@cache:99999",
    "redis://cache/one",
    "redis://:%E0%A4%A@cache",
  ])("refuses what is no URL of Redis without quoting it: %s", (url) => {
    expect(() => redisSettings({ url })).toThrow(TypeError);
    expect(() => redisSettings({ url })).toThrow(/^the url of Redis cannot be read; write redis:\/\/host:port\/db/);
  });
});
