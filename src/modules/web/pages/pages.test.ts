import assert from "node:assert/strict";
import { test } from "node:test";

import { openControl } from "#channels/control/control.ts";
import type { PlatformStatus } from "#channels/control/control-messages.ts";
import { aDatabaseAddress } from "#test/support/database.ts";
import { aFalteringDatabase } from "#test/support/faltering-database.ts";
import { anOperator } from "#test/support/operators.ts";
import { insertBroadLogs, insertDelivery, insertInboxMessage, setLocale } from "#test/support/page-store.ts";
import { until } from "#test/support/until.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { type Answer, aWeb, type RunningWeb } from "#test/support/web.ts";

const logonPath = "/nl/jsp/logon.jsp";

function cookieOf(answer: Answer): string {
  return [answer.headers["set-cookie"] ?? []].flat()[0] ?? "";
}

function tokenOf(page: Answer): string {
  return /name="securityToken" value="([^"]+)"/.exec(page.text)?.[1] ?? "";
}

async function asOperator(
  web: RunningWeb,
): Promise<{ cookie: string; get(path: string): Promise<Answer>; token: string }> {
  const cookie = await web.logOnInBrowser();
  const get = (path: string): Promise<Answer> => web.get(path, { cookie });
  return { cookie, get, token: tokenOf(await get("/modules")) };
}

test("without a session every page leads to the logon form, and from there back", async (t) => {
  const web = await aWeb(t);
  for (const path of [
    "/",
    "/modules",
    "/deliveries",
    "/deliveries/1",
    "/inbox",
    "/inbox/1",
    "/inbox/1/frame",
    "/inbox/1/source",
    "/account",
  ]) {
    const answer = await web.get(path);
    assert.equal(answer.status, 303, path);
    assert.equal(
      answer.headers["location"],
      path === "/" ? logonPath : `${logonPath}?next=${encodeURIComponent(path)}`,
    );
  }
  const form = await web.get(`${logonPath}?next=%2Finbox`);
  assert.match(form.text, /<input type="hidden" name="next" value="\/inbox">/);
  const answer = await web.post(logonPath, { login: "admin", password: adminPassword, next: "/inbox?search=a%40b" });
  assert.deepEqual([answer.status, answer.headers.location], [303, "/inbox?search=a%40b"]);
});

test("pages show an operator only what he may read on every other road (I10)", async (t) => {
  const web = await aWeb(t);
  await web.context.db
    .run`insert into xtk_folder (folder_id, parent_id, name, label) values (4000, 0, 'north', 'North')`;
  const inside = await insertDelivery(web.context.db, { label: "Inside", state: 95, toDeliver: 5 });
  const outside = await insertDelivery(web.context.db, { label: "Outside", state: 95, toDeliver: 5 });
  await web.context.db.run`update nms_delivery set folder_id = 4000 where delivery_id = ${inside}`;
  const { session } = await anOperator(web, "nora", ["delivery"]);
  await web.context.db.run`update xtk_operator set folder_id = 4000 where name = 'nora'`;
  const get = (path: string): Promise<Answer> => web.get(path, { cookie: `__sessiontoken=${session}` });
  const list = (await get("/deliveries")).text;
  assert.match(list, /Inside/);
  assert.doesNotMatch(list, /Outside|href="\/inbox"/);
  const statuses = await Promise.all(
    [`/deliveries/${inside}`, `/deliveries/${outside}`, "/inbox", "/inbox/1", "/inbox/1/source"].map(
      async (path) => (await get(path)).status,
    ),
  );
  assert.deepEqual(statuses, [200, 404, 404, 404, 404]);
});

test("the form sends nobody to another site", async (t) => {
  const web = await aWeb(t);
  for (const next of [
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "/a\r\nSet-Cookie: a=b; c",
    "",
  ]) {
    const { headers } = await web.post(logonPath, { login: "admin", password: adminPassword, next });
    assert.equal(headers["location"], "/modules");
    assert.equal([headers["set-cookie"] ?? []].flat().length, 1);
  }
});

