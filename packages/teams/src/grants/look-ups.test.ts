import { DheeraError } from "@dheera-ai/core";
import { expect, it } from "vitest";

import { LookUps } from "./look-ups.ts";

it("asks for what came together in one query, and once for each question", async () => {
  const asked: (readonly string[])[] = [];
  const lookUps = new LookUps(async (questions) => {
    asked.push(questions);
    return (question) => question.toUpperCase();
  });
  expect(await Promise.all(["a", "b", "a"].map((question) => lookUps.find(question)))).toEqual(["A", "B", "A"]);
  expect(asked).toEqual([["a", "b"]]);
});

it("runs one query at a time, of bounded size, and refuses who comes when too many wait", async () => {
  let running = 0;
  const sizes: number[] = [];
  const { promise: mayAnswer, resolve: answer } = Promise.withResolvers<void>();
  const lookUps = new LookUps(async (questions) => {
    expect(++running).toBe(1);
    sizes.push(questions.length);
    await mayAnswer;
    running--;
    return (question) => question;
  });
  const first = lookUps.find("first");
  await expect.poll(() => sizes).toEqual([1]);
  const waiting = Array.from({ length: 1_000 }, (_, number) => lookUps.find(String(number)));
  await expect(lookUps.find("one too many")).rejects.toMatchObject({ code: "rate_limited", retryAfter: 1 });
  answer();
  expect(await first).toBe("first");
  expect(await Promise.all(waiting)).toHaveLength(1_000);
  expect(sizes).toEqual([1, 200, 200, 200, 200, 200]);
});

it("tells all who wait that the database is away, and asks again for who comes later", async () => {
  let attempts = 0;
  const lookUps = new LookUps(async () => {
    if (++attempts === 1) throw new DheeraError("unavailable", "away");
    return () => "answer";
  });
  const both = await Promise.allSettled([lookUps.find("a"), lookUps.find("b")]);
  expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await lookUps.find("a")).toBe("answer");
});

it("finds what fails a query among all who wait, and answers the others with few queries more", async () => {
  let queries = 0;
  const lookUps = new LookUps(async (questions) => {
    queries++;
    if (questions.includes("bad")) throw new Error("a statement is wrong");
    return (question) => question.toUpperCase();
  });
  const names = [...Array.from({ length: 199 }, (_, number) => `k${number}`), "bad"];
  const [first, ...others] = await Promise.allSettled(names.toReversed().map((name) => lookUps.find(name)));
  expect(first).toMatchObject({ status: "rejected", reason: { message: "a statement is wrong" } });
  expect(others).toHaveLength(199);
  expect(others.every(({ status }) => status === "fulfilled")).toBe(true);
  expect(queries).toBeLessThan(20);
});

it("asks for no part of a query again once the database is away", async () => {
  let queries = 0;
  const lookUps = new LookUps(async () => {
    if (++queries === 1) throw new Error("a statement is wrong");
    throw new DheeraError("unavailable", "away");
  });
  const all = await Promise.allSettled(["a", "b", "c", "d"].map((name) => lookUps.find(name)));
  expect(all.map(({ status }) => status)).toEqual(Array.from({ length: 4 }, () => "rejected"));
  expect(queries).toBe(2);
});

it("goes on after an answer that cannot be read", async () => {
  const lookUps = new LookUps(async () => (question) => {
    if (question === "bad") throw new Error("unreadable");
    return question;
  });
  const both = await Promise.allSettled([lookUps.find("bad"), lookUps.find("good")]);
  expect(both).toMatchObject([{ status: "rejected" }, { status: "fulfilled", value: "good" }]);
  expect(await lookUps.find("good")).toBe("good");
});
