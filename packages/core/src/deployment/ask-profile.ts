import type { Profile } from "../contract.ts";
import type { Deployment } from "./deployment.ts";
import { abortable } from "../lib/abortable.ts";

/** The deployment's profile, as long as the signal lets wait for it. @throws DheeraError */
export function askProfile(deployment: Deployment, signal: AbortSignal): Profile | Promise<Profile> {
  const profile = deployment.profile();
  return profile instanceof Promise ? abortable(profile, signal) : profile;
}
