import { DheeraError } from "@dheera-ai/core";
import { gcpMetadata } from "google-auth-library";

/**
 * Makes sure that this is one of Google's machines, whose metadata server gives tokens. Elsewhere its address leads
 * nowhere, and a token would be waited for long.
 * @throws DheeraError `provider_auth`
 */
export async function assertOnGoogle(): Promise<void> {
  if (gcpMetadata.getGCPResidency() || (await gcpMetadata.isAvailable())) return;
  // The library remembers that there was none, also where the network was not yet there.
  gcpMetadata.resetIsAvailableCache();
  throw new DheeraError(
    "provider_auth",
    "there are no credentials for Google; set vertex_credentials of this deployment, VERTEXAI_CREDENTIALS or GOOGLE_APPLICATION_CREDENTIALS, or run gcloud auth application-default login",
    { provider: "vertex_ai" },
  );
}

/** The project of this machine. */
export async function projectOfMachine(): Promise<string | undefined> {
  const project: unknown = await gcpMetadata.project("project-id");
  return typeof project === "string" && project !== "" ? project : undefined;
}
