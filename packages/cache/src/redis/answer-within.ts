import { setImmediate } from "node:timers/promises";

/** The time is counted in so many parts. */
const parts = 5;

/**
 * Settles as the promise does, or rejects when the other side took longer than `milliseconds`. What this process itself
 * was busy for does not count: a part of the time that ends late, because something blocked the event loop, still counts
 * as one part, and what has arrived in sockets meanwhile is read before it counts.
 */
export function answerWithin<T>(answer: Promise<T>, milliseconds: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = parts;
    let timer: NodeJS.Timeout | undefined;
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
      clearTimeout(timer);
    };
    const wait = (): void => {
      timer = setTimeout(() => void countPart(), milliseconds / parts);
    };
    const countPart = async (): Promise<void> => {
      await setImmediate();
      if (isSettled) return;
      left--;
      if (left > 0) return wait();
      settle();
      reject(new DOMException(`no answer within ${milliseconds} ms`, "TimeoutError"));
    };
    answer.then(
      (value) => {
        settle();
        resolve(value);
      },
      (error: unknown) => {
        settle();
        reject(error);
      },
    );
    wait();
  });
}
