/** Deliveries that failed, and a share of errors beyond the usual, with the answers given most often. */

import type { Examination, Finding, InstanceVisit } from "#foundation/doctor/check.ts";

import { type ErrorShare, listFailedDeliveries, listFrequentAnswers, readErrorShare } from "./failures-store.ts";

const oneDayMs = 86_400_000;
const failedDays = 3;
const usualDays = 30;
const mostDeliveries = 5;
const mostAnswers = 3;
/** Below this a few bad addresses are a large share. */
const fewMessages = 100;
/** A list that is well kept stays below. */
const highShare = 0.05;
const timesUsual = 2;

/** Compares the last day with the month before it. */
export async function checkFailures({ db, now }: InstanceVisit): Promise<Examination> {
  const [toMs, daysAgo] = [now().getTime(), (days: number): Date => new Date(now().getTime() - days * oneDayMs)];
  const [failed, lately, usually] = await Promise.all([
    listFailedDeliveries(db, daysAgo(failedDays), mostDeliveries),
    readErrorShare(db, daysAgo(1), new Date(toMs)),
    readErrorShare(db, daysAgo(usualDays), daysAgo(1)),
  ]);
  const findings: Finding[] = failed.map(({ deliveryId, label, at, reason }) => ({
    severity: "error",
    problem: "failures.delivery",
    values: { id: String(deliveryId), label, at, reason },
  }));
  if (isHigh(lately, usually)) {
    const answers = await listFrequentAnswers(db, daysAgo(1), mostAnswers);
    const reasons = answers.map(({ text, messages }) => `${messages} x ${text}`).join("\n");
    const values = { ...lately, percent: percentOf(lately), usual: percentOf(usually), reasons };
    findings.push({ severity: "warning", problem: "failures.share", values });
  }
  return { findings, seen: { text: "seen.failures", values: { ...lately } } };
}

function isHigh(lately: ErrorShare, usually: ErrorShare): boolean {
  if (lately.processed < fewMessages) return false;
  const share = lately.errors / lately.processed;
  const usual = usually.processed < fewMessages ? 0 : usually.errors / usually.processed;
  return share > highShare && share > usual * timesUsual;
}

function percentOf({ processed, errors }: ErrorShare): number {
  return processed === 0 ? 0 : Math.round((errors / processed) * 1_000) / 10;
}
