import assert from "node:assert/strict";
import { test } from "node:test";

import { permitPeer } from "#channels/permits/permit-peer.ts";
import type { Answer, Question } from "#channels/permits/permit-messages.ts";
import { aUdpPort } from "#test/support/free-ports.ts";
import { anOperator } from "#test/support/operators.ts";
import { aPermitServer } from "#test/support/permit-server.ts";
import { aWeb, type RunningWeb } from "#test/support/web.ts";

const path = { host: "<b>mx.example.test</b>", address: "192.0.2.1", publicId: 7 };

function answer(question: Question): Answer {
  if (question.kind !== "show") return { kind: "done" };
  const wait = { client: "host:1:a", destination: "example.test", path, messages: 42, sinceMs: 65_000, forMs: 1_000 };
  return {
    kind: "shown",
    overview: {
      rules: 1,
      senders: 2,
      paths: 1,
      openConnections: 3,
      refused: 0,
      upMs: 1,
      startingForMs: 0,
      pausedForMs: 90_000,
    },
    paths: [
      {
        key: "7|192.0.2.1|mx",
        path,
        rule: { id: 5, mask: "*.example.test" },
        openConnections: 3,
        maxConnections: 20,
        slice: { spent: 99, setAside: 11, limit: 100 },
        hour: { spent: 1_100, setAside: 0, limit: 1_200 },
        tokensHeld: 4,
        sliceLeftMs: 10_000,
        flow: { level: 0.25, nextProbeMs: 5_000, sinceMs: 60_000 },
        warmUp: { day: 3, sent: 12, setAside: 3, limit: 113 },
        waiting: [{ ...wait, reason: "quota" }],
      },
    ],
    isLast: true,
  };
}

async function aWebWithStat(
  t: Parameters<typeof aWeb>[0],
): Promise<RunningWeb & { cookie: string; serve: () => Promise<void> }> {
  const port = await aUdpPort();
  const web = await aWeb(t, { settings: `stat.port = ${port}\nweb.metrics.networks = ["127.0.0.0/8"]` });
  const cookie = await web.logOnInBrowser();
  const serve = async (): Promise<void> => {
    const { key } = permitPeer(web.context);
    await aPermitServer(t, { port, key, answer });
  };
  return { ...web, cookie, serve };
}

test("the page says what paths may do and what waits, and that stat is silent while it is", async (t) => {
  const web = await aWebWithStat(t);
  assert.match((await web.get("/throughput", { cookie: web.cookie })).text, /does not answer: no message leaves/);
  await web.serve();
  const { text, status } = await web.get("/throughput", { cookie: web.cookie });
  assert.equal(status, 200);
  for (const shown of [
    /99 \/ 100<span class="below">11 set aside<\/span>/,
    /has granted nothing for/,
    /1,100 \/ 1,200/,
    /25%/,
    /Day 3: 12 of 113<span class="below">3 set aside</,
    /\*\.example\.test/,
    /quotas met/,
    />42</,
  ])
    assert.match(text, shown);
  assert.ok(!text.includes("<b>mx"), "names come from DNS");
});

test("the page is for administrators: one stat may serve several instances", async (t) => {
  const web = await aWebWithStat(t);
  const { session } = await anOperator(web, "few", ["export"]);
  assert.equal((await web.get("/throughput", { cookie: `__sessiontoken=${session}` })).status, 404);
  const modules = await web.get("/modules", { cookie: `__sessiontoken=${session}` });
  assert.equal(modules.status, 200);
  assert.ok(!modules.text.includes("/throughput"));
});

test("metrics say whether stat answers, and what waits", async (t) => {
  const web = await aWebWithStat(t);
  assert.match((await web.get("/metrics")).text, /^postrider_stat_up\{instance="main"\} 0$/m);
  await web.serve();
  const { text } = await web.get("/metrics");
  for (const line of [
    /^postrider_stat_up\{instance="main"\} 1$/m,
    /^postrider_stat_connections\{instance="main"\} 3$/m,
    /^postrider_stat_slowed_paths\{instance="main"\} 1$/m,
    /^postrider_stat_waiting_messages\{instance="main",reason="quota"\} 42$/m,
  ])
    assert.match(text, line);
});