test("the session's cookie is out of reach of scripts and other sites, and secure behind a proxy that ends TLS", async (t) => {
  const web = await aWeb(t, { settings: 'web.trustedProxies = ["127.0.0.1"]' });
  const form = { login: "admin", password: adminPassword };
  assert.match(
    cookieOf(await web.post(logonPath, form)),
    /^__sessiontoken=___[0-9A-F-]{36}; Path=\/; HttpOnly; SameSite=Lax$/,
  );
  assert.match(
    cookieOf(await web.post(logonPath, form, { "x-forwarded-proto": "https" })),
    /; HttpOnly; Secure; SameSite=Lax$/,
  );
  assert.match(cookieOf(await web.post(logonPath, { ...form, remember: "on" })), /; Max-Age=1296000;/);
});

test("S-17: a session that a browser brought along is never the one that is logged on, and ends", async (t) => {
  const web = await aWeb(t);
  const planted = "__sessiontoken=___11111111-1111-1111-1111-111111111111";
  const first =
    cookieOf(await web.post(logonPath, { login: "admin", password: adminPassword }, { cookie: planted })).split(
      ";",
      1,
    )[0] ?? "";
  assert.notEqual(first, planted);
  const second = await web.post(logonPath, { login: "admin", password: adminPassword }, { cookie: first });
  assert.equal((await web.get("/modules", { cookie: first })).status, 303);
  assert.equal((await web.get("/modules", { cookie: cookieOf(second).split(";", 1)[0] ?? "" })).status, 200);
});

test("wrong passwords are refused with the same page for every login, and slowed", async (t) => {
  const web = await aWeb(t, { settings: "authentication.freeLogonFailures = 3" });
  const [wrong, unknown] = [
    await web.post(logonPath, { login: "admin", password: "no" }),
    await web.post(logonPath, { login: "root1", password: "no" }),
  ];
  assert.deepEqual([wrong.status, unknown.status], [403, 403]);
  assert.equal(wrong.text, unknown.text.replaceAll("root1", "admin"));
  assert.match(wrong.text, /role="alert">Invalid login or password\./);
  const slowed = await until(async () => {
    const answer = await web.post(logonPath, { login: "admin", password: "no" });
    return answer.status === 429 && answer;
  }, "the logon to be slowed");
  assert.match(slowed.text, /Too many failed logons\. Try again in \d+ s\./);
});

test("S-18: a post is done only with the token of its own session, and from a page of ours", async (t) => {
  const web = await aWeb(t);
  const [one, other] = [await asOperator(web), await asOperator(web)];
  const tries: [Record<string, string>, Record<string, string>][] = [
    [{}, {}],
    [{ securityToken: "@x-y==" }, {}],
    [{ securityToken: other.token }, {}],
    [{ securityToken: one.token }, { origin: "https://evil.example" }],
    [{ securityToken: one.token }, { origin: "null" }],
    [{ securityToken: one.token }, { "sec-fetch-site": "cross-site" }],
  ];
  for (const [form, headers] of tries) {
    assert.equal(
      (await web.post("/logoff", form, { cookie: one.cookie, ...headers })).status,
      403,
      JSON.stringify([form, headers]),
    );
  }
  assert.equal((await web.get("/logoff", { cookie: one.cookie })).status, 404);
  assert.equal(
    (await web.post("/logoff", { securityToken: one.token }, { cookie: one.cookie, "content-type": "text/plain" }))
      .status,
    415,
  );
  assert.equal(
    (await web.post(logonPath, { login: "admin", password: adminPassword }, { origin: "https://evil.example" })).status,
    403,
  );
  assert.equal((await one.get("/modules")).status, 200);

  const done = await web.post("/logoff", { securityToken: one.token }, { cookie: one.cookie, origin: web.url });
  assert.deepEqual([done.status, done.headers.location], [303, `${logonPath}?said=ended`]);
  assert.match(cookieOf(done), /__sessiontoken=;/);
  assert.equal((await one.get("/modules")).status, 303);
  assert.equal((await other.get("/modules")).status, 200);
});

test("every answer carries the headers that keep a browser from doing more than it should", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  for (const answer of [
    await get("/modules"),
    await web.get(logonPath),
    await web.get("/nothing"),
    await web.call("GetServerTime"),
    await web.get("/health"),
  ]) {
    const policy = String(answer.headers["content-security-policy"]);
    assert.match(policy, /default-src 'none'; script-src 'self'; style-src 'self';/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe/);
    assert.deepEqual(
      [
        answer.headers["x-content-type-options"],
        answer.headers["referrer-policy"],
        answer.headers["cache-control"],
        answer.headers["access-control-allow-origin"],
      ],
      ["nosniff", "same-origin", "no-store", undefined],
    );
  }
});

