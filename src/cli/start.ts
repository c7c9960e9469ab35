/** `postrider start MODULE@INSTANCE`. */

import { controlProcesses } from "./control-processes.ts";
import type { VerbRun } from "./verb.ts";

/** Asks the watchdog to start processes. */
export const start: VerbRun = (call) => controlProcesses("start", call);
