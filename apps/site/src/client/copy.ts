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
  // Where a page may not use the clipboard, what is selected can be copied by hand.
  const isCopied = await navigator.clipboard.writeText(block.innerText.trimEnd()).then(
    () => true,
    () => false,
  );
  if (!isCopied) getSelection()?.selectAllChildren(block);
  button.textContent = isCopied ? "Copied" : "Selected";
  button.addEventListener("blur", () => (button.textContent = "Copy"), { once: true });
}
