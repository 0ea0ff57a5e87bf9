/**
 * Headers as plain data behind the interface of `Headers`: a real `Headers` object costs more than the rest of its
 * request.
 */
export class UpstreamHeaders implements Headers {
  /** By lower-case name, as undici takes and gives them. */
  readonly fields: Record<string, string> = {};

  constructor(init?: HeadersInit) {
    if (init instanceof UpstreamHeaders) Object.assign(this.fields, init.fields);
    else if (init instanceof Headers) for (const [name, value] of init) this.append(name, value);
    else if (Array.isArray(init)) for (const [name = "", value = ""] of init) this.append(name, value);
    else if (init) for (const name of Object.keys(init)) this.append(name, String(Reflect.get(init, name)));
  }

  append(name: string, value: string): void {
    const key = name.toLowerCase();
    const known = this.fields[key];
    this.fields[key] = known === undefined ? value : `${known}, ${value}`;
  }
  delete(name: string): void {
    delete this.fields[name.toLowerCase()];
  }
  get(name: string): string | null {
    return this.fields[name.toLowerCase()] ?? null;
  }
  has(name: string): boolean {
    return this.get(name) !== null;
  }
  set(name: string, value: string): void {
    this.fields[name.toLowerCase()] = value;
  }
  getSetCookie(): string[] {
    const cookies = this.get("set-cookie");
    return cookies === null ? [] : [cookies];
  }
  forEach(callback: (value: string, key: string, parent: Headers) => void): void {
    for (const [name, value] of this) callback(value, name, this);
  }
  entries(): ArrayIterator<[string, string]> {
    return Object.entries(this.fields).values();
  }
  keys(): ArrayIterator<string> {
    return Object.keys(this.fields).values();
  }
  values(): ArrayIterator<string> {
    return Object.values(this.fields).values();
  }
  [Symbol.iterator](): ArrayIterator<[string, string]> {
    return this.entries();
  }
}
