/** The address with a path after its own, unless it ends in it. */
export function withPath(base: URL, path: string): URL {
  const url = new URL(base);
  const own = url.pathname === "/" ? "" : url.pathname;
  url.pathname = own.endsWith(path) ? own : own + path;
  return url;
}
