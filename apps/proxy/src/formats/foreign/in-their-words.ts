import { DheeraError } from "@dheera-ai/core";

/** The same error, about the field by the name that the client gave it: `documents[3]` is `passages[3]` to some. */
export function inTheirWords(error: DheeraError, theirs: Readonly<Record<string, string>>): DheeraError {
  const { param, message } = error;
  if (param === undefined) return error;
  const [root = ""] = /^\w+/.exec(param) ?? [];
  const name = Object.hasOwn(theirs, root) ? theirs[root] : undefined;
  if (name === undefined) return error;
  const said = `${name}${param.slice(root.length)}`;
  return DheeraError.from(error, { param: said, message: message.replace(param, () => said) });
}
