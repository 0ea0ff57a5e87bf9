import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

import * as v from "valibot";

/** Something that was printed, and when. */
export interface Printed {
  /** Milliseconds after the command began. */
  readonly at: number;
  readonly bytes: Uint8Array;
}

export interface TerminalOptions {
  readonly columns: number;
  readonly folder: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Stops the command once it has printed this, as ctrl-c does, and leaves out what it says to that. */
  readonly until?: string | undefined;
}

/**
 * Runs a command on a terminal of its own, so that it prints what people see.
 * @throws Error with what it printed where it fails, or ends before it has printed `until`
 */
export async function runInTerminal(
  command: string,
  { columns, folder, environment, until = "" }: TerminalOptions,
): Promise<readonly Printed[]> {
  const child = spawn("python3", ["-c", script, command, `${columns}`, until], {
    cwd: folder,
    env: environment,
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  const printed: Printed[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const { at, bytes } = v.parse(printedSchema, JSON.parse(line));
    printed.push({ at, bytes: Buffer.from(bytes, "base64") });
  }
  const [code] = await closed;
  if (code !== 0)
    throw new Error(`${command} ended with ${code}:\n${printed.map(({ bytes }) => Buffer.from(bytes)).join("")}`);
  return printed;
}

const printedSchema = v.object({ at: v.number(), bytes: v.string() });

const script = `
import base64, fcntl, json, os, pty, signal, struct, sys, termios, time
command, columns, until = sys.argv[1], int(sys.argv[2]), sys.argv[3].encode()
child, terminal = pty.fork()
if child == 0:
    fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    os.execvp("sh", ["sh", "-c", command])
began, seen = time.monotonic(), b""
while until == b"" or until not in seen or not seen.endswith(b"\\n"):
    try:
        some = os.read(terminal, 65536)
    except OSError:
        break
    if some == b"":
        break
    seen += some
    print(json.dumps({"at": round((time.monotonic() - began) * 1000), "bytes": base64.b64encode(some).decode()}), flush=True)
if until != b"" and until in seen:
    os.killpg(child, signal.SIGINT)
    os.waitpid(child, 0)
    sys.exit(0)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(1 if until != b"" else status)
`;
