/** `postrider stop MODULE@INSTANCE`. */

import { controlProcesses } from "./control-processes.ts";
import type { VerbRun } from "./verb.ts";

/** Asks the watchdog to stop processes. */
export const stop: VerbRun = (call) => controlProcesses("stop", call);
