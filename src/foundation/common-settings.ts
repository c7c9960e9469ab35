/** Settings that more than one module reads, and the ones every module has. */

import { languages } from "./languages.ts";
import { securityZones } from "./security-zones.ts";
import {
  address,
  choice,
  declareSettings,
  flag,
  integer,
  list,
  port,
  type Section,
  secret,
  type Setting,
  text,
  timeOfDay,
} from "./settings.ts";

/** Where an instance's data is. */
export const databaseSettings = declareSettings("database", {
  url: text({
    default: "",
    description:
      "Address of the PostgreSQL database, such as postgres://login@host:5432/name. Empty = the embedded PostgreSQL.",
  }),
  password: secret({ default: "", description: "Password of the database login, when the address does not hold it." }),
  maxConnections: integer({ default: 5, min: 2, max: 500, description: "Connections that one process may hold." }),
  connectTimeoutMs: integer({
    default: 10_000,
    min: 100,
    max: 120_000,
    description: "Longest wait for a connection, in milliseconds.",
  }),
  sharedBuffersMb: integer({
    default: 128,
    min: 16,
    max: 65_536,
    description: "Memory the embedded PostgreSQL keeps for its pages, in MB.",
  }),
});

/** How an instance shows itself to the world. */
export const instanceSettings = declareSettings("instance", {
  hosts: list({ default: ["*"], description: "Host names that lead to this instance; * stands for any text." }),
  lang: choice({
    default: "en",
    words: languages,
    description: "Language of public pages and built-in message blocks.",
  }),
  publicUrl: text({
    default: "",
    pattern: /^(https?:\/\/[^\s/?#]+)?$/,
    accepts: "an address without a path, such as https://mail.example.org",
    description: "What links in messages begin with. Empty = the address of web on this host.",
  }),
  fromAddress: text({ default: "news@example.org", description: "Sender of a delivery that names none." }),
  bounceDomain: text({
    default: "bounce.example.org",
    pattern: /^[a-z0-9.-]{1,200}$/,
    accepts: "a domain name",
    description: "Domain of the return path and of Message-IDs; its MX must lead to inMail.",
  }),
  timezone: text({ default: "UTC", description: "Time zone of schedules, such as Europe/Paris." }),
});

/** Where processes find each other. */
export const webAddress = declareSettings("web", {
  address: address({ default: "127.0.0.1", description: "Address that web listens on." }),
  port: port({ default: 8080, description: "TCP port of web." }),
});
/** Whether web speaks TLS itself. */
export const webTlsSettings = declareSettings("web.tls", {
  certificate: text({
    default: "",
    description:
      "PEM file of the TLS certificate with its chain; read again when it changes. Empty = plain HTTP, for a proxy that speaks TLS.",
  }),
  key: text({ default: "", description: "PEM file of the key of the TLS certificate." }),
});
export const syslogdAddress = declareSettings("syslogd", {
  address: address({
    default: "127.0.0.1",
    description: "Address that syslogd listens on, and that modules send their log lines to.",
  }),
  port: port({ default: 6666, description: "UDP port of syslogd." }),
});
export const statAddress = declareSettings("stat", {
  address: address({ default: "127.0.0.1", description: "Address of the statistics server." }),
  port: port({ default: 7777, description: "UDP port of the statistics server." }),
});
/** What hosts and instances that use one statistics server have in common. */
export const statSecretSettings = declareSettings("stat", {
  sharedSecret: secret({
    default: "",
    description:
      "Secret of all instances that use one statistics server; the same on each. Empty = only senders of the server's own instance, with its key file.",
  }),
  formerSharedSecret: secret({
    default: "",
    description: "The secret before this one: still accepted by the server while the senders are given the new one.",
  }),
});

/** Which paths get a row of SMTP error statistics. */
export const errorStatisticsSettings = declareSettings("mta", {
  logEmailErrors: flag({ default: true, description: "SMTP error statistics are written (nms:emailErrorStat)." }),
  errorPeriodSec: integer({
    default: 300,
    min: 1,
    max: 86_400,
    description: "Width of the periods of the SMTP error statistics, in seconds.",
  }),
  minConnectionsToLog: integer({
    default: 100,
    min: 0,
    max: 1_000_000_000,
    description: "Connections of a path below which it gets no row in a period.",
  }),
  minErrorsToLog: integer({
    default: 1,
    min: 0,
    max: 1_000_000_000,
    description: "Errors of a path below which it gets no row in a period.",
  }),
  minMessagesToLog: integer({
    default: 1_000,
    min: 0,
    max: 1_000_000_000,
    description: "Messages of a path below which it gets no row in a period.",
  }),
});
export const trackinglogdAddress = declareSettings("trackinglogd", {
  address: address({ default: "127.0.0.1", description: "Address that trackinglogd listens on." }),
  port: port({ default: 7780, description: "TCP port of trackinglogd." }),
  servers: list({
    default: [],
    accepts: "a list of addresses such as http://10.0.0.7:7780",
    pattern: /^https?:\/\/[^\s/?#@]+\/?$/,
    description: "Redirection servers on other hosts, such as http://10.0.0.7:7780. Empty = the one of this host.",
  }),
});
export const inboxAddress = declareSettings("inbox", {
  address: address({ default: "127.0.0.1", description: "Address that the built-in mailbox listens on." }),
  port: port({ default: 2525, description: "SMTP port of the built-in mailbox." }),
});
export const inMailAddress = declareSettings("inMail", {
  address: address({ default: "127.0.0.1", description: "Address that inMail listens on for bounce mails." }),
  port: port({ default: 2526, description: "SMTP port that bounce mails are delivered to." }),
});

/** How operators log on, and how long a session lives. */
export const authenticationSettings = declareSettings("authentication", {
  sessionTimeOutSec: integer({
    default: 86_400,
    min: 60,
    max: 31_536_000,
    description: "Life of a session, in seconds from logon.",
  }),
  longSessionTimeOutSec: integer({
    default: 1_296_000,
    min: 60,
    max: 31_536_000,
    description: "Life of a session that is to be remembered, in seconds from logon.",
  }),
  idleTimeOutSec: integer({
    default: 28_800,
    min: 0,
    max: 31_536_000,
    description:
      "Time without a request after which a session ends, in seconds; 0 = never. Remembered sessions do not end so.",
  }),
  securityTimeOutSec: integer({
    default: 86_400,
    min: 60,
    max: 31_536_000,
    description: "Life of a security token, in seconds.",
  }),
  checkIPConsistent: flag({
    default: false,
    description: "A session is good only from the address that it was opened from.",
  }),
  freeLogonFailures: integer({
    default: 5,
    min: 1,
    max: 1_000,
    description:
      "Failed logons in a row, for one login, before each further one makes it wait; for one source address four times as many.",
  }),
  maxLogonDelaySec: integer({
    default: 900,
    min: 1,
    max: 86_400,
    description: "Longest wait after failed logons, in seconds; the wait doubles from 1.",
  }),
});

/** From where which operators may log on, and what is allowed there before anyone is known. */
export const securityZoneSettings = declareSettings("web", {
  securityZones: securityZones({
    description:
      "Security zones, outer ones first. Empty = public (every address, nothing allowed) around vpn (allowDebug, showErrors) around lan (private networks; also allowHTTP, sessionTokenOnly).",
  }),
});

/** The account that is in no database: unusable until its password is set. */
export const internalAccountSettings = declareSettings("authentication.xtk", {
  internalPassword: text({
    default: "",
    pattern: /^(\$argon2id\$.+)?$/,
    accepts: "a password hash, as written by postrider config -internalpassword:",
    isSecret: true,
    description: "Password hash of the account internal. Empty = internal cannot log on.",
  }),
  internalSecurityZone: text({
    default: "lan",
    pattern: /^[\w.-]{1,60}$/,
    accepts: "the name of a security zone",
    description: "Security zone from which internal may log on; see web.securityZones.",
  }),
});

/** Where an instance's mail goes. */
export const routeSettings = declareSettings("mta", {
  route: choice({
    default: "inbox",
    words: ["inbox", "relay", "mx"],
    description:
      "Where mail goes: inbox (the built-in mailbox, reaches nobody), relay (mta.relay.address), mx (the MX of each domain).",
  }),
});

/** Settings of the files that hold the shared ones; see also each module's own. */
export const commonSections: readonly Section[] = [
  authenticationSettings,
  securityZoneSettings,
  internalAccountSettings,
  databaseSettings,
  instanceSettings,
  webAddress,
  syslogdAddress,
  statAddress,
  statSecretSettings,
  errorStatisticsSettings,
  trackinglogdAddress,
  inboxAddress,
  inMailAddress,
  routeSettings,
];

/** What the watchdog reads of every module. */
export type SupervisionSettings = {
  autoStart: Setting<boolean>;
  runLevel: Setting<number>;
  args: Setting<string>;
  processRestartTime: Setting<string>;
  maxProcessMemoryWarningMb: Setting<number>;
  maxProcessMemoryAlertMb: Setting<number>;
};

/**
 * Declares a module's own section, with the settings that the watchdog reads of each.
 * @param runLevel low starts first and stops last
 */
export function moduleSettings<T extends Record<string, Setting<unknown>>>(
  name: string,
  runLevel: number,
  own: T,
): Section<T & SupervisionSettings> {
  return declareSettings(name, {
    ...own,
    autoStart: flag({ default: true, description: "Started by the watchdog." }),
    runLevel: integer({
      default: runLevel,
      min: 0,
      max: 100,
      description: "Order of starting: low starts first and stops last.",
    }),
    args: text({ default: "", description: "Further arguments of the process, such as -verbose." }),
    processRestartTime: timeOfDay({
      default: "06:00:00",
      description: "Time of the daily restart, in the host's time zone.",
    }),
    maxProcessMemoryWarningMb: integer({
      default: 1600,
      min: 50,
      max: 1_000_000,
      description: "Memory from which a warning is logged, in MB.",
    }),
    maxProcessMemoryAlertMb: integer({
      default: 1800,
      min: 50,
      max: 1_000_000,
      description: "Memory from which the process is drained and restarted, in MB.",
    }),
  });
}
