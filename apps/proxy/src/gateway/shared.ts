/** A resource that several gateways may use one after the other; it is closed when the last of them releases it. */
export interface Shared<T> {
  readonly value: T;
  /** The settings it was opened with. */
  readonly settings: string;
  hold(): void;
  release(): Promise<void>;
}

/** Takes over the resource that the previous gateway opened with the same settings, or opens a new one. */
export async function takeOver<Settings, T extends { close?(): Promise<void> }>(
  previous: Shared<T> | undefined,
  settings: Settings,
  open: (settings: Settings) => Promise<T>,
): Promise<Shared<T>> {
  const key = JSON.stringify(settings);
  if (previous?.settings === key) {
    previous.hold();
    return previous;
  }
  const value = await open(settings);
  let holders = 1;
  return {
    value,
    settings: key,
    hold() {
      holders++;
    },
    async release() {
      holders--;
      if (holders === 0) await value.close?.();
    },
  };
}
