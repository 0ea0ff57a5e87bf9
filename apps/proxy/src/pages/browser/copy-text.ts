/**
 * Browsers offer the clipboard only to pages of https and localhost; elsewhere the text is selected, so that the user
 * can copy it.
 * @returns whether it was copied
 */
export async function copyText(text: string, place: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(place);
    return false;
  }
}
