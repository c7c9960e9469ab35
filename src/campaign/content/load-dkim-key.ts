/** Reads the key that the settings name. */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { describeError } from "#foundation/errors.ts";
import type { Home } from "#foundation/home.ts";
import type { Settings } from "#foundation/settings.ts";
import { type DkimKey, readDkimKey } from "#protocols/dkim/dkim-key.ts";

import { dkimSettings } from "./dkim-settings.ts";
import { invalidDkimSettings } from "./errors.ts";

/**
 * The key that signs messages; undefined when `dkim.domain` is empty.
 * @throws invalidDkimSettings
 */
export function loadDkimKey(settings: Settings, home: Pick<Home, "conf">): DkimKey | undefined {
  const { domain, selector, privateKeyFile, privateKey } = settings.of(dkimSettings);
  if (domain === "") return undefined;
  if (privateKeyFile === "" && privateKey === "")
    throw invalidDkimSettings({ problem: "neither dkim.privateKeyFile nor dkim.privateKey is set" });
  const reading = readDkimKey({
    domain,
    selector,
    pem: privateKey === "" ? readKeyFile(resolve(home.conf, privateKeyFile)) : privateKey,
  });
  if ("problem" in reading)
    throw invalidDkimSettings({ problem: `the key of ${domain} is not usable: ${reading.problem}` });
  return reading.key;
}

function readKeyFile(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw invalidDkimSettings({ problem: `the file ${file} cannot be read (${describeError(cause)})` }, { cause });
  }
}
