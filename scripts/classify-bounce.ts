/**
 * Reads a raw mail on standard input and prints what the bounce reader makes of it, one JSON line:
 * `[{"recipient", "type", "reason"}]`, an empty list when it reports no failure.
 */

import { buffer } from "node:stream/consumers";

import type { InboundReport } from "../src/protocols/bounce/inbound-report.ts";
import { parseInboundReport } from "../src/protocols/bounce/parse-inbound-report.ts";

type Line = { recipient: string | null; type: string; reason: string };

const report = await parseInboundReport(await buffer(process.stdin));
process.stdout.write(`${JSON.stringify(linesOf(report))}\n`);

function linesOf(found: InboundReport): Line[] {
  switch (found.kind) {
    case "dsn":
      return found.recipients.map(({ recipient, qualification: { type, reason } }) => ({
        recipient: recipient || null,
        type,
        reason: type === "none" ? "delivered" : reason,
      }));
    case "complaint":
      return found.feedbackType === "not-spam" || found.feedbackType === "auth-failure"
        ? [{ recipient: found.recipients[0] ?? null, type: "ignored", reason: "notDefined" }]
        : [{ recipient: found.recipients[0] ?? null, type: "hard", reason: "complaint" }];
    case "autoReply":
      return [{ recipient: found.sender || null, type: "ignored", reason: "outOfOffice" }];
    case "unsubscribe":
    case "other":
      return [];
  }
}
