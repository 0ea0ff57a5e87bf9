import { equalTexts } from "../dispatch/texts.ts";
import { keepAsking } from "../fairness/client.ts";

/**
 * A process of its own that asks a proxy until it is ended: `asking.ts <url> <key> <connections> <documents> <tokens>`. It
 * answers each message of its parent with what it has had so far.
 */
const [url = "", key = "", connections = "1", documents = "1", tokens = "1"] = process.argv.slice(2);
process.once("disconnect", () => process.exit());
const answers = { milliseconds: [], refused: 0 };
process.on("message", () => process.send?.({ answered: answers.milliseconds.length, refused: answers.refused }));
const asked = { url, key, documents: equalTexts(Number(documents), Number(tokens)) };
await keepAsking(asked, Number(connections), new AbortController().signal, answers);
