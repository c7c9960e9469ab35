/** How much a query of a client may answer, and how long it may take. */

import type { Context } from "#foundation/module.ts";

import { webQuerySettings, webSettings } from "../settings.ts";

/** The limits of an instance. A query is ended shortly before its connection would be given up. */
export function queryLimitsOf({ settings }: Pick<Context, "settings">): {
  defaultLineCount: number;
  mostLines: number;
  timeoutMs: number;
} {
  const { defaultLineCount, maxLineCount } = settings.of(webQuerySettings);
  return { defaultLineCount, mostLines: maxLineCount, timeoutMs: settings.of(webSettings).queryTimeoutMs * 0.9 };
}
