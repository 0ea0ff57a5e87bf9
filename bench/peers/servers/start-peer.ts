import { askAndCheck } from "../check-answer.ts";
import type { Dialect } from "../dialects.ts";
import { createFolder } from "../../../test/support/temporary-folder.ts";
import { freePort, start } from "../../proxy/processes.ts";
import type { Running } from "./peer.ts";
import type { Shape } from "../../proxy/load/shapes.ts";
import type { Target } from "../../proxy/load/measured.ts";

/** How one server is started, once it has a port. */
export interface Launch {
  readonly command: readonly [string, ...string[]];
  readonly environment?: Readonly<Record<string, string>>;
  /** What it is asked; its address is known from the port. */
  readonly target: Target;
}

/** Milliseconds that a server has until its first answer, and from there to its first right one. */
const patience = { first: 240_000, right: 10_000 } as const;

/**
 * Starts a program beside its configuration, and waits until it ranks.
 * @param configuration text of a file, whose path `launch` gets
 * @throws Error with what it answers instead when it does not rank in time
 */
export async function startPeer(
  dialect: Dialect,
  shape: Shape,
  configuration: string,
  launch: (port: number, file: string) => Launch,
): Promise<Running> {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await createFolder({ "config.yaml": configuration }));
  const port = await freePort();
  const { command, environment, target } = launch(port, `${folder.path}/config.yaml`);
  const [program, ...args] = command;
  const begun = performance.now();
  let answering: number | undefined;
  let remarked: string | undefined;
  const isReady = async (): Promise<boolean> => {
    const { fault, remark, answered } = await askAndCheck(target, dialect, shape);
    const now = performance.now();
    if (answered) answering ??= now;
    remarked = remark;
    if (fault !== undefined && now > Math.min(begun + patience.first, (answering ?? now) + patience.right))
      throw new Error(`it does not rank: ${fault}`);
    return fault === undefined;
  };
  // They write what is of no use here.
  const { pid } = stack.use(await start(program, args, port, { environment, isReady, quiet: true }));
  const millisecondsToStart = performance.now() - begun;
  const all = stack.move();
  return { pid, target, millisecondsToStart, remark: remarked, [Symbol.asyncDispose]: () => all.disposeAsync() };
}

/** `{ port: 80 }` → `--port 80`. */
export function optionsOf(options: Readonly<Record<string, string | number>>): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
}
