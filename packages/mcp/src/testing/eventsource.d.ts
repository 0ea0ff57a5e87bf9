// The package names its TypeScript under the condition `source`, as those of this workspace do, and it is not written for
// our settings: tsconfig.base.json has the compiler read this instead. The client of the tests needs these two of its types.
export type ErrorEvent = Event & { readonly code?: number; readonly message?: string };

export interface EventSourceInit {
  readonly withCredentials?: boolean;
  readonly fetch?: typeof globalThis.fetch;
}
