/** Takes over what a sender says that it holds. */

import { withinHour } from "#channels/permits/held-permits.ts";
import type { PathReport } from "#channels/permits/permit-messages.ts";

import type { Accounts } from "./accounts.ts";
import type { Holding } from "./holdings.ts";

/** A lot of a report: a long one takes several datagrams. */
export type ReportLot = { readonly number: number; readonly isLast: boolean; readonly paths: readonly PathReport[] };

/**
 * Makes what is counted what the client says; with the last lot of a report, what it did not name is gone.
 * @param slice the slice under way
 */
export function takeReport(
  accounts: Accounts,
  client: string,
  { number, isLast, paths }: ReportLot,
  slice: number,
): void {
  for (const report of paths) {
    const holding = accounts.of(client, report.path);
    holding.reportNumber = number;
    accounts.addConnections(holding, report.openConnections - holding.openConnections);
    takeTokens(accounts, holding, report, slice);
  }
  if (!isLast) return;
  for (const holding of accounts.find(client)?.values() ?? []) {
    if (holding.reportNumber === number) continue;
    // What it spent stays spent for the hour.
    accounts.addConnections(holding, -holding.openConnections);
    for (const [each, tokens] of holding.outstanding) accounts.addTokens(holding, each, 0, -tokens);
  }
}

/** What the client no longer names of the last hour is given back. */
function takeTokens(accounts: Accounts, holding: Holding, report: PathReport, slice: number): void {
  const spent = new Map(withinHour(report.spent, slice));
  const outstanding = new Map(withinHour(report.outstanding, slice));
  const slices = new Set([
    ...spent.keys(),
    ...outstanding.keys(),
    ...holding.spent.keys(),
    ...holding.outstanding.keys(),
  ]);
  for (const each of slices) {
    const spentBy = (spent.get(each) ?? 0) - (holding.spent.get(each) ?? 0);
    accounts.addTokens(holding, each, spentBy, (outstanding.get(each) ?? 0) - (holding.outstanding.get(each) ?? 0));
  }
}
