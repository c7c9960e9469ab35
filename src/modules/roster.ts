/** The modules of the platform: one line each. The watchdog starts them, the command runs them, doctor and the console list them. */

import { dkimReloadSettings, dkimSettings } from "#campaign/content/dkim-settings.ts";
import { personalizationSettings } from "#campaign/content/script/script-settings.ts";
import { mailSettings } from "#campaign/content/mail-settings.ts";
import { commonSections } from "#foundation/common-settings.ts";
import type { Check } from "#foundation/doctor/check.ts";
import type { Module } from "#foundation/module.ts";
import type { Section } from "#foundation/settings.ts";

import { exportSections } from "./export/settings.ts";
import { importSections } from "./import/settings.ts";
import { inMailSections } from "./inMail/settings.ts";
import { inboxSections } from "./inbox/settings.ts";
import { mtaSections } from "./mta/settings.ts";
import { statSections } from "./stat/settings.ts";
import { syslogdSections } from "./syslogd/settings.ts";
import { trackingSections } from "./tracking/settings.ts";
import { trackinglogdSections } from "./trackinglogd/settings.ts";
import { watchdogSections } from "./watchdog/settings.ts";
import { webSections } from "./web/settings.ts";
import { wfserverSections } from "./wfserver/settings.ts";

export type RosterEntry = {
  readonly name: string;
  readonly does: string;
  readonly scope: "host" | "instance";
  /** `supervised`: kept running by the watchdog. `job`: runs to completion. `child`: started by the module named. */
  readonly kind: "watchdog" | "supervised" | "job" | { readonly childOf: string };
  /** Lines of help on the arguments that the module reads itself. */
  readonly usage?: readonly string[];
  readonly load: () => Promise<Module>;
  /** What `postrider doctor` looks at of this module. */
  readonly loadChecks?: () => Promise<readonly Check[]>;
};

const importUsage = [
  "-file:PATH [-group:NAME] [-rejects:PATH] [-encoding:utf-8|windows-1252|latin1] [-separator:CHARACTER]",
  "Exit code 0: all lines taken, 1: some rejected, 2: failed or interrupted, and nothing was changed",
];
const exportUsage = [
  "-out:PATH, or -out:- for standard output [-group:NAME] [-separator:CHARACTER]",
  "Exit code 0: written, 2: failed or interrupted, and the former file is as it was",
];

export const roster: readonly RosterEntry[] = [
  {
    name: "watchdog",
    does: "starts and monitors all others",
    scope: "host",
    kind: "watchdog",
    load: async () => (await import("./watchdog/main.ts")).watchdog,
  },
  {
    name: "syslogd",
    does: "writes the logs",
    scope: "host",
    kind: "supervised",
    load: async () => (await import("./syslogd/main.ts")).syslogd,
  },
  {
    name: "trackinglogd",
    does: "answers clicks; writes and purges tracking logs",
    scope: "host",
    kind: "supervised",
    load: async () => (await import("./trackinglogd/main.ts")).trackinglogd,
    loadChecks: async () => (await import("./trackinglogd/doctor/index.ts")).trackinglogdChecks,
  },
  {
    name: "web",
    does: "application server, HTTP and SOAP",
    scope: "host",
    kind: "supervised",
    load: async () => (await import("./web/main.ts")).web,
  },
  {
    name: "stat",
    does: "MTA connection statistics and quotas",
    scope: "instance",
    kind: "supervised",
    usage: [
      "postrider stat -instance:NAME -show [-json]   what every path may do and does, and which messages wait for what and until when",
      "postrider stat -instance:NAME -reload         has the running one read MX rules and warm-ups, and keeps its counters",
    ],
    load: async () => (await import("./stat/main.ts")).stat,
    loadChecks: async () => (await import("./stat/doctor/index.ts")).statChecks,
  },
  {
    name: "inbox",
    does: "built-in mailbox of an instance that is not live",
    scope: "instance",
    kind: "supervised",
    load: async () => (await import("./inbox/main.ts")).inbox,
  },
  {
    name: "inMail",
    does: "reads the bounce mailboxes",
    scope: "instance",
    kind: "supervised",
    load: async () => (await import("./inMail/main.ts")).inMail,
    loadChecks: async () => (await import("./inMail/doctor/index.ts")).inMailChecks,
  },
  {
    name: "mta",
    does: "delivers e-mail",
    scope: "instance",
    kind: "supervised",
    load: async () => (await import("./mta/main.ts")).mta,
    loadChecks: async () => (await import("./mta/doctor/index.ts")).mtaChecks,
  },
  {
    name: "mtachild",
    does: "renders and sends parts of deliveries",
    scope: "instance",
    kind: { childOf: "mta" },
    load: async () => (await import("./mta/child/main.ts")).mtachild,
  },
  {
    name: "tracking",
    does: "retrieves and consolidates tracking logs",
    scope: "instance",
    kind: "supervised",
    load: async () => (await import("./tracking/main.ts")).tracking,
  },
  {
    name: "wfserver",
    does: "runs workflow instances",
    scope: "instance",
    kind: "supervised",
    load: async () => (await import("./wfserver/main.ts")).wfserver,
  },
  {
    name: "runwf",
    does: "runs the ready tasks of one workflow",
    scope: "instance",
    kind: { childOf: "wfserver" },
    load: async () => (await import("./wfserver/engine/main.ts")).runwf,
  },
  {
    name: "import",
    does: "runs an import job",
    scope: "instance",
    kind: "job",
    usage: importUsage,
    load: async () => (await import("./import/main.ts")).importModule,
  },
  {
    name: "export",
    does: "runs an export job",
    scope: "instance",
    kind: "job",
    usage: exportUsage,
    load: async () => (await import("./export/main.ts")).exportModule,
  },
];

/** Every section of the settings: what is in none of them is a fault. */
export const allSections: readonly Section[] = [
  ...commonSections,
  dkimSettings,
  dkimReloadSettings,
  mailSettings,
  personalizationSettings,
  ...watchdogSections,
  ...syslogdSections,
  ...webSections,
  ...mtaSections,
  ...statSections,
  ...inboxSections,
  ...inMailSections,
  ...trackinglogdSections,
  ...trackingSections,
  ...wfserverSections,
  ...importSections,
  ...exportSections,
];
