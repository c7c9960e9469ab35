/** Takes over what a sender says that it holds. */

import { withinHour } from "#channels/permits/held-permits.ts";
import { type PathReport, slicesPerHour } from "#channels/permits/permit-messages.ts";

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
    accounts.addConnections(holding, -holding.openConnections);
    takeTokens(accounts, holding, nothing, slice);
  }
}

/** A client forgets a slice when it takes an hour to be over: what it does not name of the oldest ones was spent all the same. */
const oldestSlices = 2;
const nothing = { spent: [], outstanding: [] };

/** What the client does not name is given back, such as what was reserved for it and it never had. */
function takeTokens(
  accounts: Accounts,
  holding: Holding,
  report: Pick<PathReport, "spent" | "outstanding">,
  slice: number,
): void {
  const spent = new Map(withinHour(report.spent, slice));
  const outstanding = new Map(withinHour(report.outstanding, slice));
  const slices = new Set([
    ...spent.keys(),
    ...outstanding.keys(),
    ...holding.spent.keys(),
    ...holding.outstanding.keys(),
  ]);
  for (const each of slices) {
    if (each <= slice - slicesPerHour + oldestSlices && !spent.has(each) && !outstanding.has(each)) continue;
    accounts.clearSetAside(holding, each);
    const spentBy = (spent.get(each) ?? 0) - (holding.spent.get(each) ?? 0);
    accounts.addTokens(holding, each, spentBy, (outstanding.get(each) ?? 0) - (holding.outstanding.get(each) ?? 0));
  }
}
