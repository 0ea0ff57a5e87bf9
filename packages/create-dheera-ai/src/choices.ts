export const templates = ["proxy", "provider", "library"] as const;
/** What is created. */
export type Template = (typeof templates)[number];

export const parts = ["docker", "redis", "teams"] as const;
/** What a proxy can have beside it. */
export type Part = (typeof parts)[number];

export const packageManagers = ["npm", "pnpm", "yarn", "bun"] as const;
export type PackageManagerName = (typeof packageManagers)[number];

/** Everything that decides what is written. */
export interface Choices {
  readonly template: Template;
  /** As it was given: `my-proxy`, `.` */
  readonly folder: string;
  /** Of the package: a name that npm takes. */
  readonly name: string;
  /** `bm25/default`, `cohere/rerank-v5.0-pro`. Providers have none. */
  readonly model: string;
  readonly parts: readonly Part[];
  readonly packageManager: PackageManagerName;
  /** Of the package manager that is there: `12`. Absent where none is, and where it decides nothing. */
  readonly packageManagerMajor?: string;
  /** Whether it is Yarn 1, which others call classic. */
  readonly isYarnClassic: boolean;
}

/** A file of the new folder, and whether only its owner may read it. */
export interface NewFile {
  /** With slashes: `src/index.ts`. */
  readonly path: string;
  readonly text: string;
  readonly isSecret?: boolean;
}

/** What people type next. */
export interface NextStep {
  readonly command: string;
  /** What it does, in a few words. */
  readonly what: string;
}
