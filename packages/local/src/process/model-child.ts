import { type ChildProcess, fork } from "node:child_process";
import { Socket } from "node:net";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

import type { DoneMessage, FromChild, LoadMessage, ScoreMessage, ScoresMessage, ToChild } from "./protocol.ts";

export interface ChildOptions {
  /** The program of the child. */
  readonly program: URL;
  /** All that it gets of the environment. */
  readonly environment: Readonly<Record<string, string>>;
  readonly load: LoadMessage;
  /** Milliseconds without a word after which a child that was told to stop a request counts as hung. */
  readonly patienceMs: number;
}

/** The child process has ended, by itself or because it was ended. */
export class ChildEnded extends Error {
  override readonly name = "ChildEnded";
  /** `SIGKILL`, or `code 1`, or why it could not be started. For messages. */
  readonly how: string;

  /** @param lastWords What it wrote while it loaded, when it knew no document yet. For logs. */
  constructor(how: string, lastWords: string = "") {
    super(`the child process ended (${how})`, lastWords === "" ? undefined : { cause: new Error(lastWords) });
    this.how = how;
  }
}

/** The model cannot be used: the child says why. */
export class LoadFailed extends Error {
  override readonly name = "LoadFailed";
}

/** A request that the child cannot serve. */
export class ChildRefused extends Error {
  override readonly name = "ChildRefused";
  readonly reason: "too-long" | "failed";

  constructor(reason: "too-long" | "failed", message: string) {
    super(message);
    this.reason = reason;
  }
}

/** One child process with one model, from its start to its end. */
export class ModelChild {
  /** Resolves when the model serves. @throws LoadFailed, ChildEnded */
  readonly ready: Promise<void>;
  /** Resolves when the process is gone and everything that it sent has been read. */
  readonly ended: Promise<ChildEnded>;
  isReady = false;
  hasServed = false;
  /** Whether this process ended it. */
  wasEnded = false;
  /** Why, where it was its own fault: it let go of nothing, or took too much memory. */
  endedFor: "hung" | "memory_limit" | undefined;
  /** Bytes, as it last said. */
  memory = 0;
  readonly #process: ChildProcess;
  readonly #patienceMs: number;
  readonly #requests = new Map<number, Request>();
  #nextId = 0;
  /** Milliseconds of the monotonic clock. */
  #heardAt = 0;
  #watch: ReturnType<typeof setTimeout> | undefined;
  #holds = 0;

  readonly #onFree: () => void;

