/** Settings of inMail. */

import { moduleSettings } from "#foundation/common-settings.ts";
import { address, choice, flag, integer, port, type Section, secret, text } from "#foundation/settings.ts";

export const inMailSettings = moduleSettings("inMail", 10, {
  popHost: address({
    default: "localhost",
    description: "POP3 server of the bounce mailbox; read when popLogin is set.",
  }),
  popPort: port({ default: 110, description: "Port of the POP3 server; 995 is usual with popEncryption = pop3s." }),
  popLogin: text({ default: "", description: "Login of the bounce mailbox. Empty = no mailbox is read." }),
  popPassword: secret({ default: "", description: "Password of the bounce mailbox." }),
  popEncryption: choice({
    default: "none",
    words: ["none", "starttls", "pop3s"],
    description:
      "How the session with the POP3 server is encrypted; with starttls and pop3s nothing is sent without encryption.",
  }),
  popMailPeriodSec: integer({
    default: 300,
    min: 1,
    max: 86_400,
    description: "Pause between two readings of the mailbox, in seconds.",
  }),
  popTimeoutSec: integer({
    default: 300,
    min: 1,
    max: 3_600,
    description: "Longest wait for an answer of the POP3 server, in seconds.",
  }),
  maxMsgPerSession: integer({ default: 200, min: 1, max: 100_000, description: "Mails read in one POP3 session." }),
  maxSessionTTLSec: integer({ default: 100, min: 1, max: 86_400, description: "Longest POP3 session, in seconds." }),
  maxBroadLog: integer({
    default: 20,
    min: 1,
    max: 1_000,
    description: "Mails whose effects are written to the database together.",
  }),
  checkInstanceName: flag({
    default: true,
    description: "Bounces whose Message-ID names another instance are left alone.",
  }),
  maxConnections: integer({
    default: 20,
    min: 1,
    max: 1_000,
    description: "SMTP connections that are served at the same time.",
  }),
  maxMessageSizeMb: integer({
    default: 10,
    min: 1,
    max: 10,
    description: "Largest mail that is taken by SMTP, in MB.",
  }),
  keepDays: integer({
    default: 60,
    min: 1,
    max: 3_650,
    description: "Days for which it is remembered which mails were read.",
  }),
});

export const inMailSections: readonly Section[] = [inMailSettings];
