import assert from "node:assert/strict";
import { test } from "node:test";

import { startModule } from "#test/support/module-process.ts";
import { aVisit, problemsOf } from "#test/support/doctor-visit.ts";
import { inReverse } from "#test/support/endings.ts";
import { aTcpPort } from "#test/support/free-ports.ts";

import { checkRedirection } from "./redirection.ts";

test("a redirection server that answers is seen; one that does not is told, and a public address that leads elsewhere", async (test) => {
  const t = inReverse(test);
  const [port, nowhere] = [await aTcpPort(), await aTcpPort()];
  const here = `http://127.0.0.1:${port}`;
  const settings = (servers: string, publicUrl: string): string =>
    `[trackinglogd]\nservers = ["${servers}"]\n[instance]\npublicUrl = "${publicUrl}"`;
  const visit = await aVisit(t, { settings: settings(here, here) });
  assert.deepEqual(problemsOf(await checkRedirection(visit)), ["error redirection.away"]);
  await startModule(t, visit.home, ["trackinglogd"], { POSTRIDER_TRACKINGLOGD_PORT: String(port) }).ready;
  assert.deepEqual(problemsOf(await checkRedirection(visit)), []);
  const other = await aVisit(t, { settings: settings(here, `http://127.0.0.1:${nowhere}`) });
  assert.deepEqual(problemsOf(await checkRedirection(other)), ["warning redirection.notPublic"]);
  const local = await aVisit(t, {});
  assert.deepEqual(problemsOf(await checkRedirection(local)), ["obstacle platform"]);
});
