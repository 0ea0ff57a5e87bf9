import type { DeploymentAllowance } from "@dheera-ai/core";

import type { Heard, Told } from "./permits-script.ts";
import { aloneAfterMs, leaseMs } from "./times.ts";

type EndedCall = Parameters<DeploymentAllowance["succeeded"]>[0];

/** What is in flight and what waits at a deployment. */
export interface Load {
  readonly documentsInFlight: number;
  readonly callsInFlight: number;
  readonly documentsQueued: number;
  /** Of what is in flight that in the background, and what waits there, which is not counted above. */
  readonly background?: { readonly documentsInFlight: number; readonly documentsQueued: number } | undefined;
}

export interface SharedAllowanceOptions {
  /** What this process would allow itself alone, which learns from calls only while it is. */
  readonly alone: DeploymentAllowance;
  readonly load: () => Load;
  /** Of how many equal parts `setLimit` gets one: the workers of this proxy, which are members each. */
  readonly workers: number;
  /** Documents began to wait, the server refused some, or its limit is another: others should hear of it soon. */
  readonly onUrgent: () => void;
}

/** The share of a limit that a member takes before it has heard how many there are. */
export const firstShare = 1 / 8;
/** What is left after a refusal until all have heard of it. */
const decrease = 0.5;
/** Full allowances that succeed for each document more than an even part, while nobody can say whether others need it. */
const roundsBeyondEven = 40;

/**
 * How many documents a deployment may have in flight at a server that other processes use too: the part that was lent to
 * it. Between two beats it only counts what happens. When Redis is away it decides alone: it keeps its last part, or an even
 * one where that is more. Beyond an even one it grows so slowly that what it costs others stays far below one call in a
 * hundred, and a refusal takes it back there; refusals of less it heeds as a single process does.
 */
export class SharedAllowance implements DeploymentAllowance {
  readonly #options: SharedAllowanceOptions;
  /** What the server takes in all, as this process knows it. */
  #limit = Infinity;
  #mode: "joining" | "shared" | "alone" = "joining";
  /** By `performance.now()`: until when others may still have to make room for it; undefined before it has heard of them. */
  #newUntil: number | undefined;
  /** The part; while it decides alone the most that it may have grown to. */
  #part = Infinity;
  #heard: Pick<Heard, "epoch" | "lowerings" | "isLowered" | "members" | "target"> | undefined;
  /** What the server's last refusal leaves, until an answer of Redis takes account of it. */
  #cut = Infinity;
  #cutAt = -Infinity;
  /** When what was answered last was told. */
  #heardAt = -Infinity;
  /** When the last lowering was heard of. */
  #loweredAt = -Infinity;
  #counts = nothingCounted();
  /** Told, and not answered yet. */
  #unheard = nothingCounted();
  /** Whether documents waited before it told last; undefined before it was used. */
  #toldOfWaiting: boolean | undefined;

  constructor(options: SharedAllowanceOptions) {
    this.#options = options;
  }

  get documents(): number {
    this.#observeLoad();
    return this.#documents;
  }

