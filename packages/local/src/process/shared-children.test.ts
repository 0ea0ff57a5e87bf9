import { describe, expect, it } from "vitest";

import type { Children } from "./children.ts";
import { SharedChildren } from "./shared-children.ts";
import { type ScriptedChildren, scriptedChildren } from "./testing/scripted-children.ts";

const place = "a model with these settings";

describe("children that scorers share", () => {
  it("are made once for the same model and settings, and closed with the last scorer", async () => {
    const { shared, make, made, close } = share();
    const [one, other] = [shared.connect(place), shared.connect(place)];
    const children = one.take("key", await make());
    expect(other.take("key", await make())).toBe(children);
    expect(made).toHaveLength(1);
    await children.start();
    await one.release();
    expect(children.pids).toHaveLength(1);
    await other.release();
    expect(children.pids).toEqual([]);
    await close();
  });

  it("are not shared with other settings", async () => {
    const { shared, make, close } = share();
    const [one, other] = [shared.connect(place), shared.connect("other settings")];
    expect(one.take("key", await make())).not.toBe(other.take("key", await make()));
    await close();
  });

  it("outlive a reload that changes nothing: the new scorer is there before the old one goes", async () => {
    const { shared, make, made, close } = share();
    const old = shared.connect(place);
    const children = old.take("key", await make());
    await children.start();
    const [pid] = children.pids;
    const next = shared.connect(place);
    await old.release();
    expect(next.take("key", await make())).toBe(children);
    expect(made).toHaveLength(1);
    expect(children.pids).toEqual([pid]);
    await next.release();
    await close();
  });

  it("end when the model is another one after a reload", async () => {
    const { shared, make, close } = share();
    const old = shared.connect(place);
    const children = old.take("before", await make());
    await children.start();
    const next = shared.connect(place);
    await old.release();
    const others = next.take("after", await make());
    expect(others).not.toBe(children);
    await expect.poll(() => children.pids).toEqual([]);
    await next.release();
    await close();
  });

  it("end with a scorer that was connected and never asked for anything", async () => {
    const { shared, make, close } = share();
    const [used, unused] = [shared.connect(place), shared.connect(place)];
    const children = used.take("key", await make());
    await children.start();
    await used.release();
    expect(children.pids).toHaveLength(1);
    await unused.release();
    expect(children.pids).toEqual([]);
    await close();
  });
});

/** What is not made in the end is closed all the same. */
function share() {
  const prepared: ScriptedChildren[] = [];
  const made: Children[] = [];
  return {
    shared: new SharedChildren(),
    made,
    make: async (): Promise<() => Children> => {
      const scripted = await scriptedChildren();
      prepared.push(scripted);
      return () => {
        made.push(scripted.children);
        return scripted.children;
      };
    },
    close: () => Promise.all(prepared.map((scripted) => scripted[Symbol.asyncDispose]())),
  };
}
