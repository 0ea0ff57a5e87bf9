/** More is cut: the answer is for looking at. */
const mostShown = 100_000;

/** Makes the form of an operation send its request and show the answer as it came. */
export function offerTrial(part: HTMLDetailsElement, key: () => string): void {
  const form = part.querySelector("form");
  const answer = part.querySelector<HTMLElement>(".answer");
  if (!form || !answer) return;
  let running = new AbortController();
  part.hidden = false;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    running.abort();
    running = new AbortController();
    const { signal } = running;
    answer.hidden = false;
    setPart(answer, ".outcome", "Sending…");
    send(form, key(), signal).then(
      (outcome) => show(answer, outcome),
      () => {
        if (!signal.aborted) show(answer, { status: "The proxy cannot be reached.", headers: "", body: "" });
      },
    );
  });
}

interface Outcome {
  readonly status: string;
  readonly headers: string;
  readonly body: string;
}

async function send(form: HTMLFormElement, key: string, signal: AbortSignal): Promise<Outcome> {
  const headers = new Headers();
  if (key !== "") headers.set("authorization", `Bearer ${key}`);
  const query = new URLSearchParams();
  let path = "";
  let body: string | undefined;
  for (const [name, value] of new FormData(form)) {
    if (typeof value !== "string" || value === "") continue;
    if (name === "path") path = value;
    else if (name === "body") body = value;
    else if (name.startsWith("path:"))
      path = path.replace(`{${name.slice("path:".length)}}`, encodeURIComponent(value));
    else if (name.startsWith("query:")) query.set(name.slice("query:".length), value);
    else if (name.startsWith("header:")) headers.set(name.slice("header:".length), value);
  }
  if (body !== undefined) headers.set("content-type", "application/json");
  // Relative, so that it works below any prefix that a proxy before this one adds.
  const address = `.${path}${query.size === 0 ? "" : `?${query}`}`;
  const started = performance.now();
  const response = await fetch(address, {
    method: form.dataset["method"] ?? "GET",
    headers,
    signal,
    cache: "no-store",
    ...(body !== undefined && { body }),
  });
  const text = await response.text();
  const milliseconds = Math.round(performance.now() - started);
  const advice = response.status === 401 ? " · type your key into the field at the top" : "";
  return {
    status: `${response.status} ${response.statusText} · ${milliseconds} ms${advice}`,
    headers: [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n"),
    body: pretty(text),
  };
}

function show(answer: HTMLElement, { status, headers, body }: Outcome): void {
  setPart(answer, ".outcome", status);
  setPart(answer, ".headers", headers);
  setPart(answer, ".body", body.length > mostShown ? `${body.slice(0, mostShown)}\n…` : body);
}

/** Answers are texts: they become text nodes and are never read as HTML. */
function setPart(answer: HTMLElement, selector: string, text: string): void {
  const place = answer.querySelector(selector);
  if (place) place.textContent = text;
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
