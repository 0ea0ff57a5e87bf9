import { DCLinter } from "dclint";

/** What Compose's schema and the linter have to say of a compose file. */
export function lintCompose(path: string): readonly unknown[] {
  const linter = new DCLinter({
    // The image is built here and named as well. The order of keys is the order in which one reads them.
    rules: {
      "no-build-and-image": 0,
      "services-alphabetical-order": 0,
      "service-keys-order": 0,
      "require-quotes-in-ports": 0,
    },
    quiet: true,
    debug: false,
    exclude: [],
  });
  return linter.lintFiles([path], false).flatMap((result: { messages: readonly unknown[] }) => result.messages);
}
