/** An instance whose first operators are there, with what it writes to the log. */

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import type { LogRecord } from "#foundation/log.ts";
import type { Context } from "#foundation/module.ts";

import { aContext } from "./context.ts";
import type { Ending } from "./endings.ts";
import { aRecordedLog } from "./recorded-log.ts";

/** Of the operator `admin`. */
export const adminPassword = "correct horse battery";

/** An instance with the operators that every instance begins with. */
export async function anInstanceWithOperators(
  t: Ending,
  settings = "",
): Promise<Context & { readonly records: LogRecord[] }> {
  const { log, records } = aRecordedLog();
  const context = await aContext(t, { settings, log });
  await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: adminPassword });
  return { ...context, records };
}
