/** Keys that sign: whether this host can use them. Where it cannot, its messages are not composed. */

import { type StoredKey, listDkimKeys } from "#campaign/content/dkim/dkim-key-store.ts";
import { publishedForm } from "#campaign/content/dkim/published-form.ts";
import { loadDkimKey } from "#campaign/content/load-dkim-key.ts";
import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";
import { describeError } from "#foundation/errors.ts";
import { readDkimKey } from "#protocols/dkim/dkim-key.ts";

/** Opens each key, and compares it with the half that is published. */
export async function checkSigning({ db, secrets, settings, home }: InstanceVisit): Promise<Examination> {
  const keys = (await listDkimKeys(db)).filter(({ state }) => state !== "retired");
  const findings = keys.flatMap((key): Finding[] => {
    const reason = findTrouble(key, (text) => secrets.decrypt(text));
    const values = { domain: key.domain, selector: key.selector, reason: reason ?? "" };
    return reason === undefined ? [] : [{ severity: "error", problem: "signing.unusable", values }];
  });
  try {
    loadDkimKey(settings, home);
  } catch (error) {
    findings.push({ severity: "error", problem: "signing.ofSettings", values: { reason: describeError(error) } });
  }
  return { findings, seen: { text: "seen.signing", values: { keys: keys.length } } };
}

function findTrouble(
  { domain, selector, privateKey, publicKey }: StoredKey,
  decrypt: (text: string) => string,
): string | undefined {
  try {
    const reading = readDkimKey({ domain, selector, pem: decrypt(privateKey) });
    if ("problem" in reading) return reading.problem;
    return publishedForm(reading.key.privateKey) === publicKey ? undefined : "its two halves do not belong together";
  } catch (error) {
    return describeError(error);
  }
}
