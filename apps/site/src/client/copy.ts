/** Gives each block of code a button that copies it. */
export function offerCopies(): void {
  for (const block of document.querySelectorAll<HTMLPreElement>(".sl-markdown-content pre")) {
    const frame = document.createElement("div");
    frame.className = "code";
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", () => void copy(block, button));
    block.replaceWith(frame);
    frame.append(block, button);
  }
}

async function copy(block: HTMLPreElement, button: HTMLButtonElement): Promise<void> {
  const isCopied = await write(block.innerText.trimEnd());
  // What is selected can be copied by hand.
  if (!isCopied) getSelection()?.selectAllChildren(block);
  button.textContent = isCopied ? "Copied" : "Selected";
  button.addEventListener("blur", () => (button.textContent = "Copy"), { once: true });
}

/** @returns false where the reader forbids it, and on plain http, where a browser has no clipboard at all */
async function write(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}
