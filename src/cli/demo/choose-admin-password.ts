/** Chooses the first password of `admin`, so that the demo can show it at its end. */

import { randomBytes } from "node:crypto";

import { type Home, listInstances } from "#foundation/home.ts";

/**
 * A password for a new installation; undefined where one was chosen before, by the environment or by an earlier start.
 */
export function chooseAdminPassword(home: Home, environment: NodeJS.ProcessEnv): string | undefined {
  if (environment["POSTRIDER_ADMIN_PASSWORD"] || listInstances(home).length > 0) return undefined;
  return randomBytes(12).toString("base64url");
}
