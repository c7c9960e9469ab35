/** What doctor looks at of stat. One line each. */

import type { Check } from "#foundation/doctor/check.ts";

import { checkServer } from "./server.ts";
import { checkWaits } from "./waits.ts";

export const statChecks: readonly Check[] = [
  { name: "stat", scope: "instance", limitMs: 8_000, examine: (visit) => checkServer(visit) },
  { name: "statWaits", scope: "instance", examine: checkWaits },
];
