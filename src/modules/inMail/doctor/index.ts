/** What doctor looks at of inMail. One line each. */

import type { Check } from "#foundation/doctor/check.ts";

import { checkMailbox } from "./mailbox.ts";

export const inMailChecks: readonly Check[] = [{ name: "mailbox", scope: "instance", examine: checkMailbox }];
