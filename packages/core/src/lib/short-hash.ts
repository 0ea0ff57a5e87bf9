/**
 * Eight hexadecimal digits that are always the same for the same text (FNV-1a, 32 bits). For names, not for security.
 */
export function shortHash(text: string): string {
  let hash = 0x811c9dc5;
  for (let position = 0; position < text.length; position++)
    hash = Math.imul(hash ^ text.charCodeAt(position), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, "0");
}
