const key = "dheera-tab";

/** Shows every group of tabs in the language that was chosen last, on this page and on others, and the tab that an address names. */
export function rememberTabs(): void {
  const radios = [...document.querySelectorAll<HTMLInputElement>(".tabs > input")];
  const named = (): HTMLInputElement | undefined => radios.find(({ id }) => id !== "" && `#${id}` === location.hash);
  show(radios, read());
  choose(named());
  addEventListener("hashchange", () => choose(named()));
  for (const radio of radios)
    radio.addEventListener("change", () => {
      // What was pressed stays where it is, although tabs above it become longer or shorter.
      const before = radio.getBoundingClientRect().top;
      show(radios, radio.value, radio);
      scrollBy({ top: radio.getBoundingClientRect().top - before, behavior: "instant" });
      write(radio.value);
    });
}

/** Of each group the first tab of the language, `Python` of `Python, serverless`. */
function show(radios: readonly HTMLInputElement[], chosen: string | null, pressed?: HTMLInputElement): void {
  if (chosen === null) return;
  for (const group of new Set(radios.map(({ name }) => name))) {
    if (group === pressed?.name) continue;
    const match = radios.find(({ name, value }) => name === group && languageOf(value) === languageOf(chosen));
    if (match !== undefined) match.checked = true;
  }
}

function choose(radio: HTMLInputElement | undefined): void {
  if (radio === undefined) return;
  radio.checked = true;
  radio.nextElementSibling?.scrollIntoView();
}

function languageOf(name: string): string {
  return name.split(",")[0] ?? name;
}

// A browser may forbid to keep anything.
function read(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Then it is chosen anew on the next page.
  }
}