test("pages hold no inline script or style, load nothing from elsewhere, and their files are there", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  for (const path of ["/modules", "/deliveries", "/inbox", "/throughput", "/account"]) {
    const page = await get(path);
    assert.equal(page.status, 200);
    assert.doesNotMatch(
      page.text,
      /<script(?![^>]* src="\/assets\/)|<style|\sstyle=|\son\w+=|(?:src|href)="(?:https?:)?\/\//,
    );
    for (const [, file] of page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)) {
      const asset = await web.get(file ?? "");
      assert.equal(asset.status, 200);
      assert.match(String(asset.headers["cache-control"]), /immutable/);
    }
    for (const [, id] of page.text.matchAll(/<label for="([^"]+)"/g))
      assert.ok(page.text.includes(`id="${id}"`), `${path} has a label for nothing: ${id}`);
    for (const [field] of page.text.matchAll(/<input (?![^>]*type="(?:hidden|checkbox)")(?![^>]*aria-hidden)[^>]*>/g)) {
      const id = / id="([^"]+)"/.exec(field)?.[1];
      assert.ok(
        id !== undefined && page.text.includes(`<label for="${id}"`),
        `${path}: a field without a label: ${field}`,
      );
    }
  }
});

test("the page of modules shows each process as the watchdog tells it, and of other instances nothing", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  assert.match((await get("/modules")).text, /The watchdog of this host does not answer/);

  const startedAt = new Date(Date.now() - 7_265_000).toISOString();
  const base = {
    instance: "main",
    memoryBytes: 52_400_000,
    startedAt,
    restarts: 0,
    state: "ready" as const,
    isAutoStart: true,
  };
  const processes = [
    { ...base, module: "syslogd", instance: "default", pid: 4711 },
    { ...base, module: "mta", pid: 4712, restarts: 12_345, lastError: 'mta.failed: <img src=x onerror="alert(1)">' },
    { ...base, module: "stat", instance: "second", pid: 4713 },
  ];
  const status: PlatformStatus = {
    version: "1",
    pid: 4710,
    startedAt,
    phase: "ready",
    databases: [],
    processes,
    missing: [],
  };
  const refuse = (): Promise<never> => Promise.reject(new Error("not asked for"));
  const control = await openControl(web.context.home, {
    listProcesses: () => Promise.resolve(processes),
    status: () => Promise.resolve(status),
    start: refuse,
    restart: refuse,
    stop: refuse,
    shutdown: refuse,
    reload: refuse,
    forgetInstance: refuse,
  });
  t.after(() => control.close());
  const page = (await get("/modules")).text;
  for (const shown of [
    "watchdog",
    "4710",
    "syslogd",
    "4711",
    "Writes the logs",
    "4712",
    "50 MB",
    "2 hr 1 min",
    "12,345",
    "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;",
  ]) {
    assert.ok(page.includes(shown), `${shown} is not shown`);
  }
  assert.ok(!page.includes("4713") && !page.includes("<img src=x"));
  assert.match(page, /<main [^>]*data-refresh="5"/);
});

test("deliveries are listed with their figures, page by page, and their names are text", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  assert.match((await get("/deliveries")).text, /There is no delivery yet/);
  const label = `"><script>alert(1)</script>`;
  await insertDelivery(web.context.db, { label, state: 55, toDeliver: 4_000 });
  for (let index = 0; index < 50; index += 1)
    await insertDelivery(web.context.db, { label: `Letter ${index}`, state: 95, toDeliver: 10 });
  const first = (await get("/deliveries")).text;
  assert.ok(first.includes("Letter 49") && !first.includes("alert(1)"));
  const older = /href="(\/deliveries\?before=\d+)"/.exec(first)?.[1] ?? "";
  const second = (await get(older)).text;
  assert.ok(second.includes("&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;") && !second.includes("<script>alert"));
  assert.match(second, /in progress<\/span>[\s\S]*4,000[\s\S]*3,997[\s\S]*99\.9%/);
});

