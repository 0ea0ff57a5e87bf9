import { describe, expect, it } from "vitest";

import type { DeploymentHealth } from "@dheera-ai/core";

import { SharedHealth } from "./shared-health.ts";

describe("SharedHealth", () => {
  it("is closed as long as others say so", () => {
    const { health } = start();
    expect(health.isOpen()).toBe(true);
    health.hear({ epoch: 1, closedFor: 60_000, probes: false });
    expect(health.isOpen()).toBe(false);
    expect(health.coolingFor()).toBeGreaterThan(0);
    health.hear({ epoch: 1, closedFor: 0, probes: false });
    expect(health.isOpen()).toBe(true);
    expect(health.coolingFor()).toBe(0);
  });

  it("opens by itself when nothing more is heard", () => {
    const { health } = start();
    health.hear({ epoch: 1, closedFor: 60_000, probes: false });
    health.decideAlone();
    expect(health.isOpen(performance.now() + 60_001)).toBe(true);
  });

  it("lets one call probe where it is this member's turn, and tells what came of it", () => {
    const { health } = start();
    health.hear({ epoch: 1, closedFor: 0, probes: true });
    expect(health.isOpen()).toBe(true);
    health.began();
    expect(health.isOpen()).toBe(false);
    health.ended();
    expect(health.isOpen()).toBe(true);
    health.began();
    health.failed("provider_unreachable");
    expect(health.tell()).toMatchObject({ failed: 1, recovered: 0 });
    health.hear({ epoch: 1, closedFor: 0, probes: true });
    health.began();
    expect(health.succeeded()).toBe(true);
    expect(health.tell()).toMatchObject({ failed: 0, recovered: 1 });
    expect(health.isOpen()).toBe(true);
  });

  it("tells a cooldown of its own once, and not one that it heard of", () => {
    const { health } = start(5);
    health.failed("provider_failed");
    const { cooled } = health.tell();
    expect(cooled).toBeGreaterThan(0);
    expect(cooled).toBeLessThanOrEqual(5_000);
    expect(health.tell().cooled).toBe(0);
    health.hear({ epoch: 1, closedFor: 4_000, probes: false });
    expect(health.tell().cooled).toBe(0);
  });

  it("ends its own cooldown when a call of another process succeeded, not when Redis forgot it", () => {
    const cooling = start(5);
    cooling.health.failed("provider_failed");
    cooling.health.tell();
    cooling.health.hear({ epoch: 1, closedFor: 5_000, probes: false });
    cooling.health.hear({ epoch: 2, closedFor: 0, probes: false });
    expect(cooling.health.isOpen()).toBe(false);
    cooling.health.hear({ epoch: 2, closedFor: 5_000, probes: false });
    cooling.health.hear({ epoch: 2, closedFor: 0, probes: false });
    expect(cooling.health.isOpen()).toBe(true);
  });

  it("tells again what nobody heard, unless something happened since", () => {
    const { health } = start(5);
    health.failed("provider_failed");
    health.tell();
    health.heardNothing();
    expect(health.tell().cooled).toBeGreaterThan(0);
    health.succeeded();
    health.heardNothing();
    expect(health.tell()).toMatchObject({ cooled: 0, recovered: 1 });
  });

  it("believes what happened since it told more than the answer", () => {
    const { health } = start();
    health.hear({ epoch: 1, closedFor: 60_000, probes: false });
    health.succeeded();
    health.hear({ epoch: 1, closedFor: 60_000, probes: false });
    expect(health.isOpen()).toBe(true);
  });

  it("says whether anybody asked", () => {
    const { health } = start();
    expect(health.tell().asked).toBe(0);
    health.isOpen();
    expect(health.tell().asked).toBe(1);
    expect(health.tell().asked).toBe(0);
  });
});

/** @param seconds of the cooldown that a failure begins */
function start(seconds = 0) {
  let isCooling = false;
  const own: DeploymentHealth = {
    lastError: undefined,
    isOpen: () => !isCooling,
    coolingFor: () => (isCooling ? seconds * 1_000 : 0),
    began: () => {},
    ended: () => {},
    succeeded() {
      const was = isCooling;
      isCooling = false;
      return was;
    },
    failed() {
      isCooling = seconds > 0;
      return seconds;
    },
  };
  return { health: new SharedHealth(own, () => {}) };
}
