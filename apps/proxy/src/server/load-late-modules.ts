/**
 * Loads in the background what routes load at their first request, some 2 MB: later a file may not be readable, because
 * clients hold every file descriptor, and some versions of Node.js never try a module again that failed to load once.
 */
export async function loadLateModules(): Promise<void> {
  // In the workspace the pages are bundled when they are loaded, which takes a while.
  if (import.meta.url.endsWith(".ts")) return;
  await Promise.all([
    import("../pages/page-assets.ts"),
    import("../pages/docs/docs-page.ts"),
    import("../openapi/openapi-document.ts"),
  ]);
}
