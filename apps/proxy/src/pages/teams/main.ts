import { announce, element, find, setText } from "../browser/element.ts";
import { ManagementClient } from "./calls/management-client.ts";
import { type Entrance, type Session, findEntrance, signOut } from "./calls/session.ts";
import { openForms } from "../parts/dialogs.ts";
import { adviceOn, emptyNotice, problemNotice } from "../parts/notices.ts";
import { linkTo } from "./parts/links.ts";
import { sectionAt } from "./sections/all-sections.ts";
import type { Scene } from "./sections/scene.ts";
import { signInForm } from "./sections/sign-in.ts";
import { abilitiesOf } from "./state/abilities.ts";
import { type SectionName, readAddress, writeAddress } from "./state/address.ts";

const sectionWords = {
  overview: "Overview",
  keys: "Keys",
  teams: "Teams",
  users: "Users",
  organizations: "Organizations",
  budgets: "Budgets",
  models: "Models",
  webhooks: "Webhooks",
  audit: "Changes",
} as const satisfies Record<SectionName, string>;
const main = find("main", HTMLElement);
const content = find("content", HTMLElement);
const sections = find("sections", HTMLElement);
const client = new ManagementClient(() => {
  if (session) void seeWhoIsSignedIn();
});
let session: Session | undefined;
/** Counts what was asked to be shown: what is overtaken is not shown any more. */
let asked = 0;
/** What was pressed last: after a change the keyboard goes on from there. */
let pressed: Pressed | undefined;

find("sign-out", HTMLButtonElement).addEventListener("click", () => void leave());
find("skip", HTMLAnchorElement).addEventListener("click", (event) => {
  // Its fragment would be taken for a section.
  event.preventDefault();
  find("title", HTMLElement).focus();
});
content.addEventListener("click", ({ target }) => {
  const control = target instanceof Element ? target.closest("button") : null;
  pressed = control ? pressedOf(control) : undefined;
});
addEventListener("hashchange", () => void show());
// Not awaited: sections that are loaded later need this module to be there.
void start();

/** Runs at the start and whenever somebody came or went. */
async function start(): Promise<void> {
  session = undefined;
  try {
    const entrance = await findEntrance(client);
    if (!entrance.hasDatabase) return showOutside("Teams", databaseNotice());
    if (!entrance.session) return showEntrance(entrance);
    session = entrance.session;
    client.trust(session.token);
    showPerson(session);
    await show({ isFirst: true });
  } catch (error) {
    showOutside(
      "Teams",
      problemNotice(error, () => void start()),
    );
  }
}

/** The session may have ended, or be that of somebody else; where it is not, what was shown stays. */
async function seeWhoIsSignedIn(): Promise<void> {
  const entrance = await findEntrance(client).catch(() => undefined);
  if (!entrance?.hasDatabase || !session) return;
  if (!entrance.session) return showEntrance(entrance);
  if (entrance.session.token === session.token) return;
  // What was typed for one person is not to be sent for another.
  for (const form of openForms()) form.close();
  await start();
  say(`You are signed in as ${entrance.session.name} now, because somebody signed in in another tab.`, true);
}

async function leave(): Promise<void> {
  try {
    const next = await signOut(client);
    if (next !== undefined) return location.assign(next);
  } catch (error) {
    return say(adviceOn(error), true);
  }
  history.replaceState(null, "", location.pathname);
  await start();
}

function showEntrance(entrance: Entrance): void {
  session = undefined;
  showOutside(
    "Sign in",
    signInForm(client, entrance, () => void start()),
  );
  content.querySelector("input")?.focus();
}

/** What stands there while nobody is signed in. */
function showOutside(title: string, notice: Node): void {
  asked++;
  find("account", HTMLElement).setAttribute("data-away", "");
  sections.replaceChildren();
  setTitle(title);
  content.replaceChildren(notice);
  document.body.removeAttribute("data-loading");
}

