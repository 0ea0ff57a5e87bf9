/**
 * Loads what requests load at their first use, for a server that serves for long: later a file may not be readable, because
 * clients hold every file descriptor, and some versions of Node.js never try a module again that failed to load once.
 */
export async function loadLateModules(): Promise<void> {
  await Promise.all([
    import("./background/background-work.ts"),
    import("./combining/rank-chain.ts"),
    import("./dispatch/count-tokens.ts"),
    import("./diversify/diversified.ts"),
    import("./plan/split-long-documents.ts"),
  ]);
}
