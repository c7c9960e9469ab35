/** The report of `postrider doctor`: findings for people, the worst first, and what was looked at; or all of it as one JSON object. */

import { hostname } from "node:os";

import type { Finding, Obstacle, Said, Severity, Value, Values } from "#foundation/doctor/check.ts";
import type { Words } from "#foundation/doctor/words.ts";
import { escapeControls } from "#foundation/log.ts";
import { version } from "#foundation/version.ts";

import type { Report } from "./report.ts";

type Found = Finding & { readonly report: Report };

const order: readonly Severity[] = ["error", "warning", "note"];
const exitCodes = { error: 2, warning: 1, note: 0 } as const satisfies Record<Severity, number>;

/** 0 when nothing is wrong, 1 for warnings, 2 for errors. */
export function exitCodeOf(reports: readonly Report[]): number {
  return Math.max(0, ...listFindings(reports).map(({ severity }) => exitCodes[severity]));
}

/** Paragraphs of text. */
export function renderReport(reports: readonly Report[], words: Words): string {
  const found = listFindings(reports);
  const paragraphs = found.map((finding) => describeFinding(finding, words));
  const isWell = exitCodeOf(reports) === 0;
  return `${[...(isWell ? [] : paragraphs), summary(reports, words, isWell), ...(isWell ? paragraphs : [])].join("\n\n")}\n`;
}

/** For programs: keys and figures are the same in every language. */
export function renderJson(reports: readonly Report[], words: Words, now: Date): string {
  return JSON.stringify({
    version,
    host: hostname(),
    date: now,
    language: words.language,
    exitCode: exitCodeOf(reports),
    findings: listFindings(reports).map(({ report: { check, instance }, severity, problem, values = {} }) => ({
      check,
      instance,
      severity,
      problem,
      ...sayProblem(problem, values, words),
      values,
    })),
    seen: reports.flatMap(({ check, instance, examination }) =>
      "findings" in examination && examination.seen !== undefined
        ? [{ check, instance, text: say(examination.seen, words), values: examination.seen.values ?? {} }]
        : [],
    ),
    notSeen: reports.flatMap(({ check, instance, examination }) =>
      "obstacle" in examination ? [{ check, instance, obstacle: examination.obstacle }] : [],
    ),
  });
}

function listFindings(reports: readonly Report[]): Found[] {
  return reports
    .flatMap((report) =>
      "findings" in report.examination ? report.examination.findings.map((finding) => ({ ...finding, report })) : [],
    )
    .sort((one, other) => order.indexOf(one.severity) - order.indexOf(other.severity));
}

function describeFinding({ report, severity, problem, values = {} }: Found, words: Words): string {
  const { symptom, cause, remedy } = sayProblem(problem, values, words);
  const where = report.instance === undefined ? "" : `${report.instance}: `;
  return [
    `${words.say(`severity.${severity}`)}  ${where}${symptom}`,
    ...indent(words.say("label.cause"), cause),
    ...indent(words.say("label.remedy"), remedy),
  ].join("\n");
}

/** Further lines stand below the first one's text. */
function indent(label: string, text: string): string[] {
  return text.split("\n").map((line, index) => (index === 0 ? `  ${label} ${line}` : `    ${line}`));
}

function summary(reports: readonly Report[], words: Words, isWell: boolean): string {
  // What does not concern an instance is not looked at there, and says nothing of it.
  const seen = reports.filter(
    ({ examination }) =>
      "findings" in examination && examination.findings.length === 0 && examination.seen !== undefined,
  );
  const lines = isWell
    ? [words.say("doctor.well"), ...reports.flatMap((report) => describeSeen(report, words))]
    : seen.length === 0
      ? []
      : [words.say("doctor.alsoSeen", { checks: seen.map((report) => nameOf(report, words)).join(", ") })];
  return [...lines, ...describeObstacles(reports, words)].join("\n");
}

function describeSeen(report: Report, words: Words): string[] {
  const { examination } = report;
  return "findings" in examination && examination.seen !== undefined
    ? [`  ${nameOf(report, words)}: ${say(examination.seen, words)}`]
    : [];
}

function describeObstacles(reports: readonly Report[], words: Words): string[] {
  const byObstacle = Map.groupBy(reports, ({ examination }) =>
    "obstacle" in examination ? examination.obstacle : undefined,
  );
  return [...byObstacle].flatMap(([obstacle, held]) => {
    if (obstacle === undefined) return [];
    const checks = held.map((report) => nameOf(report, words)).join(", ");
    return [words.say("doctor.notLookedAt", { checks, because: words.say(`obstacle.${obstacle satisfies Obstacle}`) })];
  });
}

function nameOf({ check, instance }: Report, words: Words): string {
  const name = words.say(`check.${check}`);
  return instance === undefined ? name : `${name} (${instance})`;
}

function sayProblem(
  problem: Finding["problem"],
  values: Values,
  words: Words,
): { symptom: string; cause: string; remedy: string } {
  const part = (name: "symptom" | "cause" | "remedy"): string => say({ text: `${problem}.${name}`, values }, words);
  return { symptom: part("symptom"), cause: part("cause"), remedy: part("remedy") };
}

function say({ text, values = {} }: Said, words: Words): string {
  const written = Object.entries(values).map(([name, value]) => [name, write(value, words)]);
  return words.say(text, Object.fromEntries(written));
}

/** Names and replies come from elsewhere: they must not steer a terminal. */
function write(value: Value, words: Words): string | number {
  if (typeof value === "string") return value.split("\n").map(escapeControls).join("\n");
  if (typeof value === "number") return value;
  if (value instanceof Date) return words.moment(value);
  if ("bytes" in value) return words.bytes(value.bytes);
  return "spanMs" in value ? words.span(value.spanMs) : say(value, words);
}