function showPerson({ name }: Session): void {
  setText("person", name);
  find("account", HTMLElement).removeAttribute("data-away");
}

/**
 * Draws what the address names.
 * @param isFirst nothing was shown before: the focus stays where browsers put it
 * @param isAgain what is there was changed: the focus stays at what was pressed
 */
async function show({ isFirst = false, isAgain = false, news = "" } = {}): Promise<void> {
  if (!session) return;
  const mine = ++asked;
  const before = isAgain ? pressed : undefined;
  const forms = openForms();
  const scene = sceneOf(session);
  showSections(scene);
  main.setAttribute("aria-busy", "true");
  try {
    const { title, content: nodes } = await sectionAt(scene.address)(scene);
    if (mine !== asked) return;
    setTitle(title);
    content.replaceChildren(...nodes);
  } catch (error) {
    if (mine !== asked) return;
    content.replaceChildren(problemNotice(error, () => void show()));
  }
  main.removeAttribute("aria-busy");
  document.body.removeAttribute("data-loading");
  for (const form of forms) form.close();
  say(news);
  if (isFirst || focusAgain(before)) return;
  find("title", HTMLElement).focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** A button, by what it says and which one of those it is: after it is drawn anew it is another element. */
interface Pressed {
  readonly name: string;
  readonly position: number;
}

function pressedOf(control: HTMLButtonElement): Pressed {
  const name = nameOf(control);
  return { name, position: buttonsNamed(name).indexOf(control) };
}

/** @returns whether there is such a button still */
function focusAgain(before: Pressed | undefined): boolean {
  const again = before && buttonsNamed(before.name)[before.position];
  again?.focus();
  return again !== undefined;
}

function buttonsNamed(name: string): readonly HTMLButtonElement[] {
  return [...content.querySelectorAll("button")].filter((one) => nameOf(one) === name);
}

/** Buttons that change places, such as those that block and let in, have one name for both. */
function nameOf(control: HTMLButtonElement): string {
  return control.dataset["place"] ?? control.getAttribute("aria-label") ?? control.textContent;
}

function sceneOf(current: Session): Scene {
  const address = readAddress(location.hash);
  const abilities = abilitiesOf(current);
  return {
    client,
    session: current,
    abilities,
    address,
    again: (news = "") => show({ news, isAgain: true }),
    go: (to, news = "") => {
      history.pushState(null, "", writeAddress(to));
      void show({ news });
    },
    attempt: (action) => {
      action.catch((error: unknown) => say(adviceOn(error), true));
    },
    choose: (choices) => {
      const here = readAddress(location.hash);
      // An answer may come when another section is shown already.
      if (here.section === address.section && here.id === address.id)
        history.replaceState(null, "", writeAddress({ ...address, choices }));
    },
  };
}

function showSections({ abilities, address }: Scene): void {
  const links = abilities.sections.map((section) => {
    const link = linkTo({ section }, sectionWords[section]);
    if (section === address.section) link.setAttribute("aria-current", "page");
    return link;
  });
  sections.replaceChildren(...links);
  sections.querySelector("[aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function setTitle(title: string): void {
  setText("title", title);
  document.title = `${title} · Dheera AI`;
}

/** Says what happened, to those who hear and to those who see. */
function say(news: string, isProblem = false): void {
  const place = find(isProblem ? "problem" : "news", HTMLElement);
  announce(isProblem ? "news" : "problem", "");
  place.textContent = news;
}

function databaseNotice(): HTMLElement {
  return emptyNotice(
    "Keys, teams and spend are kept in a database",
    "This proxy has none. Set general_settings.database_url in its configuration file: a file of SQLite is enough for one machine, PostgreSQL for several.",
    element(
      "pre",
      {},
      "general_settings:\n  master_key: os.environ/DHEERA_AI_MASTER_KEY\n  database_url: sqlite:teams.db",
    ),
  );
}
