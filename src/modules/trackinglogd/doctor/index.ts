/** What doctor looks at of trackinglogd. One line each. */

import type { Check } from "#foundation/doctor/check.ts";

import { checkCertificate } from "./certificate.ts";
import { checkRedirection } from "./redirection.ts";

export const trackinglogdChecks: readonly Check[] = [
  { name: "redirection", scope: "instance", examine: checkRedirection },
  { name: "certificate", scope: "instance", examine: checkCertificate },
];
