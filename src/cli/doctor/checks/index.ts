/** What is looked at besides what modules look at themselves. One line each. */

import type { Check } from "#foundation/doctor/check.ts";

import { checkDatabaseOfInstance } from "./database.ts";
import { checkFolders } from "./folders.ts";
import { checkPlatform } from "./platform.ts";
import { checkSettings } from "./settings.ts";

export const platformChecks: readonly Check[] = [
  { name: "settings", scope: "host", examine: checkSettings },
  { name: "platform", scope: "host", examine: (visit) => checkPlatform(visit) },
  { name: "folders", scope: "host", examine: (visit) => checkFolders(visit) },
  { name: "database", scope: "instance", examine: (visit) => checkDatabaseOfInstance(visit) },
];