test("a delivery's page says why recipients were excluded and messages failed, and how each domain fared", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  const id = await insertDelivery(web.context.db, { label: "Autumn", state: 95, toDeliver: 30 });
  await insertBroadLogs(web.context.db, id, { domain: "example.net", status: 1, reason: 0, count: 20 });
  await insertBroadLogs(web.context.db, id, { domain: "Example.NET", status: 2, reason: 5, count: 3 });
  await insertBroadLogs(web.context.db, id, { domain: "example.com", status: 2, reason: 1, count: 4 });
  await insertBroadLogs(web.context.db, id, { domain: "example.com", status: 6, reason: 0, count: 3 });
  await insertBroadLogs(web.context.db, id, { domain: "example.org", status: 0, reason: 9, count: 7 });
  const cells = (await get(`/deliveries/${id}`)).text.replace(/\s*<[^>]+>\s*/g, "|").replace(/\|+/g, "|");
  for (const row of [
    "In quarantine|7",
    "Mailbox full|3|10%",
    "User unknown|4|13.3%",
    "example.net|23|20|3|13%|0",
    "example.com|7|0|4|57.1%|3",
  ]) {
    assert.ok(cells.includes(row), `${row} is not in ${cells}`);
  }
  assert.ok(!cells.includes("example.org"));
  for (const missing of ["99999999", "0", "abc", "1%27%20or%201=1", "-1"])
    assert.equal((await get(`/deliveries/${missing}`)).status, 404);
});

const mail = [
  "From: News <news@example.org>",
  "Subject: Hello",
  'X-Evil: <b onmouseover="alert(1)">',
  "MIME-Version: 1.0",
  "Content-Type: multipart/alternative; boundary=b",
  "",
  "--b",
  "Content-Type: text/plain",
  "",
  "plain </pre><script>alert(1)</script>",
  "--b",
  "Content-Type: text/html; charset=utf-8",
  "",
  `<html><head><title>x</title></head><body><script>top.location="https://evil.example"</script><a href="https://shop.example/?a=1&amp;b=2">shop</a><a href="javascript:alert(1)">bad</a><img src="https://evil.example/pixel"></body></html>`,
  "--b--",
  "",
].join("\r\n");

