import { refusal } from "./files/refusal.ts";

/** Texts by id, as they are read: documents or queries. */
export class Texts {
  readonly byId: Map<string, string> = new Map();
  /** Entries that were there before, with the same text. */
  repeated = 0;
  /** Entries without any text. */
  empty = 0;

  /** @throws DheeraError `invalid_request` where the id stands for another text already. */
  add(id: string, text: string, file: string, line: number): void {
    const before = this.byId.get(id);
    if (before === undefined) {
      this.byId.set(id, text);
      if (text.trim() === "") this.empty++;
      return;
    }
    if (before !== text)
      throw refusal(file, line, "the id stands for another text further above; give each text an id of its own");
    this.repeated++;
  }
}
