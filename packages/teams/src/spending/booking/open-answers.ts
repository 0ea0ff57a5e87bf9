import { randomUUID } from "node:crypto";

import type { Account } from "../budgets/account.ts";
import type { Answered, Payer } from "../spending.ts";
import type { Nanodollars } from "../../money.ts";

/** An answer and the accounts that pay it. */
export interface Entry {
  readonly answered: Answered;
  readonly accounts: readonly Account[];
  /** What the accounts pay. */
  readonly cost: Nanodollars;
}

/** An entry that has the id under which it is booked. */
export interface BookedEntry extends Entry {
  readonly requestId: string;
}

const numbersOfEach = 10;
/** Answers for which there is room at first. */
const firstRoom = 32;

/**
 * Answers until they are booked, by columns; they are read as what they were. Thousands of objects that live for a third of a second would
 * be copied by each collection of garbage, which costs a request more than the rest of its booking.
 */
export class OpenAnswers implements Iterable<BookedEntry> {
  readonly #payers: Payer[] = [];
  readonly #accounts: (readonly Account[])[] = [];
  readonly #requestIds: (string | undefined)[] = [];
  readonly #callIds: string[] = [];
  readonly #models: string[] = [];
  readonly #deployments: (string | null)[] = [];
  readonly #providers: (string | null)[] = [];
  #numbers = new Float64Array(firstRoom * numbersOfEach);
  readonly #most: number;

  /** @param most answers that there will be */
  constructor(most: number) {
    this.#most = most;
  }

  get length(): number {
    return this.#payers.length;
  }

  get isFull(): boolean {
    return this.#payers.length === this.#most;
  }

  /** To be called while it is not full. */
  add({ answered, accounts, cost: paid }: Entry): void {
    let place = this.#payers.length * numbersOfEach;
    if (place === this.#numbers.length) this.#grow();
    const numbers = this.#numbers;
    this.#payers.push(answered.payer);
    this.#accounts.push(accounts);
    this.#requestIds.push(answered.request_id);
    this.#callIds.push(answered.call_id);
    this.#models.push(answered.model);
    this.#deployments.push(answered.deployment);
    this.#providers.push(answered.provider);
    numbers[place++] = answered.at;
    numbers[place++] = answered.status;
    numbers[place++] = answered.cost ?? Number.NaN;
    numbers[place++] = answered.saved_cost ?? Number.NaN;
    numbers[place++] = answered.documents;
    numbers[place++] = answered.tokens;
    numbers[place++] = answered.cache_hits;
    numbers[place++] = answered.milliseconds;
    numbers[place++] = paid;
    numbers[place] = answered.request_id === undefined ? made++ : Number.NaN;
  }

  /** Batches that wait for a database that is away may be many, and small. */
  #grow(): void {
    const grown = new Float64Array(this.#numbers.length * 2);
    grown.set(this.#numbers);
    this.#numbers = grown;
  }

  *[Symbol.iterator](): Iterator<BookedEntry> {
    for (let position = 0; position < this.#payers.length; position++) yield this.#at(position);
  }

  #at(position: number): BookedEntry {
    const payer = this.#payers[position];
    const accounts = this.#accounts[position];
    const callId = this.#callIds[position];
    const model = this.#models[position];
    if (payer === undefined || accounts === undefined || callId === undefined || model === undefined)
      throw new RangeError("there are fewer answers");
    const first = position * numbersOfEach;
    const number = (place: number): number => this.#numbers[first + place] ?? Number.NaN;
    return {
      answered: {
        payer,
        call_id: callId,
        model,
        deployment: this.#deployments[position] ?? null,
        provider: this.#providers[position] ?? null,
        at: number(0),
        status: number(1),
        cost: numberOrNull(number(2)),
        saved_cost: numberOrNull(number(3)),
        documents: number(4),
        tokens: number(5),
        cache_hits: number(6),
        milliseconds: number(7),
      },
      accounts,
      cost: number(8),
      requestId: this.#requestIds[position] ?? idOf(number(9)),
    };
  }
}

function numberOrNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

const idsOfProcess = randomUUID().slice(0, 24);
let made = 0;

/** Ids of one process follow each other, so that an index gets new ones at one place: at random ones it is written all over. */
function idOf(number: number): string {
  return `${idsOfProcess}${number.toString(16).padStart(12, "0")}`;
}
