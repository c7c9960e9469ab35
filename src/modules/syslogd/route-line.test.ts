/** Where lines go, and what they look like there. */

import assert from "node:assert/strict";
import { test } from "node:test";

import type { ForeignLine, ModuleLine } from "#channels/logs/log-datagram.ts";

import { type Arrival, routeLine } from "./route-line.ts";

const arrival: Arrival = {
  receivedAt: new Date("2026-11-21T23:59:59.999Z"),
  source: undefined,
  isInstance: (name) => name === "main",
};

function aModuleLine(given: Partial<ModuleLine> = {}): ModuleLine {
  return {
    kind: "module",
    module: "mta",
    instance: "main",
    pid: 4711,
    threadId: 0,
    traceFile: undefined,
    time: new Date("2026-11-21T03:04:05.678Z"),
    sequence: 12,
    level: "info",
    type: "log",
    event: "mta.part_sent",
    message: "mta.part_sent partId=7",
    ...given,
  };
}

const aForeignLine = (tag: string): ForeignLine => ({
  kind: "foreign",
  tag,
  pid: 7,
  level: "warning",
  message: "hello",
});
const place = (line: ModuleLine | ForeignLine): string =>
  routeLine(line, arrival)
    .map(({ instance, file }) => `${instance}/${file}`)
    .join();

test("a module's line goes to its instance's folder in Classic's layout", () => {
  assert.deepEqual(routeLine(aModuleLine(), arrival), [
    { instance: "main", file: "mta", text: "2026-11-21 03:04:05.678Z\t4711\t0\t12\tinfo\tlog\tmta.part_sent partId=7" },
  ]);
  assert.equal(place(aModuleLine({ traceFile: "night" })), "main/night");
  assert.equal(place(aModuleLine({ instance: "default", module: "web" })), "default/web");
});

test("a name that is no module's, no file's or no instance's cannot choose a path", () => {
  for (const given of [
    { module: "../../etc/passwd" },
    { module: "" },
    { module: "web_2" },
    { instance: "other" },
    { instance: "../main" },
    { traceFile: "../x" },
    { traceFile: "a/b" },
  ]) {
    assert.equal(place(aModuleLine(given)), "default/syslog", JSON.stringify(given));
  }
});

test("a line of another program goes to the file of its name, as far as that can be one", () => {
  for (const [tag, expected] of [
    ["cron", "cron"],
    ["/usr/sbin/cron", "cron"],
    ["org.gnome.Shell", "org_gnome_Shell"],
    ["", "syslog"],
    ["..", "syslog"],
    ["../../x", "x"],
    ["web_2", "syslog"],
    ["a b", "syslog"],
    ["x".repeat(61), "syslog"],
  ] as const) {
    assert.equal(place(aForeignLine(tag)), `default/${expected}`, tag);
  }
  assert.equal(
    routeLine(aForeignLine("cron"), arrival)[0]?.text,
    "2026-11-21 23:59:59.999Z\t7\t0\t0\twarning\tsyslog\thello",
  );
});

test("a logon of web is written to the file of its day as well", () => {
  const logon = { module: "web", instance: "default", event: "session.logon_refused" };
  const routes = routeLine(aModuleLine(logon), arrival);
  assert.deepEqual(
    routes.map(({ file, loginsDay }) => [file, loginsDay]),
    [
      ["web", undefined],
      ["logins", "26-11-21"],
    ],
  );
  assert.equal(routeLine(aModuleLine({ ...logon, module: "mta" }), arrival).length, 1);
  assert.equal(routeLine(aModuleLine({ ...logon, event: "session.ended" }), arrival).length, 1);
});

test("a line from another host shows where it came from", () => {
  assert.match(
    routeLine(aModuleLine(), { ...arrival, source: "10.0.0.3" })[0]?.text ?? "",
    /\t\[10\.0\.0\.3\] mta\.part_sent/,
  );
});
