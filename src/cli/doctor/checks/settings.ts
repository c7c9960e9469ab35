/** Faults in the settings files: the platform does not start with them, or keeps the values it had. */

import { constants } from "node:fs";
import { access } from "node:fs/promises";

import type { Examination, Finding, HostVisit } from "#foundation/doctor/check.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import { instanceSettingsFile } from "#foundation/home.ts";
import { loadSecrets, secretKeyFile, type Secrets } from "#foundation/secrets.ts";
import { readAllSettings } from "#foundation/settings.ts";
import { hostSettingsFile } from "#foundation/settings-files.ts";
import { allSections } from "#modules/roster.ts";

/** Reads all files as a start would. */
export async function checkSettings({ home, environment, instances }: HostVisit): Promise<Examination> {
  const files = [hostSettingsFile(home), ...instances.map((name) => instanceSettingsFile(home, name))];
  const seen = { text: "seen.settings", values: { files: files.length, folder: home.conf } } as const;
  if (!(await exists(home.conf)) || instances.length === 0) {
    const values = { folder: home.root };
    return { findings: [{ severity: "error", problem: "settings.none", values }], seen };
  }
  const keyFile = secretKeyFile(home);
  if (!(await exists(keyFile)))
    return { findings: [{ severity: "error", problem: "settings.noKey", values: { file: keyFile } }], seen };
  try {
    const secrets = loadSecrets(home);
    return { findings: readFaults({ home, environment, secrets, instances }), seen };
  } catch (error) {
    const values = { file: keyFile, reason: describeError(error) };
    return { findings: [{ severity: "error", problem: "settings.keyUnreadable", values }], seen };
  }
}

function readFaults(given: Pick<HostVisit, "home" | "environment" | "instances"> & { secrets: Secrets }): Finding[] {
  try {
    const { warnings } = readAllSettings({ ...given, sections: allSections });
    return warnings.map((reason) => ({ severity: "warning", problem: "settings.ignored", values: { reason } }));
  } catch (error) {
    if (!isPostriderError(error)) throw error;
    // One line for each fault, behind a heading.
    const faults = error.message.split("\n").slice(1);
    const reason = faults.map((line) => line.trim()).join("\n");
    return [{ severity: "error", problem: "settings.faulty", values: { faults: faults.length, reason } }];
  }
}

function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}
