/** `postrider restart MODULE@INSTANCE`. */

import { controlProcesses } from "./control-processes.ts";
import type { VerbRun } from "./verb.ts";

/** Asks the watchdog to restart processes. */
export const restart: VerbRun = (call) => controlProcesses("restart", call);
