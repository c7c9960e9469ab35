import assert from "node:assert/strict";
import { test } from "node:test";

import { aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { aWeb } from "#test/support/web.ts";
import { stretched } from "#test/support/slowness.ts";

const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

test("there is no /metrics until someone may read it", async (t) => {
  const web = await aWeb(t);
  assert.equal((await web.get("/metrics", bearer(""))).status, 404);
});

test("/metrics is for the holder of the token, or for the networks that are set, and for nobody else", async (t) => {
  const web = await aWeb(t, { settings: 'web.metrics.token = "a long secret"' });
  for (const headers of [{}, bearer(""), bearer("wrong"), { authorization: "Basic a long secret" }])
    assert.equal((await web.get("/metrics", headers)).status, 401);
  assert.equal((await web.get("/metrics", bearer("a long secret"))).status, 200);
  const near = await aWeb(t, { settings: 'web.metrics.networks = ["127.0.0.0/8"]' });
  assert.equal((await near.get("/metrics")).status, 200);
  const far = await aWeb(t, { settings: 'web.metrics.networks = ["192.0.2.0/24"]' });
  assert.equal((await far.get("/metrics", { "x-forwarded-for": "192.0.2.1" })).status, 401);
});

test("requests, sessions, connections, work, memory and event loop are told", async (t) => {
  const web = await aWeb(t, { settings: 'web.metrics.networks = ["127.0.0.0/8"]' });
  await web.logOn();
  await web.get("/deliveries/12");
  await web.get("/no/such/page/4711");
  const { text, headers } = await web.get("/metrics");
  assert.match(String(headers["content-type"]), /^text\/plain; version=/);
  for (const line of [
    /^postrider_http_request_duration_seconds_count\{method="GET",route="\/deliveries\/:id",status="303"\} 1$/m,
    /^postrider_http_request_duration_seconds_count\{method="GET",route="none",status="404"\} 1$/m,
    /^postrider_http_request_duration_seconds_count\{method="POST",route="\/nl\/jsp\/soaprouter\.jsp",status="200"\} 1$/m,
    /^postrider_sessions\{instance="main"\} 1$/m,
    /^postrider_connections\{instance="main",state="active"\} [1-9]/m,
    /^postrider_messages\{instance="main",kind="waiting"\} 0$/m,
    /^postrider_database_up\{instance="main"\} 1$/m,
    /^nodejs_eventloop_lag_p99_seconds /m,
    /^process_resident_memory_bytes \d+/m,
  ])
    assert.match(text, line);
  assert.ok(!text.includes("4711"), "what a client made up is no label");
});

test("while the database is away a scrape is answered, and says so", async (t) => {
  const { db, fallSilent, comeBack } = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const web = await aWeb(t, { db, settings: 'web.metrics.networks = ["127.0.0.0/8"]' });
  fallSilent();
  const start = performance.now();
  assert.match((await web.get("/metrics")).text, /^postrider_database_up\{instance="main"\} 0$/m);
  const tookMs = performance.now() - start;
  assert.ok(tookMs < (await stretched(2_000, tookMs)), `${tookMs} ms`);
  comeBack();
});