test("a mail is shown in a frame that may do nothing, beside its text, links, headers and source", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  const id = await insertInboxMessage(web.context.db, { to: "marie@example.net", subject: "Hello", source: mail });
  const page = (await get(`/inbox/${id}`)).text;
  assert.match(
    page,
    new RegExp(`<iframe [^>]*src="/inbox/${id}/frame"[^>]* sandbox="allow-popups allow-popups-to-escape-sandbox"`),
  );
  assert.ok(page.includes("plain &lt;/pre&gt;&lt;script&gt;") && !page.includes("<script>alert"));
  assert.match(page, /<a href="https:\/\/shop\.example\/\?a=1&amp;b=2" target="_blank" rel="noopener noreferrer">/);
  assert.doesNotMatch(page, /href="javascript/i);
  assert.ok(page.includes("&lt;b onmouseover=&quot;alert(1)&quot;&gt;"));

  const frame = await get(`/inbox/${id}/frame`);
  const policy = String(frame.headers["content-security-policy"]);
  assert.match(policy, /^sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none';/);
  assert.doesNotMatch(policy, /script-src|allow-scripts|allow-same-origin|https?:/);
  assert.match(frame.text, /<head><base target="_blank">/);

  const source = await get(`/inbox/${id}/source`);
  assert.equal(source.text, mail);
  assert.match(String(source.headers["content-disposition"]), /^attachment; filename="message-\d+\.eml"$/);
  assert.equal(source.headers["content-type"], "message/rfc822");
  assert.equal((await get(`/inbox/${id + 1}`)).status, 404);
});

test("the inbox is searched, page by page", async (t) => {
  const web = await aWeb(t);
  const { get } = await asOperator(web);
  for (let index = 0; index < 60; index += 1) {
    await insertInboxMessage(web.context.db, {
      to: `reader${index}@example.net`,
      subject: index === 5 ? "100% <b>off</b>" : "Hello",
      source: mail,
    });
  }
  const found = (await get(`/inbox?search=${encodeURIComponent("100% <B>")}`)).text;
  assert.ok(found.includes("reader5@example.net") && !found.includes("reader6@example.net"));
  assert.ok(found.includes('value="100% &lt;B&gt;"'));
  const first = (await get("/inbox?search=example")).text;
  const older = /href="(\/inbox\?search=example&amp;before=\d+)"/.exec(first)?.[1]?.replace("&amp;", "&") ?? "";
  assert.ok(!first.includes("reader1@") && (await get(older)).text.includes("reader1@"));
  assert.match((await get("/inbox?search=nowhere%00")).text, /No message fits this search/);
});

test("an operator changes his password: all his sessions end, and only the new one works", async (t) => {
  const web = await aWeb(t);
  const { cookie, token, get } = await asOperator(web);
  const soapSession = await web.logOn();
  const submit = (form: Record<string, string>): Promise<Answer> =>
    web.post("/account", { securityToken: token, ...form }, { cookie });
  const wanted = "a much longer one";
  assert.match(
    (await submit({ present: adminPassword, wanted, repeated: "another" })).text,
    /was not repeated the same way/,
  );
  assert.match((await submit({ present: adminPassword, wanted: "short", repeated: "short" })).text, /is not accepted/);
  assert.match((await submit({ present: "wrong", wanted, repeated: wanted })).text, /present password is wrong/);
  assert.equal((await get("/account")).status, 200);
  const done = await submit({ present: adminPassword, wanted, repeated: wanted });
  assert.equal(done.headers.location, `${logonPath}?said=passwordChanged`);
  assert.equal((await get("/account")).status, 303);
  assert.match((await web.call("TestCnx", "", soapSession)).text, /XSV-350008/);
  assert.equal((await web.post(logonPath, { login: "admin", password: wanted })).status, 303);
});

test("pages speak the operator's language and time zone; before logon, the browser's", async (t) => {
  const web = await aWeb(t);
  assert.match((await web.get(logonPath, { "accept-language": "sv-SE,sv;q=0.9" })).text, /<html lang="sv">/);
  assert.match((await web.get(logonPath, { "accept-language": "xx" })).text, /<html lang="en">/);
  const { get } = await asOperator(web);
  await setLocale(web.context.db, "admin", "fr", "Europe/Paris");
  const page = (await get("/deliveries")).text;
  assert.match(page, /<html lang="fr">/);
  await setLocale(web.context.db, "admin", "zz", "Nowhere/Land");
  assert.match((await get("/deliveries")).text, /<html lang="en">/);
});

test("ping.jsp answers OK with a session, sends a browser to the form and refuses anyone else", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  for (const headers of [
    { "x-session-token": tokens.session, "x-security-token": tokens.security },
    { cookie: `__sessiontoken=${tokens.session}` },
  ]) {
    assert.match((await web.get("/nl/jsp/ping.jsp", headers)).text, /^OK\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z\n$/);
  }
  const refusal = await web.get("/nl/jsp/ping.jsp");
  assert.deepEqual(
    [refusal.status, refusal.text],
    [403, "XSV-350008 Session has expired or is invalid. Please reconnect.\n"],
  );
  assert.equal((await web.get("/nl/jsp/ping.jsp", { accept: "text/html,*/*" })).status, 303);
});

test("with the database away pages answer 503 within 2 s, and are there again when it is", async (t) => {
  const faltering = await aFalteringDatabase(t, await aDatabaseAddress(t));
  const web = await aWeb(t, { db: faltering.db });
  const { get } = await asOperator(web);
  for (const falter of [faltering.fallSilent, faltering.refuse]) {
    falter();
    for (const ask of [
      () => get("/deliveries"),
      () => web.post(logonPath, { login: "admin", password: adminPassword }),
      () => web.get("/ready"),
    ]) {
      const start = performance.now();
      const answer = await ask();
      assert.equal(answer.status, 503);
      assert.ok(performance.now() - start < 2_000, `answered after ${Math.round(performance.now() - start)} ms`);
      assert.doesNotMatch(answer.text, /127\.0\.0\.1|postrider@|test_|ECONN/);
    }
    assert.equal((await web.get("/health")).status, 200);
    assert.equal((await web.get(logonPath)).status, 200);
    faltering.comeBack();
    await until(async () => (await get("/deliveries")).status === 200, "the pages to be there again");
    assert.equal((await web.get("/ready")).status, 200);
  }
});
