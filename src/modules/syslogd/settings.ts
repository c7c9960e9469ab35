/** Settings of syslogd. */

import { isIP } from "node:net";

import { moduleSettings } from "#foundation/common-settings.ts";
import { integer, list, type Section, type Setting } from "#foundation/settings.ts";

export const syslogdSettings = moduleSettings("syslogd", 0, {
  maxFileSizeMb: integer({
    default: 10,
    min: 1,
    max: 2_000,
    description: "Size at which <module>.log becomes <module>_2.log and replaces the former one, in MB.",
  }),
  maxNumberOfLoginsFiles: integer({
    default: 365,
    min: 1,
    max: 10_000,
    description: "Days for which logins.<yy-mm-dd>.log is kept.",
  }),
  allowedSources: sources({
    default: [],
    description:
      "Addresses and networks, such as 10.0.0.0/8, that may send lines besides this host. Needs syslogd.address to be reachable from there.",
  }),
  maxFilesPerInstance: integer({
    default: 100,
    min: 20,
    max: 10_000,
    description: "Different log files per instance; lines of further programs go to syslog.log.",
  }),
  flushIntervalMs: integer({
    default: 25,
    min: 1,
    max: 1_000,
    description: "Longest time that a line waits in memory before it is written, in milliseconds.",
  }),
  receiveBufferKb: integer({
    default: 4_096,
    min: 64,
    max: 262_144,
    description: "Receive buffer asked of the system, in KB; net.core.rmem_max limits it.",
  }),
});

export const syslogdSections: readonly Section[] = [syslogdSettings];

/** A list of addresses and networks. */
function sources(options: { default: readonly string[]; description: string }): Setting<readonly string[]> {
  const texts = list({ ...options, accepts: "a list of IP addresses and networks such as 10.0.0.0/8" });
  return {
    ...texts,
    parse: (raw) => {
      const items = texts.parse(raw);
      return items?.every(isNetwork) ? items : undefined;
    },
  };
}

function isNetwork(text: string): boolean {
  const [address = "", bits, more] = text.split("/");
  const version = isIP(address);
  if (version === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}