  /** @param onFree Called whenever it has nothing to do any more. */
  constructor({ program, environment, load, patienceMs }: ChildOptions, onFree: () => void) {
    this.#patienceMs = patienceMs;
    this.#onFree = onFree;
    const path = fileURLToPath(program);
    this.#process = fork(path, [], {
      // Neither a debugger's port nor a condition of this process is meant for the child.
      execArgv: [],
      env: { ...environment },
      // Bun reads `.env` of the folder that it starts in.
      cwd: dirname(path),
      serialization: "advanced",
      // Under Bun a pipe would keep this process alive.
      stdio: ["ignore", "ignore", "bun" in process.versions ? "ignore" : "pipe", "ipc"],
      // In a group of its own, so that Ctrl+C in a terminal does not end it before this process has served its requests.
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    living.add(this.#process);
    const loaded = Promise.withResolvers<void>();
    this.ready = loaded.promise;
    this.ended = whenGone(this.#process, () => this.hasServed).then((ended) => {
      living.delete(this.#process);
      clearTimeout(this.#watch);
      this.isReady = false;
      loaded.reject(ended);
      const requests = [...this.#requests.values()];
      this.#requests.clear();
      for (const request of requests) request.reject(ended);
      return ended;
    });
    // Whoever waits for it handles it; nobody may.
    this.ready.catch(() => {});
    this.#process.on("message", (message: FromChild) => {
      this.#heardAt = performance.now();
      // It may have said so before it noticed that it is being ended.
      if (message.type === "ready" && this.wasEnded) return;
      if (message.type === "ready") {
        this.isReady = true;
        this.hasServed = true;
        this.memory = message.memory;
        loaded.resolve();
      } else if (message.type === "failed") loaded.reject(new LoadFailed(message.message));
      else this.#take(message);
    });
    this.#letGo();
    this.#send(load);
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Documents that it is to score. */
  get documents(): number {
    let documents = 0;
    for (const request of this.#requests.values()) documents += request.documents;
    return documents;
  }

  /** Whether it works on anything, cancelled requests included that it has not let go of. */
  get isBusy(): boolean {
    return this.#requests.size > 0;
  }

  /**
   * Scores documents.
   * @param onScores Called with some scores at a time, in the order of the documents.
   * @returns what the child says of the query
   * @throws ChildEnded, ChildRefused; the signal's reason when it aborts
   */
  async score(
    request: Omit<ScoreMessage, "type" | "id">,
    onScores: (scores: ScoresMessage) => void,
    signal: AbortSignal,
  ): Promise<Pick<DoneMessage, "queryTokens" | "isQueryCut">> {
    const outcome = await this.#ask({ type: "score", ...request }, request.documents.length, onScores, signal);
    return outcome.type === "done" ? outcome : { queryTokens: 0, isQueryCut: false };
  }

  /** Counts the tokens of each text. @throws as `score` does */
  async count(texts: readonly string[], signal: AbortSignal): Promise<readonly number[]> {
    const outcome = await this.#ask({ type: "count", texts }, texts.length, () => {}, signal);
    return outcome.type === "counts" ? outcome.tokens : [];
  }

  /** Keeps this process alive until it is let go of as often. */
  hold(): void {
    if (this.#holds++ > 0) return;
    this.#process.ref();
    this.#process.channel?.ref?.();
  }

  release(): void {
    if (--this.#holds === 0) this.#letGo();
  }

  /** Ends the process at once: it has nothing to save. Resolves when it is gone. */
  async end(): Promise<void> {
    this.wasEnded = true;
    this.isReady = false;
    this.hold();
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  #letGo(): void {
    this.#process.unref();
    if (this.#process.stderr instanceof Socket) this.#process.stderr.unref();
    // Bun's has no `unref`, and needs none.
    this.#process.channel?.unref?.();
  }

  #ask(
    question: Question,
    documents: number,
    onScores: (scores: ScoresMessage) => void,
    signal: AbortSignal,
  ): Promise<Outcome> {
    const id = this.#nextId++;
    const { promise, resolve, reject } = Promise.withResolvers<Outcome>();
    if (this.wasEnded) return Promise.reject(new ChildEnded("it was being ended"));
    this.hold();
    const request: Request = { documents, onScores, resolve, reject };
    const cancel = (): void => {
      request.documents = 0;
      request.onScores = () => {};
      reject(signal.reason);
      this.#send({ type: "cancel", id });
      this.#watchSilence();
    };
    this.#requests.set(id, request);
    if (this.#requests.size === 1) this.#heardAt = performance.now();
    this.#send({ ...question, id });
    if (signal.aborted) cancel();
    else signal.addEventListener("abort", cancel, { once: true });
    return promise.finally(() => {
      signal.removeEventListener("abort", cancel);
      this.release();
    });
  }

  #take(message: Answer): void {
    const request = this.#requests.get(message.id);
    if (!request) return;
    if (message.type === "scores") {
      this.memory = message.memory;
      request.documents = Math.max(0, request.documents - message.scores.length);
      request.onScores(message);
      return;
    }
    this.#requests.delete(message.id);
    if (message.type === "refused") request.reject(new ChildRefused(message.reason, message.message));
    else if (message.type !== "cancelled") request.resolve(message);
    if (this.#requests.size === 0) this.#onFree();
  }

  /** Ends the child where it says nothing for too long after a request was given up, and does not let go of it. */
  #watchSilence(): void {
    clearTimeout(this.#watch);
    const left = this.#heardAt + this.#patienceMs - performance.now();
    this.#watch = setTimeout(
      () => {
        if (!this.isBusy) return;
        if (performance.now() - this.#heardAt < this.#patienceMs) return void this.#watchSilence();
        this.endedFor = "hung";
        void this.end();
      },
      Math.max(0, left),
    );
    this.#watch.unref();
  }

  #send(message: ToChild): void {
    // That it could not be sent means that the child ends, which is handled where that is noticed.
    this.#process.send?.(message, () => {});
  }
}

type Question = Omit<Extract<ToChild, { type: "score" }>, "id"> | Omit<Extract<ToChild, { type: "count" }>, "id">;
type Answer = Exclude<FromChild, { type: "ready" | "failed" }>;
type Outcome = Extract<FromChild, { type: "done" | "counts" }>;

interface Request {
  /** Those that are to be scored yet. */
  documents: number;
  onScores: (scores: ScoresMessage) => void;
  readonly resolve: (outcome: Outcome) => void;
  readonly reject: (reason: unknown) => void;
}

/** Ended with this process, also where one of them hangs and does not notice that its channel is closed. */
const living = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of living) child.kill("SIGKILL");
});

/** Characters that are kept of what a child writes. */
const mostLastWords = 4_000;

/** What it sent before its end is read after it, so the end of the channel counts as well. */
function whenGone(child: ChildProcess, hasServed: () => boolean): Promise<ChildEnded> {
  let lastWords = "";
  // It is read to its end all the same: a child that could not write would wait.
  child.stderr?.on("data", (chunk: Buffer) => {
    lastWords = hasServed() ? "" : (lastWords + chunk.toString()).slice(-mostLastWords);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => {
      // One that runs is told of by its exit.
      if (child.pid === undefined) resolve(new ChildEnded(`it could not be started: ${error.message}`));
    });
    child.once("close", (code, signal) => {
      const ended = new ChildEnded(signal ?? `code ${code}`, lastWords);
      if (child.connected) child.once("disconnect", () => resolve(ended));
      else resolve(ended);
    });
  });
}
