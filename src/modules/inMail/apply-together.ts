/** Applies mails that arrived together, so that one that cannot be applied does not hold up the others. */

import type { Database } from "#foundation/database.ts";
import { isDatabaseAway } from "#foundation/database-errors.ts";

import { type Applied, applyReports } from "./apply-reports.ts";
import type { OpenedMail } from "./open-mail.ts";

export type ApplyResult = { readonly kind: Applied } | { readonly kind: "failed"; readonly error: unknown };

/**
 * Applies mails in as few transactions as is safe: bounces lock messages, deliveries and then addresses, complaints lock addresses only,
 * so each kind has a transaction of its own and none can wait for the other in a circle. A transaction that fails is tried again mail by mail.
 */
export async function applyTogether(db: Database, mails: readonly OpenedMail[], at: Date): Promise<ApplyResult[]> {
  const results = new Map<OpenedMail, ApplyResult>();
  for (const group of [["bounce", "noted"], ["complaint"], ["unsubscribe"]]) {
    const members = mails.filter(({ effect }) => group.includes(effect.kind));
    if (members.length === 0) continue;
    const applied = await applyGroup(db, members, at);
    for (const [index, mail] of members.entries())
      results.set(mail, applied[index] ?? { kind: "failed", error: undefined });
  }
  return mails.map((mail) => results.get(mail) ?? { kind: "failed", error: undefined });
}

async function applyGroup(db: Database, mails: readonly OpenedMail[], at: Date): Promise<ApplyResult[]> {
  try {
    return (await applyReports(db, mails, at)).map((kind) => ({ kind }));
  } catch (error) {
    if (mails.length === 1 || isDatabaseAway(error)) return mails.map(() => ({ kind: "failed", error }));
    const single: ApplyResult[] = [];
    for (const mail of mails) single.push(...(await applyGroup(db, [mail], at)));
    return single;
  }
}
