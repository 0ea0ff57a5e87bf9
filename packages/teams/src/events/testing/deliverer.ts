/** A process that delivers, until it is killed: `deliverer.ts <url> <salt key> <milliseconds of a lease>`. */
import { openSecrets } from "../../secrets/secrets.ts";
import { openedTeams, silent } from "../../testing/opened-teams.ts";
import { openEvents } from "../open-events.ts";
import { sendByFetch } from "./receiver.ts";

const [url = "", DHEERA_AI_SALT_KEY = "", lease = ""] = process.argv.slice(2);
const teams = await openedTeams(url);
const secrets = await openSecrets({ DHEERA_AI_SALT_KEY });
openEvents({ teams, secrets, send: sendByFetch, log: silent, lookEvery: 50, lease: Number(lease) });
// Until it is killed.
setInterval(() => {}, 1_000);
