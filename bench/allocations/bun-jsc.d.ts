/** What is used of Bun's module: `@types/bun` changes the types of everything that is checked together with it. */
declare module "bun:jsc" {
  /** Collects what is young, before it returns. @returns bytes in the heap then */
  export function edenGC(): number;
  /** Collects everything, before it returns. @returns bytes in the heap then */
  export function fullGC(): number;
  /** Bytes; `heapSize` includes `extraMemorySize`. */
  export function heapStats(): { readonly heapSize: number; readonly extraMemorySize: number };
}
