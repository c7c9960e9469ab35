/** The bounce mailbox, by what inMail wrote of it last: a session of our own would lock it out. */

import { readLoggedField, readLogTail } from "#channels/logs/read-log-tail.ts";
import { inMailAddress } from "#foundation/common-settings.ts";
import type { Examination, InstanceVisit } from "#foundation/doctor/check.ts";

import { inMailSettings } from "../settings.ts";

/** Reads the log of inMail. */
export async function checkMailbox({ home, instance, settings }: InstanceVisit): Promise<Examination> {
  const { popHost, popPort, popLogin } = settings.of(inMailSettings);
  const { address, port } = settings.of(inMailAddress);
  const where = popLogin === "" ? `${address}:${port}` : `${popHost}:${popPort}`;
  const seen = { text: "seen.mailbox", values: { where } } as const;
  if (popLogin === "") return { findings: [], seen };
  const lines = await readLogTail(home, instance, "inMail");
  const from = lines.findLastIndex(({ event }) => event === "process.ready" || isGood(event));
  const failures = lines.slice(from + 1).filter(({ event, level }) => isOfMailbox(event) && level !== "info");
  const [first, last] = [failures[0], failures.at(-1)];
  if (first === undefined || last === undefined) return { findings: [], seen };
  const reason = readLoggedField(last, "reason") ?? last.message;
  const values = { where, reason, since: first.time, instance };
  return { findings: [{ severity: "error", problem: "mailbox.unreadable", values }], seen };
}

function isOfMailbox(event: string): boolean {
  return event.startsWith("inMail.mailbox");
}

function isGood(event: string): boolean {
  return event === "inMail.mailbox_read" || event === "inMail.mailbox_recovered";
}
