import * as v from "valibot";

import { Refusal } from "../../browser/refusal.ts";
import { type BatchClient, outOfReach, refusalOf, root } from "./batch-client.ts";
import { type File as StoredFile, fileSchema } from "./objects.ts";

/**
 * Uploads a file as the browser reads it from the disk. With XMLHttpRequest, because `fetch` says nothing of how far an upload is.
 * @param progressed called with the bytes that were sent
 * @throws Refusal; the signal's reason
 */
export function uploadFile(
  client: BatchClient,
  file: File,
  progressed: (sent: number) => void,
  signal: AbortSignal,
): Promise<StoredFile> {
  const headers = client.headers();
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = (): void => request.abort();
    signal.addEventListener("abort", abort);
    request.upload.addEventListener("progress", ({ loaded, total }) => {
      // The form around the file is some bytes more than the file.
      progressed(total === 0 ? 0 : Math.min(file.size, Math.round((loaded / total) * file.size)));
    });
    request.addEventListener("loadend", () => signal.removeEventListener("abort", abort));
    request.addEventListener("abort", () => reject(signal.reason));
    request.addEventListener("error", () => reject(new Refusal(0, outOfReach)));
    request.addEventListener("load", () => {
      const { status, responseText } = request;
      const stored = v.safeParse(v.pipe(v.string(), v.parseJson(), fileSchema), responseText);
      if (status === 200 && stored.success) resolve(stored.output);
      else reject(refusalOf(status, responseText, headers["authorization"] !== undefined));
    });
    const form = new FormData();
    form.set("purpose", "batch");
    form.set("file", file);
    request.open("POST", `${root}/v1/files`);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.send(form);
  });
}
