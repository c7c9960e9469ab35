import assert from "node:assert/strict";
import { test } from "node:test";

import type { Examination, HostCheck, HostVisit, InstanceCheck } from "#foundation/doctor/check.ts";
import { wordsOf } from "#foundation/doctor/words.ts";
import { databaseUnreachable } from "#foundation/database-errors.ts";
import { aContext, aHome } from "#test/support/context.ts";
import type { Ending } from "#test/support/endings.ts";

import { exitCodeOf, renderJson, renderReport } from "./render-report.ts";
import { runChecks } from "./run-checks.ts";

const words = wordsOf("en", "UTC");

function aVisit(t: Ending): Omit<HostVisit, "signal"> {
  return { home: aHome(t), environment: {}, host: "testhost", instances: ["main"], now: () => new Date() };
}

function aCheck(examine: HostCheck["examine"], limitMs?: number): HostCheck {
  return { name: "platform", scope: "host", examine, ...(limitMs === undefined ? {} : { limitMs }) };
}

test("a check that never answers is cut off and told, and the others are seen all the same", async (t) => {
  const hanging = aCheck(() => new Promise<Examination>(() => undefined), 50);
  const good = aCheck(() =>
    Promise.resolve({ findings: [], seen: { text: "seen.settings", values: { files: 2, folder: "/x" } } }),
  );
  const reports = await runChecks([hanging, good], aVisit(t), []);
  assert.equal(exitCodeOf(reports), 1);
  const text = renderReport(reports, words);
  assert.match(text, /^WARNING {2}One thing could not be looked at: processes\.\n {2}Cause: It gave no answer within/m);
  assert.match(text, /nothing wrong there: processes$/m);
});

test("what throws is told with its reason; a database that is away is an obstacle, as its own check says it", async (t) => {
  const { settings, secrets, db } = await aContext(t);
  const away: InstanceCheck = {
    name: "deliveries",
    scope: "instance",
    examine: () => Promise.reject(databaseUnreachable({ where: "there", reason: "refused" })),
  };
  const broken = aCheck(() => {
    throw new TypeError("not so");
  });
  const reports = await runChecks([away, broken], aVisit(t), [{ name: "main", open: { settings, secrets, db } }]);
  assert.deepEqual(
    reports.map(({ examination }) =>
      "obstacle" in examination ? examination.obstacle : examination.findings[0]?.problem,
    ),
    ["database", "doctor.failed"],
  );
  assert.match(renderReport(reports, words), /Cause: not so/);
  const unreadable = await runChecks([away], aVisit(t), [{ name: "main" }]);
  assert.deepEqual(unreadable[0]?.examination, { obstacle: "settings" });
});

test("errors stand before warnings and notes, values cannot steer a terminal, and programs get keys and figures", async (t) => {
  const check = aCheck(() =>
    Promise.resolve({
      findings: [
        { severity: "note", problem: "platform.stopping" },
        {
          severity: "error",
          problem: "folders.full",
          values: { folder: "/a\u001b[2J", free: { bytes: 3_145_728 }, total: { bytes: 0 } },
        },
      ],
    }),
  );
  const reports = await runChecks([check], aVisit(t), []);
  const text = renderReport(reports, words);
  assert.ok(text.indexOf("ERROR") < text.indexOf("NOTE"));
  assert.match(text, /3 MB of 0 kB are left where \/a\\x1b\[2J lies/);
  const json = JSON.parse(renderJson(reports, words, new Date())) as {
    exitCode: number;
    findings: { problem: string }[];
  };
  assert.equal(json.exitCode, 2);
  assert.deepEqual(json.findings[0], {
    check: "platform",
    severity: "error",
    problem: "folders.full",
    symptom: "The disk is full, or nearly: sending, tracking and logs stop.",
    cause: "3 MB of 0 kB are left where /a\\x1b[2J lies.",
    remedy: words.say("folders.full.remedy", { folder: "/a\\x1b[2J" }),
    values: { folder: "/a\u001b[2J", free: { bytes: 3_145_728 }, total: { bytes: 0 } },
  });
});

test("what does not concern an instance is not said to be looked at", async (t) => {
  const warning = aCheck(() => Promise.resolve({ findings: [{ severity: "warning", problem: "platform.stopping" }] }));
  const unconcerned = aCheck(() => Promise.resolve({ findings: [] }));
  const text = renderReport(await runChecks([warning, unconcerned], aVisit(t), []), words);
  assert.doesNotMatch(text, /Looked at besides/);
});
