import assert from "node:assert/strict";
import { test } from "node:test";

import { someSettings } from "#test/support/context.ts";
import { aWeb } from "#test/support/web.ts";

import { relayRules } from "./relay-rule.ts";

const publicOnly = '[[web.securityZones]]\nname = "public"\nnetworks = ["*"]\n';

test("the first rule that matches decides, and what it denies answers 403 however it is spelt", async (t) => {
  const web = await aWeb(t, {
    settings: `
[[web.relay.urls]]
urlPath = "/nl/jsp/ping.jsp"
networks = ["192.0.2.0/24"]

[[web.relay.urls]]
urlPath = "/nl/jsp/ping.jsp"
deny = true

[[web.relay.urls]]
urlPath = "/nl/*"
`,
  });
  for (const path of ["/nl/jsp/ping.jsp", "/nl/jsp/ping.jsp?x=1", "/nl/jsp/%70ing.jsp", "/nl/jsp/ping.jsp;x"]) {
    const { status, text } = await web.get(path);
    assert.ok(status === 403 || status === 404, `${path} ${status}`);
    assert.doesNotMatch(text, /XSV-350008/);
  }
  assert.match((await web.get("/nl/jsp/mcPing.jsp")).text, /XSV-350008/);
  assert.equal((await web.get("/health")).status, 200);
});

test("without rules of one's own Classic's hold: some denied, some open to any zone, the others only where the zone lets them", async (t) => {
  const near = await aWeb(t);
  assert.equal((await near.get("/nl/jsp/ooconv.jsp")).status, 403);
  assert.equal((await near.get("/res/x.jsp")).status, 403);
  assert.match((await near.call("GetServerTime")).text, /GetServerTimeResponse/);
  const far = await aWeb(t, { settings: `web.trustedProxies = ["127.0.0.1"]\n${publicOnly}` });
  assert.equal((await far.get("/xtk/jsp/zoneinfo.jsp")).status, 200);
  assert.equal((await far.get("/nl/jsp/logon.jsp")).status, 200);
  assert.equal((await far.get("/health")).status, 200);
  for (const path of ["/nl/jsp/ping.jsp", "/api/v1/recipients"]) {
    const { status, text } = await far.get(path);
    assert.deepEqual([status, text.includes("WEB-100012")], [403, true], path);
  }
  const byTls = await far.get("/nl/jsp/ping.jsp", { "x-forwarded-proto": "https" });
  assert.match(byTls.text, /XSV-350008/);
});

test("rules that cannot be meant are refused", () => {
  const { parse } = relayRules({ description: "" });
  assert.equal(parse('[{"urlPath":"/x","deny":true}]')?.length, 1);
  for (const bad of [
    "x",
    {},
    [{}],
    [{ urlPath: 1 }],
    [{ urlPath: "/x", denied: true }],
    [{ urlPath: "/x", deny: "yes" }],
  ])
    assert.equal(parse(bad), undefined, JSON.stringify(bad));
  assert.ok(someSettings('web.relay.urls = [{ urlPath = "/x" }]'));
});
