import type { ManagementClient } from "../calls/management-client.ts";
import type { Session } from "../calls/session.ts";
import type { Abilities } from "../state/abilities.ts";
import type { Address } from "../state/address.ts";

/** What a section is drawn from, and what it may ask the page to do. */
export interface Scene {
  readonly client: ManagementClient;
  readonly session: Session;
  readonly abilities: Abilities;
  readonly address: Address;
  /** Draws the section anew, after a change. @param news said to screen readers, and shown for a while */
  again(news?: string): Promise<void>;
  /** Shows another section. */
  go(address: Omit<Address, "choices"> & Partial<Address>, news?: string): void;
  /** Shows what went wrong in it where it fails. */
  attempt(action: Promise<unknown>): void;
  /** Keeps what was chosen within the section in the page's address, without a step in its history. */
  choose(choices: Readonly<Record<string, string>>): void;
}

/** A section, ready to be shown: all that it asks the proxy has been answered, so that nothing moves afterwards. */
export interface Drawn {
  readonly title: string;
  readonly content: readonly Node[];
}

export type Section = (scene: Scene) => Promise<Drawn>;
