import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Scorer, ScoreResult } from "../contract.ts";
import { pointwise } from "../fixtures/scripted-provider.ts";
import { Latency } from "./health.ts";
import { Silence } from "./silence.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A deployment whose last calls had 4 documents and took 50 ms each. */
function silenceOf({ calls = 20, score = never }: { calls?: number; score?: Scorer["score"] } = {}): Silence {
  const latency = new Latency();
  for (let call = 0; call < calls; call++) latency.add(50, 4);
  return new Silence(latency, { profile: () => pointwise, score });
}

const never = (): Promise<ScoreResult> => new Promise(() => {});

describe("Silence", () => {
  it("begins when nothing was answered for four times as long as 99 of 100 calls take", async () => {
    const silence = silenceOf();
    const onSilent = vi.fn();
    silence.begin(4, onSilent);
    await vi.advanceTimersByTimeAsync(195);
    expect(silence.isSilent).toBe(false);
    silence.begin(4, onSilent);
    await vi.advanceTimersByTimeAsync(10);
    expect(silence.isSilent).toBe(true);
    expect(onSilent.mock.calls).toEqual([[true], [false]]);
  });

  it("never begins at a slow server that ends one call after the other", async () => {
    const silence = silenceOf();
    const onSilent = vi.fn();
    silence.begin(4, onSilent);
    for (let call = 0; call < 100; call++) {
      const other = silence.begin(4, onSilent);
      await vi.advanceTimersByTimeAsync(150);
      silence.end(other, true);
    }
    expect(onSilent).not.toHaveBeenCalled();
  });

  it("gives a batch longer that is larger than usual", async () => {
    const silence = silenceOf();
    silence.begin(32, () => {});
    await vi.advanceTimersByTimeAsync(8 * 200 - 10);
    expect(silence.isSilent).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    expect(silence.isSilent).toBe(true);
  });

  it("gives a server that nothing is known of five seconds, because its first calls may take long", async () => {
    const silence = silenceOf({ calls: 2 });
    silence.begin(4, () => {});
    await vi.advanceTimersByTimeAsync(4_990);
    expect(silence.isSilent).toBe(false);
    await vi.advanceTimersByTimeAsync(20);
    expect(silence.isSilent).toBe(true);
  });

  it("does not take a pause of this process for silence: what arrived meanwhile is read first", async () => {
    const silence = silenceOf();
    const call = silence.begin(4, () => {});
    await vi.advanceTimersByTimeAsync(200);
    expect(silence.isSilent).toBe(false);
    silence.end(call, true);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(silence.isSilent).toBe(false);
  });

  it("ends with any answer: of a call, of the probe in the background, or an error", async () => {
    const silence = silenceOf();
    const call = silence.begin(4, () => {});
    await vi.advanceTimersByTimeAsync(300);
    expect(silence.isSilent).toBe(true);
    silence.end(call, true);
    expect(silence.isSilent).toBe(false);

    const refuse = (): never => {
      throw new Error("connection refused");
    };
    for (const answer of [() => ({ scores: [] }), refuse]) {
      const probed = silenceOf({
        score: async () => {
          await new Promise((resolve) => setTimeout(resolve, 700));
          return answer();
        },
      });
      const given = probed.begin(4, () => {});
      await vi.advanceTimersByTimeAsync(300);
      probed.end(given, false);
      expect(probed.isSilent).toBe(true);
      await vi.advanceTimersByTimeAsync(700);
      expect(probed.isSilent).toBe(false);
    }
  });

  it("probes with one call at a time, which may take longer each time", async () => {
    let running = 0;
    let most = 0;
    const signals: AbortSignal[] = [];
    const silence = silenceOf({
      score: ({ signal }) => {
        most = Math.max(most, ++running);
        signals.push(signal);
        return new Promise((_, reject) => signal.addEventListener("abort", () => (running--, reject(signal.reason))));
      },
    });
    silence.end(
      silence.begin(4, () => {}),
      false,
    );
    silence.begin(4, () => {});
    await vi.advanceTimersByTimeAsync(300);
    expect(signals).toHaveLength(1);
    silence.close();
    expect(signals[0]?.aborted).toBe(true);
    expect(most).toBe(1);
  });
});
