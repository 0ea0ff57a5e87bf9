import { equalTexts } from "../dispatch/texts.ts";
import { keepAsking } from "./client.ts";

/**
 * A process of its own that floods a proxy with one key until it is told to stop: `flood.ts <url> <key> <connections>
 * <documents> <tokens>`. It then tells its parent what came of it.
 */
const [url = "", key = "", connections = "1", documents = "1", tokens = "1"] = process.argv.slice(2);
const stop = new AbortController();
process.once("message", () => stop.abort());
process.once("disconnect", () => process.exit());
const asked = { url, key, documents: equalTexts(Number(documents), Number(tokens)) };
const { milliseconds, refused } = await keepAsking(asked, Number(connections), stop.signal);
process.send?.({ answered: milliseconds.length, refused });
process.disconnect?.();
