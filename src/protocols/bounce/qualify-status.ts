/** What a code alone says, when the words beside it say nothing known. */

import type { Qualification } from "./qualification.ts";

/**
 * Qualifies by the enhanced status, then by the three digits. Only statuses that name the address itself are hard.
 * @source RFC 3463 section 3
 */
export function qualifyStatus(code: number | undefined, enhanced: string | undefined): Qualification {
  const [, subject, detail] = enhanced?.split(".").map(Number) ?? [];
  const byStatus = subject === undefined ? undefined : qualifySubject(subject, detail ?? 0);
  if (byStatus !== undefined) return byStatus;
  if (code === 552) return { type: "soft", reason: "mailboxFull" };
  if (code !== undefined && code >= 400 && code < 500) return { type: "soft", reason: "unreachable" };
  return { type: "soft", reason: code === undefined ? "notDefined" : "refused" };
}

function qualifySubject(subject: number, detail: number): Qualification | undefined {
  switch (subject) {
    case 1:
      return qualifyAddressStatus(detail);
    case 2:
      return qualifyMailboxStatus(detail);
    case 3:
      return { type: "soft", reason: detail === 4 ? "refused" : "unreachable" };
    case 4:
      return { type: "soft", reason: detail === 4 ? "invalidDomain" : "unreachable" };
    case 5:
    case 6:
    case 7:
      return { type: "soft", reason: "refused" };
    default:
      return undefined;
  }
}

function qualifyAddressStatus(detail: number): Qualification | undefined {
  switch (detail) {
    case 1:
    case 6:
      return { type: "hard", reason: "userUnknown" };
    case 2:
    case 10:
      return { type: "soft", reason: "invalidDomain" };
    case 3:
    case 4:
      return { type: "soft", reason: "userUnknown" };
    case 7:
    case 8:
    case 9:
      return { type: "soft", reason: "refused" };
    default:
      return undefined;
  }
}

function qualifyMailboxStatus(detail: number): Qualification | undefined {
  switch (detail) {
    case 1:
      return { type: "soft", reason: "accountDisabled" };
    case 2:
      return { type: "soft", reason: "mailboxFull" };
    case 3:
      return { type: "soft", reason: "refused" };
    default:
      return { type: "soft", reason: "unreachable" };
  }
}
