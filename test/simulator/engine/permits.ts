/** The semaphore of `max_concurrent_requests`: one permit for each text, taken at once or not at all. */
export class Permits {
  inUse = 0;
  peak = 0;
  most: number;

  constructor(most: number) {
    this.most = most;
  }

  tryAcquire(): boolean {
    if (this.inUse >= this.most) return false;
    this.inUse += 1;
    this.peak = Math.max(this.peak, this.inUse);
    return true;
  }

  release(): void {
    this.inUse -= 1;
  }
}