  get documentsPerCall(): number {
    const { alone } = this.#options;
    if (this.#mode === "alone") return Math.min(alone.documentsPerCall, this.#documents);
    const documents = this.#documents;
    const isContested = this.#heard?.isLowered === true && this.#heard.lowerings > 0;
    return isContested ? Math.ceil(documents / 2) : documents;
  }

  setLimit(documents: number): void {
    const { alone, workers, onUrgent } = this.#options;
    alone.setLimit(documents);
    const limit = documents * workers;
    if (limit === this.#limit) return;
    if (this.#mode === "alone" && this.#part >= this.#limit) this.#part = limit;
    this.#limit = limit;
    onUrgent();
  }

  succeeded(call: EndedCall): void {
    const isFull = call.inFlight + call.documents > this.#documents;
    this.#counts.peak = Math.max(this.#counts.peak, call.inFlight);
    if (this.#mode !== "alone") {
      if (isFull) this.#counts.succeeded += call.documents;
      return;
    }
    const share = Math.min(1, call.documents / this.#part) / (this.#part < this.#evenPart ? 1 : roundsBeyondEven);
    if (isFull) this.#part = Math.min(this.#limit, this.#part + share);
    this.#options.alone.succeeded(call);
  }

  refused(call: EndedCall, why: "overload" | "rate", now: number = performance.now()): void {
    if (this.#mode === "alone") return this.#refusedAlone(call, why, now);
    const counts = this.#counts;
    const least = why === "rate" ? call.documents : 1;
    counts.refused += call.documents;
    counts.peak = Math.max(counts.peak, call.inFlight);
    counts.least = Math.max(counts.least, least);
    if (call.startedAt < Math.max(this.#cutAt, this.#loweredAt)) return;
    counts.lowers = true;
    const before = Math.min(this.#documents, Math.max(call.inFlight, 1));
    this.#cut = Math.max(least, Math.floor(before * decrease));
    this.#cutAt = now;
    this.#options.onUrgent();
  }

  #refusedAlone(call: EndedCall, why: "overload" | "rate", now: number): void {
    if (call.startedAt < this.#cutAt) return;
    const [evenPart, least] = [this.#evenPart, why === "rate" ? call.documents : 1];
    if (this.#part <= evenPart) return this.#options.alone.refused(call, why, now);
    this.#part = Math.max(evenPart, least);
    this.#cutAt = now;
  }

  /** What it tells in a beat, which counts anew afterwards. */
  tell(): Omit<Told, "leaving" | "cooled" | "recovered" | "failed" | "asked"> {
    this.#observeLoad();
    const { documentsInFlight } = this.#options.load();
    const documents = this.#documents;
    const { peak, want, spare, hasWaited, succeeded, refused, lowers, least } = this.#counts;
    this.#unheard = this.#counts;
    this.#counts = nothingCounted();
    this.#toldOfWaiting = hasWaited;
    return {
      epoch: this.#heard?.epoch ?? 0,
      limit: this.#limit === Infinity ? -1 : this.#limit,
      held: documents === Infinity ? -1 : Math.floor(documents),
      flight: documentsInFlight,
      peak: Math.max(peak, documentsInFlight),
      want,
      spare,
      succeeded,
      refused,
      lowers: lowers ? 1 : 0,
      least,
    };
  }

  /** @param toldAt when what it answers to was told, by the clock of `performance.now()` */
  hear(heard: Heard, toldAt: number): void {
    if (heard.lowerings > (this.#heard?.lowerings ?? 0)) this.#loweredAt = performance.now();
    if (this.#cutAt < toldAt) this.#cut = Infinity;
    this.#heard = heard;
    this.#heardAt = toldAt;
    this.#mode = "shared";
    this.#part = Math.max(heard.part ?? Infinity, this.#partOfNewcomer(heard));
  }

  /**
   * Others make room for a newcomer in their next beats. Until then it takes no less than before it heard of them: calls of single documents
   * would cost its callers more where each call has a price.
   */
  #partOfNewcomer({ part, target }: Heard): number {
    // There is no limit yet, and nothing to make room in.
    if (part === undefined) return 0;
    const now = performance.now();
    this.#newUntil ??= now + aloneAfterMs;
    const first = Math.min(target, Math.floor(this.#limit * firstShare));
    if (part >= first) this.#newUntil = now;
    return now < this.#newUntil ? first : 0;
  }

  /** Refusals that were told last are told again: nobody may have heard of them. */
  heardNothing(): void {
    const { refused, lowers, least } = this.#unheard;
    this.#unheard = nothingCounted();
    const counts = this.#counts;
    counts.refused += refused;
    counts.lowers ||= lowers;
    counts.least = Math.max(counts.least, least);
  }

  /** Nothing was heard for too long. */
  decideAlone(): void {
    if (this.#mode === "alone") return;
    this.#part = this.#mode === "joining" ? this.#limit : Math.max(this.#part, this.#evenPart);
    this.#mode = "alone";
    this.#cut = Infinity;
    this.#counts = nothingCounted();
  }

  /** Whether others are to give back what it would get. */
  get isOwed(): boolean {
    return (
      this.#mode === "shared" && (this.#heard?.target ?? 0) > this.#part && this.#options.load().documentsQueued > 0
    );
  }

  /** Of as many as there were when it heard of others last. */
  get #evenPart(): number {
    return Math.max(1, Math.floor(this.#limit / (this.#heard?.members ?? 1)));
  }

  get #documents(): number {
    if (this.#mode === "alone") return Math.min(this.#part, this.#options.alone.documents);
    const part =
      this.#mode === "shared" || this.#limit === Infinity
        ? this.#part
        : Math.max(1, Math.floor(this.#limit * firstShare));
    const documents = Math.min(part, this.#cut, this.#limit);
    if (this.#mode === "joining" || performance.now() - this.#heardAt < leaseMs) return documents;
    // This process stood still, and others may have its part: the next beat, which is due, says so.
    return Math.max(1, Math.min(documents, this.#options.load().documentsInFlight));
  }

  #observeLoad(): void {
    const { documentsInFlight, documentsQueued, background = nothing } = this.#options.load();
    const want = documentsInFlight - background.documentsInFlight + documentsQueued;
    const spare = background.documentsInFlight + background.documentsQueued;
    const counts = this.#counts;
    counts.peak = Math.max(counts.peak, documentsInFlight);
    counts.want = Math.max(counts.want, want);
    counts.spare = Math.max(counts.spare, spare);
    const isFirstUse = this.#toldOfWaiting === undefined;
    if (isFirstUse) this.#toldOfWaiting = false;
    // Only the first that waits is news: who is always busy beats as often as any.
    const isFirstToWait = documentsQueued > 0 && !counts.hasWaited && !this.#toldOfWaiting;
    counts.hasWaited ||= documentsQueued > 0;
    if (isFirstUse || isFirstToWait) this.#options.onUrgent();
  }
}

const nothing = { documentsInFlight: 0, documentsQueued: 0 };

/** What happened since the last beat. */
function nothingCounted() {
  return { peak: 0, want: 0, spare: 0, hasWaited: false, succeeded: 0, refused: 0, lowers: false, least: 1 };
}
