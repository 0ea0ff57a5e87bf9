/** Whole numbers of up to 32 bits in typed arrays of one size, so that growing copies nothing and needs no second place. */
export class GrowingNumbers {
  readonly #chunks: Uint32Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(value: number): void {
    if ((this.#length & mask) === 0) this.#chunks.push(new Uint32Array(chunkLength));
    this.set(this.#length++, value);
  }

  /** 0 where nothing was set. */
  at(index: number): number {
    return this.#chunks[index >>> bitsOfPlace]?.[index & mask] ?? 0;
  }

  /** Of a number that was pushed. */
  set(index: number, value: number): void {
    const chunk = this.#chunks[index >>> bitsOfPlace];
    if (chunk) chunk[index & mask] = value;
  }
}

const bitsOfPlace = 16;
const chunkLength = 2 ** bitsOfPlace;
const mask = chunkLength - 1;
