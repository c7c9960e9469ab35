/** Counts final failures of addresses by the quarantine's rules, all in the caller's transaction. */

import type { Statements } from "#foundation/database.ts";

import { type AddressError, type AddressRecord, defaultRules, type QuarantineRules } from "./address-record.ts";
import {
  type AddressWrite,
  insertUnknownAddresses,
  lockAddresses,
  readOptions,
  updateAddresses,
} from "./address-store.ts";
import { decideAfterError } from "./decide-after-error.ts";

/**
 * Applies errors in the order of their times; several of one address are taken one after the other.
 * @returns addresses that these errors put into quarantine
 */
export async function recordErrors(tx: Statements, errors: readonly AddressError[]): Promise<string[]> {
  const counted = errors.filter((error) => decideAfterError(undefined, error, defaultRules) !== undefined);
  if (counted.length === 0) return [];
  const addresses = [...new Set(counted.map(({ address }) => address))];
  const rules = await readRules(tx);
  await insertUnknownAddresses(tx, addresses);
  const before = new Map((await lockAddresses(tx, addresses)).map((record) => [record.address, record]));
  const after = new Map<string, AddressWrite>();
  for (const error of [...counted].sort((a, b) => a.at.getTime() - b.at.getTime())) {
    const known = after.get(error.address) ?? before.get(error.address);
    const decided = decideAfterError(known, error, rules);
    if (decided !== undefined && decided !== known)
      after.set(error.address, { ...decided, text: storable(error.text), deliveryId: error.deliveryId });
  }
  if (after.size > 0) await updateAddresses(tx, [...after.values()]);
  return [...after.values()]
    .filter((record) => isNewInQuarantine(record, before.get(record.address)))
    .map(({ address }) => address);
}

const optionNames = {
  maxErrors: "NmsNPAI_EmailMaxError",
  significantDelaySec: "NmsNPAI_EmailSignificantErrorDelay",
} as const;

async function readRules(tx: Statements): Promise<QuarantineRules> {
  const options = new Map((await readOptions(tx, Object.values(optionNames))).map(({ name, value }) => [name, value]));
  const delaySec = options.get(optionNames.significantDelaySec);
  return {
    maxErrors: options.get(optionNames.maxErrors) ?? defaultRules.maxErrors,
    significantDelayMs: delaySec === undefined ? defaultRules.significantDelayMs : delaySec * 1_000,
  };
}

function isNewInQuarantine(record: AddressRecord, before: AddressRecord | undefined): boolean {
  return record.status === "quarantined" && before?.status !== "quarantined";
}

/** PostgreSQL stores no NUL, and nobody reads a returned mail here. */
function storable(text: string): string {
  return text.slice(0, 1_000).toWellFormed().replaceAll("\0", "");
}
