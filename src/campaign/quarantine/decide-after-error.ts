/** Classic's rules: what an error, or a success, makes of an address. */

import { type AddressStatus, failureReasons, failureTypes } from "#schemas/codes.ts";

import type { AddressError, AddressRecord, QuarantineRules } from "./address-record.ts";

const dayMs = 86_400_000;
/** After so long without a counted error an address is trusted again; a full mailbox takes longer to be emptied. */
export const peaceMs = { ordinary: 10 * dayMs, mailboxFull: 30 * dayMs } as const;

/**
 * The address after an error.
 * Hard: quarantined at once. Soft: counted when the last counted one is long enough ago, quarantined at the limit; after days of
 * peace the count begins anew. Ignored: nothing. Quarantined and denylisted addresses stay so, allowlisted ones are never touched.
 * @param known undefined when the address had no error yet
 * @returns the same object when nothing changes
 * @source Classic v7, "Quarantine management"; of the limits it gives for soft errors the 5th is taken
 */
export function decideAfterError(
  known: AddressRecord | undefined,
  error: AddressError,
  rules: QuarantineRules,
): AddressRecord | undefined {
  if (error.failureType === failureTypes.none || error.failureType === failureTypes.ignored) return known;
  if (known !== undefined && isSettled(known.status)) return known;
  const isHard = error.failureType === failureTypes.hard;
  if (!isHard && known?.lastError !== undefined && !isSignificant(known, error, rules)) return known;
  const before = known === undefined || isAtPeace(known, error.at) ? 0 : known.errorCount;
  const errorCount = before + 1;
  return {
    address: error.address,
    status: isHard || errorCount >= rules.maxErrors ? "quarantined" : "withErrors",
    failureReason: error.failureReason,
    errorCount,
    lastError: error.at,
  };
}

function isSettled(status: AddressStatus): boolean {
  return status === "quarantined" || status === "denylisted" || status === "allowlisted";
}

/** An error from before the last counted one was counted with it: notices may come late. */
function isSignificant({ status, lastError }: AddressRecord, { at }: AddressError, rules: QuarantineRules): boolean {
  return (
    status !== "withErrors" || lastError === undefined || at.getTime() - lastError.getTime() > rules.significantDelayMs
  );
}

function isAtPeace({ failureReason, lastError, status }: AddressRecord, now: Date): boolean {
  if (status === "valid") return true;
  const needed = failureReason === failureReasons.mailboxFull ? peaceMs.mailboxFull : peaceMs.ordinary;
  return lastError !== undefined && now.getTime() - lastError.getTime() > needed;
}
