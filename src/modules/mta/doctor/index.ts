/** What doctor looks at of mta. One line each. */

import type { Check } from "#foundation/doctor/check.ts";

import { checkDeliveries } from "./deliveries.ts";
import { checkDns } from "./dns.ts";
import { checkFailures } from "./failures.ts";
import { checkJournals } from "./journals.ts";
import { checkRoute } from "./route.ts";

export const mtaChecks: readonly Check[] = [
  { name: "route", scope: "instance", examine: checkRoute },
  { name: "deliveries", scope: "instance", examine: checkDeliveries },
  { name: "journals", scope: "instance", examine: checkJournals },
  { name: "failures", scope: "instance", examine: checkFailures },
  { name: "dns", scope: "instance", limitMs: 8_000, examine: checkDns },
];
