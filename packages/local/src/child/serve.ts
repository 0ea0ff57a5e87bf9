import type { FromChild, ToChild } from "../process/protocol.ts";
import { loadModel } from "./load-model.ts";
import { type Worker, createWorker, memoryNow } from "./worker.ts";

/** The channel to the process that ranks. */
export interface Channel {
  /** @param then Called when it was sent, or cannot be. */
  send(message: FromChild, then?: () => void): void;
  listen(listener: (message: ToChild) => void): void;
}

/** Loads the model that the first message names, then scores until the channel closes. */
export function serve(channel: Channel): void {
  let worker: Promise<Worker> | undefined;
  channel.listen((message) => {
    if (message.type !== "load") return void worker?.then((ready) => ready.take(message), ignore);
    worker ??= loadModel(message).then((model) => createWorker(model, (said) => channel.send(said)));
    worker.then(
      () => channel.send({ type: "ready", memory: memoryNow() }),
      (error: Error) => channel.send({ type: "failed", message: error.message }, () => process.exit()),
    );
  });
}

const ignore = (): void => undefined;
