/** `/r/test` and `/r/status`: whether the redirection works, for probes and load balancers. */

import { version } from "#foundation/version.ts";

import { type Answer, contentAnswer } from "./answer.ts";
import type { Tally } from "./tally.ts";

export type TestCall = {
  readonly now: Date;
  /** Empty when it is not to be shown. */
  readonly sourceAddress: string;
  /** Host that the caller asked for. */
  readonly host: string;
  readonly localHost: string;
  /** True for a caller whose security zones allow him to see more. */
  readonly allowsDebug: boolean;
};

/** Classic's answer: `<redir status='OK' date='...' .../>`. */
export function answerTest(call: TestCall): Answer {
  const attributes: readonly (readonly [string, string])[] = [
    ["status", "OK"],
    ["date", call.now.toISOString().replace("T", " ")],
    ...(call.allowsDebug ? [["build", version] as const, ["instance", "default"] as const] : []),
    ["sourceIP", call.sourceAddress],
    ...(call.allowsDebug ? [["host", call.host] as const, ["localHost", call.localHost] as const] : []),
  ];
  const text = attributes.map(([name, value]) => `${name}='${escapeAttribute(value)}'`).join(" ");
  return contentAnswer(200, "text/xml; charset=utf-8", `<redir ${text}/>\n`);
}

/** Totals since the start as JSON, for callers of this host. */
export function answerStatus(tally: Tally, startedAt: Date): Answer {
  return contentAnswer(
    200,
    "application/json; charset=utf-8",
    `${JSON.stringify({ startedAt: startedAt.toISOString(), ...tally.totals() })}\n`,
  );
}

function escapeAttribute(text: string): string {
  return text
    .replace(/[^\x20-\x7e]/g, "?")
    .slice(0, 255)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("'", "&apos;");
}
