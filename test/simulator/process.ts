import { Warmth } from "./engine/cold-start.ts";
import { Engine } from "./engine/engine.ts";
import type { Fault, Script } from "./faults/faults.ts";
import { type Settings, type SimulatorOptions, completeOptions } from "./options.ts";
import { Permits } from "./engine/permits.ts";
import { SimulatorStats } from "./stats.ts";

/** What lives in the memory of the simulated server. */
export class Process {
  settings: Settings;
  readonly engine: Engine;
  readonly permits: Permits;
  readonly warmth: Warmth;
  readonly stats: SimulatorStats;
  script: Script | undefined;
  alive = true;
  /** Requests so far, by path. */
  readonly #numbers = new Map<string, number>();

  constructor(options: SimulatorOptions) {
    this.settings = completeOptions(options);
    this.engine = new Engine(this.settings);
    this.permits = new Permits(this.settings.maxConcurrentRequests);
    this.warmth = new Warmth(options.coldStart, this.settings.modelId);
    this.stats = new SimulatorStats(this.engine, this.permits);
    this.script = options.script;
  }

  /** What goes wrong with the next request to this path. */
  nextFault(path: string, findTexts: () => readonly string[]): Fault | undefined {
    const number = (this.#numbers.get(path) ?? 0) + 1;
    this.#numbers.set(path, number);
    const texts = findTexts();
    this.stats.documents += texts.length;
    const fault = this.script?.({ path, number, texts });
    if (fault !== undefined) this.stats.faults += 1;
    return fault;
  }

  /** Started again with other options; its speed stays. */
  changeSettings(changes: Partial<Settings>): void {
    this.settings = { ...this.settings, ...changes };
    this.permits.most = this.settings.maxConcurrentRequests;
  }

  die(): void {
    this.alive = false;
    this.engine.clear();
    this.warmth.coolDown();
  }
}
