/** Names of the tags that models put around their thoughts. */
const tag = "(?:think|thinking|thought|thoughts|reasoning|reflection)";
/** Mistral's tags are in brackets. */
const closing = new RegExp(`</${tag}>|\\[/${tag}\\]`, "gi");
const opening = new RegExp(`<${tag}>|\\[${tag}\\]`, "i");
/** The last channel of gpt-oss, where its server leaves the notation in. */
const finalChannel = "<|channel|>final<|message|>";

/** Characters of an answer that are read: one to the largest window has some thousand. */
const mostCharacters = 200_000;

/**
 * An answer without the thoughts before it: what stands behind the last closing tag, also where the server has eaten the
 * opening one. Thoughts that were never closed leave nothing but what stood before them. Of a longer answer its end.
 */
export function cutReasoning(text: string): string {
  let start = 0;
  for (const match of text.matchAll(closing)) start = match.index + match[0].length;
  const channel = text.lastIndexOf(finalChannel);
  if (channel >= start) start = channel + finalChannel.length;
  const answer = text.slice(start);
  const open = opening.exec(answer);
  return (open ? answer.slice(0, open.index) : answer).slice(-mostCharacters);
}
