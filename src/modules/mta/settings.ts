/** Settings of mta and of its children. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { declareSettings, flag, integer, list, port, type Section, text } from "#foundation/settings.ts";

import { ipAffinities } from "./ip-affinity.ts";

export const mtaSettings = moduleSettings("mta", 10, {
  verifyMode: flag({
    default: false,
    description: "Simulation: messages are composed and recorded as sent, and nothing is transmitted.",
  }),
  allowPrivateAddresses: flag({
    default: false,
    description:
      "Mail exchangers at loopback, private and link-local addresses are connected to; meant for test networks.",
  }),
  mxPort: port({ default: 25, description: "TCP port of mail exchangers." }),
  publicId: integer({
    default: 1,
    min: 1,
    max: 32_767,
    description: "Number of this host's public IP address in the rules of the statistics server.",
  }),
  localAddress: text({
    default: "",
    description: "Local IP address that connections leave from. Empty = the system chooses.",
  }),
  dataLogPath: text({
    default: "",
    pattern: /^(\/.*)?$/,
    accepts: "an absolute path",
    description:
      "Folder that the source of every sent message is kept in, as YYYY-MM-DD/HHh/<deliveryId>-<broadLogId>-sent.eml. Empty = none is kept.",
  }),
  purgeDataLogDelay: integer({
    default: 15,
    min: 1,
    max: 3_650,
    description: "Kept messages of mta.dataLogPath are removed after so many days.",
  }),
  retryLostMessages: flag({
    default: true,
    description:
      "Messages in doubt, whose content left and whose answer is not known, are sent again with the same Message-ID; false = they fail with that reason and are never sent again, and each message is announced on the disk before it leaves, so that it is known exactly which these are.",
  }),
  retryPeriodSec: integer({
    default: 3_600,
    min: 1,
    max: 604_800,
    description: "Pause before a deferred message is tried again, in seconds.",
  }),
  retryCount: integer({
    default: 5,
    min: 0,
    max: 1_000,
    description:
      "Tries at that pace; afterwards a deferred message is tried once a day until the delivery's validity ends.",
  }),
  leaseSec: integer({
    default: 900,
    min: 10,
    max: 86_400,
    description:
      "A part that nobody renews for this long, in seconds, goes to another child; renewed all the time while a child works on it.",
  }),
});

export const mtaRelaySettings = declareSettings("mta.relay", {
  address: list({
    default: [],
    pattern: /^(\[[0-9a-f:.]+\]|[a-z0-9]([a-z0-9.-]{0,252}))(:\d{1,5})?$/i,
    accepts:
      "host names or IP addresses separated by commas, each with a port or not: relay.example.org, 10.0.0.7:2525",
    description:
      "Relays that take all messages when mta.route is relay, used in order: the next one only while those before it fail.",
  }),
  port: port({ default: 25, description: "SMTP port of relays that name none." }),
});

export const mtaMasterSettings = declareSettings("mta.master", {
  dataBasePoolPeriodSec: integer({
    default: 30,
    min: 1,
    max: 3_600,
    description: "Pause between looks at the database while there is nothing to do, in seconds.",
  }),
  maxPreparations: integer({
    default: 2,
    min: 1,
    max: 64,
    description: "Deliveries that are prepared at the same time.",
  }),
  startSpareServers: integer({ default: 0, min: 0, max: 64, description: "Children started with the module." }),
  minSpareServers: integer({
    default: 0,
    min: 0,
    max: 64,
    description: "Children kept running; at most one is started each second.",
  }),
  maxSpareServers: integer({
    default: 2,
    min: 1,
    max: 64,
    description:
      "Most children at the same time; a further one is started while parts wait and processors are idle, or nobody claims them.",
  }),
});

export const mtaChildSettings = declareSettings("mta.child", {
  idleChildTimeoutSec: integer({
    default: 60,
    min: 1,
    max: 86_400,
    description: "A child without work ends after this time, in seconds.",
  }),
  maxMsgPerChild: integer({
    default: 5_000_000,
    min: 1,
    max: 1_000_000_000,
    description: "A child ends after that many messages.",
  }),
  maxAgeSec: integer({
    default: 600,
    min: 1,
    max: 86_400,
    description:
      "Longest wait of a message for a quota or a reachable server, in seconds; then it goes back to wait with its part.",
  }),
  maxWaitingMessages: integer({
    default: 2_000,
    min: 1,
    max: 100_000,
    description:
      "A child with that many unsent messages claims no further part, unless those of slow destinations can go back to theirs.",
  }),
  maxWorkingSetMb: integer({
    default: 128,
    min: 16,
    max: 4_096,
    description:
      "Messages under way take at most this memory in a child, in MB; further ones are composed when it is free again.",
  }),
  maxMemoryMb: integer({
    default: 1_024,
    min: 100,
    max: 100_000,
    description: "A child that holds more memory than this claims no further part, and ends after those it has, in MB.",
  }),
  maxSessionsPerChild: integer({
    default: 200,
    min: 1,
    max: 10_000,
    description: "SMTP sessions that a child has open at the same time.",
  }),
});

export const mtaSmtpSettings = declareSettings("mta.child.smtp", {
  enableTLS: flag({
    default: true,
    description: "STARTTLS is used wherever it is offered, unless a rule of the destination says otherwise.",
  }),
  idleSessionTimeoutSec: integer({
    default: 5,
    min: 0,
    max: 300,
    description: "An open session is kept that long for the next message, in seconds.",
  }),
  initialDelaySec: integer({
    default: 4,
    min: 1,
    max: 300,
    description: "Pause after a failed connection to an address, in seconds; doubles at each failure up to 60.",
  }),
});

export const mtaStsSettings = declareSettings("mta.mtaSts", {
  enabled: flag({
    default: true,
    description:
      "Domains that publish an MTA-STS policy of mode enforce get mail only over TLS with a valid certificate, and only at the mail exchangers that the policy names.",
  }),
  policyPort: port({ default: 443, description: "TCP port of the hosts that policies are fetched from." }),
  fetchTimeoutSec: integer({
    default: 30,
    min: 1,
    max: 60,
    description: "Longest time for fetching a policy from one address, in seconds.",
  }),
});

export const mtaAffinitySettings = declareSettings("mta.child.smtp", {
  ipAffinity: ipAffinities({
    description:
      "IP affinities of this host: which addresses the messages of a delivery leave from, by weight and by the recipient's domain. Deliveries with an affinity that no host declares wait; those without use the affinity named default, or mta.localAddress.",
  }),
});

export const mtaDnsSettings = declareSettings("mta.dns", {
  localDomain: text({
    default: "",
    pattern: /^([A-Za-z0-9]([A-Za-z0-9.-]{0,252}))?$/,
    accepts: "a host name",
    description: "Name that SMTP sessions are opened with (EHLO). Empty = the host's own.",
  }),
  nameServers: list({
    default: [],
    description: "DNS servers for MX look-ups, such as 192.0.2.53 or 127.0.0.1:5353. Empty = those of the system.",
  }),
  retry: integer({ default: 4, min: 1, max: 10, description: "Tries of a DNS query." }),
  requestLogDelayMs: integer({
    default: 0,
    min: 0,
    max: 600_000,
    description: "DNS queries that take longer than this are logged, in milliseconds; 0 = none.",
  }),
  timeout: integer({
    default: 5_000,
    min: 100,
    max: 60_000,
    description: "Wait for an answer of a DNS server, in milliseconds.",
  }),
});

export const mtaSections: readonly Section[] = [
  mtaSettings,
  mtaRelaySettings,
  mtaMasterSettings,
  mtaChildSettings,
  mtaSmtpSettings,
  mtaAffinitySettings,
  mtaStsSettings,
  mtaDnsSettings,
];
