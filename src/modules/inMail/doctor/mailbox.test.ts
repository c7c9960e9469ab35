import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";

import { checkMailbox } from "./mailbox.ts";

test("a mailbox that could not be read since its last success is told, with the reason", async (t) => {
  const visit = await aVisit(t, { settings: '[inMail]\npopHost = "pop.test"\npopLogin = "bounces"' });
  assert.deepEqual(problemsOf(await checkMailbox(visit)), []);
  const line = (minute: number, level: string, message: string): string =>
    `2026-11-21 10:0${minute}:00.000Z\t12\t0\t7\t${level}\tlog\t${message}\n`;
  const failures = [
    line(1, "info", "inMail.mailbox_read read=2 deleted=2"),
    line(2, "error", 'inMail.mailbox_failed failures=1 reason="the login is refused"'),
    line(3, "error", 'inMail.mailbox_failed failures=2 reason="the login is refused"'),
  ];
  const log = join(visit.home.var, "main", "log");
  mkdirSync(log, { recursive: true });
  writeFileSync(join(log, "inMail.log"), failures.join(""));
  const found = await checkMailbox(visit);
  assert.deepEqual(problemsOf(found), ["error mailbox.unreadable"]);
  const values = "findings" in found ? found.findings[0]?.values : undefined;
  assert.deepEqual(
    [values?.["where"], values?.["reason"], values?.["since"]],
    ["pop.test:110", "the login is refused", new Date("2026-11-21T10:02:00Z")],
  );
  writeFileSync(
    join(log, "inMail.log"),
    [...failures, line(4, "info", "inMail.mailbox_recovered failures=2")].join(""),
  );
  assert.deepEqual(problemsOf(await checkMailbox(visit)), []);
});
