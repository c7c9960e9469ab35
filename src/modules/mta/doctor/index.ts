/** What doctor looks at of mta. One line each. */

import type { Check } from "#foundation/doctor/check.ts";

import { checkAddresses } from "./addresses.ts";
import { checkDeliveries } from "./deliveries.ts";
import { checkDns } from "./dns.ts";
import { checkFailures } from "./failures.ts";
import { checkJournals } from "./journals.ts";
import { checkRelay } from "./relay.ts";
import { checkRoute } from "./route.ts";
import { checkSenders } from "./senders.ts";
import { checkSigning } from "./signing.ts";
import { checkSpf } from "./spf.ts";

export const mtaChecks: readonly Check[] = [
  { name: "route", scope: "instance", examine: checkRoute },
  { name: "relay", scope: "instance", examine: checkRelay },
  { name: "deliveries", scope: "instance", examine: checkDeliveries },
  { name: "journals", scope: "instance", examine: checkJournals },
  { name: "failures", scope: "instance", examine: checkFailures },
  { name: "signing", scope: "instance", examine: checkSigning },
  { name: "dns", scope: "instance", limitMs: 8_000, examine: checkDns },
  { name: "addresses", scope: "instance", limitMs: 8_000, examine: checkAddresses },
  { name: "spf", scope: "instance", limitMs: 8_000, examine: checkSpf },
  { name: "senders", scope: "instance", limitMs: 8_000, examine: checkSenders },
];
