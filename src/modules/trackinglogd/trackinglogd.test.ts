/** trackinglogd over real HTTP and files, in this process and in one of its own that is killed. */

import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { Agent, type IncomingHttpHeaders, request as sendRequest } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { test, type TestContext } from "node:test";

import { type Hit, parseHit } from "#channels/hits/hit-line.ts";
import { connectToHits, pushDelivery } from "#channels/hits/hits.ts";
import type { Home } from "#foundation/home.ts";
import type { HostContext } from "#foundation/module.ts";
import { loadSecrets, type Secrets } from "#foundation/secrets.ts";
import type { Settings } from "#foundation/settings.ts";
import { makeTrackingPath, makeUnsubscribePath } from "#protocols/tracking-link/make-tracking-path.ts";
import { aHome, someSettings } from "#test/support/context.ts";
import { aTcpPort } from "#test/support/free-ports.ts";
import { aHostContext } from "#test/support/host-context.ts";
import { startModule } from "#test/support/module-process.ts";
import { aSilentServer } from "#test/support/silent-server.ts";
import { until } from "#test/support/until.ts";
import { stretched } from "#test/support/slowness.ts";

import { trackinglogd } from "./main.ts";

type Reply = { status: number; headers: IncomingHttpHeaders; body: string };
type Server = {
  readonly home: Home;
  readonly port: number;
  readonly secrets: Secrets;
  readonly settings: Settings;
  ask(
    path: string,
    given?: { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent },
  ): Promise<Reply>;
  hits(): Hit[];
  stop(): Promise<void>;
};

const delivery = 0x71ffa3;
const urls = [
  { id: 0x3ea, type: 1, url: "https://shop.example/?n=$(p1)" },
  { id: 0x3eb, type: 1, url: "https://shop.example/plain" },
];

function ask(
  port: number,
  path: string,
  given: { method?: string; headers?: Record<string, string>; body?: string; agent?: Agent } = {},
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { method = "GET", headers = {}, agent } = given;
    const request = sendRequest(
      { host: "127.0.0.1", port, path, method, headers, ...(agent === undefined ? {} : { agent }) },
      (answer) => {
        let body = "";
        answer.setEncoding("latin1").on("data", (piece: string) => (body += piece));
        answer.on("end", () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
        answer.on("error", reject);
      },
    );
    request.on("error", reject);
    request.end(given.body);
  });
}

function readHits(home: Home): Hit[] {
  const folder = join(home.var, "main", "redir", "log");
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .flatMap((line) => parseHit(line) ?? []);
}

async function aServer(t: TestContext, given: { settings?: string; home?: Home } = {}): Promise<Server> {
  const home = given.home ?? aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const port = await aTcpPort();
  const secrets = loadSecrets(home);
  const settings = someSettings(`[trackinglogd]\nport = ${port}\n${given.settings ?? ""}`);
  const context: HostContext = { ...aHostContext(t, { home }), secrets, settings };
  const running = await trackinglogd.start(context);
  t.after(() => running.stop());
  return {
    home,
    port,
    secrets,
    settings,
    ask: (path, options) => ask(port, path, options),
    hits: () => readHits(home),
    stop: () => running.stop(),
  };
}

async function aServerWithDelivery(
  t: TestContext,
  given: { settings?: string; validUntil?: Date } = {},
): Promise<Server> {
  const server = await aServer(t, given);
  await pushDelivery(
    { ...server, instance: "main" },
    { deliveryId: delivery, urls, validUntil: given.validUntil ?? null },
  );
  return server;
}

function link(
  server: { secrets: Secrets },
  urlId: number,
  values: readonly string[] = [],
  broadLogId = 0x617791,
): string {
  const key = server.secrets.deriveKey("links", "main");
  return makeTrackingPath(key, { contentType: "h", broadLogId, deliveryId: delivery, urlId, values });
}

test("a click leads to the stored address, its values in place, and is in the log", async (t) => {
  const server = await aServerWithDelivery(t);
  const reply = await server.ask(link(server, 0x3ea, ["Do%20e"]), {
    headers: { "user-agent": "Mozilla/5.0", "x-forwarded-for": "192.0.2.7" },
  });
  assert.equal(reply.status, 302);
  assert.equal(reply.headers.location, "https://shop.example/?n=Do%20e");
  const [hit, ...more] = server.hits();
  assert.equal(more.length, 0);
  const visitorId = /^uuid230=([0-9a-f-]{36}); Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/.exec(
    reply.headers["set-cookie"]?.[0] ?? "",
  )?.[1];
  assert.deepEqual(
    { ...hit, time: undefined },
    {
      time: undefined,
      broadLogId: 0x617791,
      deliveryId: delivery,
      urlId: 0x3ea,
      urlType: 1,
      contentType: "h",
      visitorId,
      userAgent: "Mozilla/5.0",
      sourceAddress: "192.0.2.7",
    },
  );
});

test("a visitor keeps the identity of the first click, and gets none after saying no", async (t) => {
  const server = await aServerWithDelivery(t);
  const known = "4e2b0f9c-6f0d-4a53-9c86-0f4b1c9f2a11";
  for (const cookie of [`a=b; uuid230=${known}`, "uuid230=x; acoptout=1", "uuid230='><script>"]) {
    await server.ask(link(server, 0x3eb), { headers: { cookie } });
  }
  const [first, second, third] = server.hits().map((hit) => hit.visitorId);
  assert.equal(first, known);
  assert.equal(second, "");
  assert.match(third ?? "", /^[0-9a-f-]{36}$/);
});

test("an open is answered with a pixel that nobody keeps, whether or not the delivery is known here", async (t) => {
  const server = await aServer(t);
  const reply = await server.ask(link(server, 1));
  assert.deepEqual([reply.status, reply.headers["content-type"], reply.body.slice(0, 6)], [200, "image/gif", "GIF89a"]);
  assert.match(reply.headers["cache-control"] ?? "", /no-store/);
  assert.equal(reply.headers["set-cookie"], undefined);
  assert.deepEqual(
    server.hits().map(({ urlId, urlType }) => [urlId, urlType]),
    [[1, 2]],
  );
});

test("HEAD is answered as GET is, but is no hit", async (t) => {
  const server = await aServerWithDelivery(t);
  const reply = await server.ask(link(server, 0x3eb), { method: "HEAD" });
  assert.deepEqual([reply.status, reply.headers.location, reply.body], [302, "https://shop.example/plain", ""]);
  assert.equal(server.hits().length, 0);
});

test("an unsubscription is a page on GET and a fact on POST, however often", async (t) => {
  const server = await aServer(t);
  const path = makeUnsubscribePath(server.secrets.deriveKey("links", "main"), { broadLogId: 16, deliveryId: 17 });
  const page = await server.ask(path, { headers: { "accept-language": "fr-CH,fr;q=0.9,en" } });
  assert.deepEqual([page.status, page.headers["content-type"]], [200, "text/html; charset=utf-8"]);
  assert.match(page.body, /<html lang="fr">[\s\S]*<form method="post">/);
  assert.equal(server.hits().length, 0);
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    const reply = await server.ask(path, { method: "POST", headers, body: "List-Unsubscribe=One-Click" });
    assert.deepEqual([reply.status, reply.headers.location], [200, undefined]);
  }
  assert.deepEqual(
    server.hits().map(({ broadLogId, deliveryId, urlId, urlType }) => [broadLogId, deliveryId, urlId, urlType]),
    Array.from({ length: 3 }, () => [16, 17, 2, 3]),
  );
});

test("what nobody signed, and what leads nowhere, gets a page without a redirect and is no hit", async (t) => {
  const server = await aServerWithDelivery(t);
  const good = link(server, 0x3ea, ["x"]);
  const bad = [
    "/r/",
    "/r/?id=h1,2,3",
    "/r",
    "/",
    "/r/../etc/passwd",
    `${good}x`,
    good.replace("p1=x", "p1=y"),
    good.replace("/r/", "/r/unsubscribe"),
    good.toUpperCase(),
    link(server, 0x3ea),
    link(server, 0x3ec),
    makeTrackingPath(server.secrets.deriveKey("links", "other"), {
      contentType: "h",
      broadLogId: 1,
      deliveryId: delivery,
      urlId: 0x3eb,
      values: [],
    }),
    makeTrackingPath(server.secrets.deriveKey("links", "main"), {
      contentType: "h",
      broadLogId: 1,
      deliveryId: 5,
      urlId: 0x3eb,
      values: [],
    }),
  ];
  for (const path of bad) {
    const reply = await server.ask(path);
    assert.deepEqual(
      [reply.status, reply.headers.location, reply.headers["set-cookie"]],
      [404, undefined, undefined],
      path,
    );
    assert.match(String(reply.headers["content-security-policy"]), /default-src 'none'/);
  }
  for (const method of ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
    assert.equal((await server.ask(good, { method })).status, 405, method);
  // Node answers 431 and closes at once; the client may see either.
  const huge = await server.ask(`${good}&x=${"y".repeat(100_000)}`).catch(() => ({ status: 431 }));
  assert.equal(huge.status, 431);
  assert.equal(server.hits().length, 0);
});

test("an expired link leads to the page that is set for it, or says so", async (t) => {
  const validUntil = new Date(Date.now() - 1_000);
  const server = await aServerWithDelivery(t, { validUntil });
  assert.equal((await server.ask(link(server, 0x3eb))).status, 410);
  const other = await aServerWithDelivery(t, {
    validUntil,
    settings: '[trackinglogd.redirection]\nexpirationURL = "https://shop.example/gone"',
  });
  const reply = await other.ask(link(other, 0x3eb));
  assert.deepEqual([reply.status, reply.headers.location], [302, "https://shop.example/gone"]);
  assert.equal(other.hits().length + server.hits().length, 0);
});

test("links of a delivery survive a restart, and a second push replaces them", async (t) => {
  const first = await aServerWithDelivery(t);
  await first.stop();
  const server = await aServer(t, { home: first.home });
  assert.equal((await server.ask(link(server, 0x3eb))).headers.location, "https://shop.example/plain");
  const moved = [{ id: 0x3eb, type: 1, url: "https://shop.example/moved" }];
  await pushDelivery({ ...server, instance: "main" }, { deliveryId: delivery, urls: moved, validUntil: null });
  assert.equal((await server.ask(link(server, 0x3eb))).headers.location, "https://shop.example/moved");
  assert.equal((await server.ask(link(server, 0x3ea, ["x"]))).status, 404);
});

test("an instance that is added later is served without a restart", async (t) => {
  const server = await aServer(t);
  const path = makeTrackingPath(server.secrets.deriveKey("links", "later"), {
    contentType: "t",
    broadLogId: 1,
    deliveryId: 2,
    urlId: 1,
    values: [],
  });
  assert.equal((await server.ask(path)).status, 404);
  writeFileSync(join(server.home.conf, "instance-later.toml"), "");
  await until(async () => (await server.ask(path)).status === 200, "the pixel of the new instance");
  assert.ok(existsSync(join(server.home.var, "later", "redir", "log")));
});

test("calls of mta and tracking are refused unless this installation signed them, a moment ago", async (t) => {
  const server = await aServerWithDelivery(t);
  const body = JSON.stringify({ deliveryId: delivery, urls: [], validUntil: null });
  const path = `/hits/main/deliveries/${delivery.toString(16)}`;
  for (const authorization of ["", "Postrider 1.2.3", `Postrider ${Date.now()}.${"0".repeat(64)}.${"A".repeat(22)}`]) {
    assert.equal((await server.ask(path, { method: "PUT", body, headers: { authorization } })).status, 403);
  }
  assert.equal((await server.ask("/hits/main/files", { method: "POST", body: "{}" })).status, 403);
  const stranger = { settings: server.settings, secrets: loadSecrets(aHome(t)), instance: "main" };
  await assert.rejects(pushDelivery(stranger, { deliveryId: delivery, urls: [], validUntil: null }), {
    code: "HIT-100002",
    mayRetry: true,
  });
  await assert.rejects(
    pushDelivery({ ...server, instance: "unknown" }, { deliveryId: 1, urls: [], validUntil: null }),
    { code: "HIT-100002" },
  );
  assert.equal((await server.ask(link(server, 0x3eb))).status, 302);
});

test("a server that is away is said to be away", async (t) => {
  const settings = someSettings(`[trackinglogd]\nport = ${await aTcpPort()}`);
  const context = { settings, secrets: loadSecrets(aHome(t)), instance: "main" };
  await assert.rejects(pushDelivery(context, { deliveryId: 1, urls: [], validUntil: null }), {
    code: "HIT-100001",
    mayRetry: true,
  });
});

test("what is asked of a server that keeps silent can be broken off", async (t) => {
  const { port, taken } = await aSilentServer(t);
  const settings = someSettings(`[trackinglogd]\nport = ${port}`);
  const context = { settings, secrets: loadSecrets(aHome(t)), instance: "main" };
  const ending = new AbortController();
  const pushed = pushDelivery(context, { deliveryId: 1, urls: [], validUntil: null }, ending.signal);
  await taken;
  ending.abort();
  await assert.rejects(pushed, { code: "HIT-100001", message: /aborted/ });
});

test("files are handed out in whole lines from an offset on, and removed once they were read", async (t) => {
  const server = await aServer(t, { settings: "purgePeriodSec = 1\nkeepReadLogsDays = 0" });
  const folder = join(server.home.var, "main", "redir", "log");
  mkdirSync(folder, { recursive: true });
  // Left by a process that was killed in the middle of a write.
  const torn = "000000000001-00000000.log";
  await server.ask(link(server, 1));
  const whole = readFileSync(join(folder, readdirSync(folder)[0] ?? ""), "utf8");
  writeFileSync(join(folder, torn), `${whole}${whole.slice(0, 40)}`);
  const [channel] = connectToHits({ ...server, instance: "main" });
  assert.ok(channel !== undefined);
  t.after(() => channel.close());
  const files = await channel.listFiles(new Map());
  assert.deepEqual(
    files.map(({ name, isClosed }) => [name === torn, isClosed]),
    [
      [true, true],
      [false, false],
    ],
  );
  assert.equal((await channel.readFile(torn, 0))?.toString(), whole);
  assert.equal((await channel.readFile(torn, whole.length))?.toString(), whole.slice(0, 40));
  assert.equal((await channel.readFile(torn, whole.length + 40))?.length, 0);
  assert.equal((await channel.readFile(torn, 1_000_000))?.length, 0);
  assert.equal(await channel.readFile("000000000001-00000001.log", 0), undefined);
  await channel.listFiles(new Map(files.map(({ name, sizeBytes }) => [name, sizeBytes])));
  await until(() => !existsSync(join(folder, torn)), "the purge of what was read");
  assert.equal(server.hits().length, 1);
});

test("a click is answered though its hit cannot be written; an unsubscription is not confirmed then", async (t) => {
  const server = await aServerWithDelivery(t);
  const folder = join(server.home.var, "main", "redir", "log");
  writeFileSync(folder, "a file where the folder should be");
  assert.equal((await server.ask(link(server, 0x3eb))).status, 302);
  const unsubscribe = makeUnsubscribePath(server.secrets.deriveKey("links", "main"), {
    broadLogId: 16,
    deliveryId: 17,
  });
  assert.equal((await server.ask(unsubscribe, { method: "POST" })).status, 503);
  rmSync(folder);
  assert.equal((await server.ask(unsubscribe, { method: "POST" })).status, 200);
  assert.equal(server.hits().length, 1);
});

test("/r/test answers as Classic does, and tells this host more than others", async (t) => {
  const server = await aServer(t);
  const own = await server.ask("/r/test", { headers: { host: "a'b<c" } });
  assert.match(
    own.body,
    /^<redir status='OK' date='\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z' build='[\d.]+' instance='default' sourceIP='127\.0\.0\.1' host='a&apos;b&lt;c' localHost='testhost'\/>\n$/,
  );
  const foreign = await server.ask("/r/test", { headers: { "x-forwarded-for": "10.9.9.9, 203.0.113.9" } });
  assert.match(foreign.body, /^<redir status='OK' date='[^']+' sourceIP='203\.0\.113\.9'\/>\n$/);
  await server.ask(link(server, 1));
  assert.equal((JSON.parse((await server.ask("/r/status")).body) as { opens: number }).opens, 1);
  assert.equal((await server.ask("/r/status", { headers: { "x-forwarded-for": "203.0.113.9" } })).status, 404);
});

test("clients that never finish their headers are sent away and hold up nobody", async (t) => {
  const server = await aServerWithDelivery(t, { settings: "headersTimeoutSec = 1" });
  const slow = Array.from({ length: 200 }, () => {
    const socket = connect(server.port, "127.0.0.1");
    socket.write("GET /r/test HTTP/1.1\r\nHost: x\r\n");
    socket.on("error", () => undefined);
    t.after(() => void socket.destroy());
    return socket;
  });
  const closed = slow.map((socket) => new Promise((resolve) => socket.on("close", resolve).resume()));
  const startedMs = performance.now();
  assert.equal((await server.ask(link(server, 0x3eb))).status, 302);
  const tookMs = performance.now() - startedMs;
  assert.ok(tookMs < (await stretched(1_000, tookMs)), `${tookMs} ms`);
  await Promise.all(closed);
});

test("a port that is taken is named with its owner", async (t) => {
  const server = await aServer(t);
  const settings = someSettings(`[trackinglogd]\nport = ${server.port}`);
  await assert.rejects(trackinglogd.start({ ...aHostContext(t), settings }), (error: Error & { code: string }) => {
    assert.equal(error.code, "TLG-100001");
    assert.match(
      error.message,
      new RegExp(`TCP port ${server.port} on 127\\.0\\.0\\.1 is taken by .*\\(pid ${process.pid}\\)`),
    );
    return true;
  });
});

test("every hit that was answered is in the log after kill -9 under load", async (t) => {
  const home = aHome(t);
  writeFileSync(join(home.conf, "instance-main.toml"), "");
  const secrets = loadSecrets(home);
  const port = await aTcpPort();
  const environment = { POSTRIDER_TRACKINGLOGD_PORT: String(port), POSTRIDER_SYSLOGD_PORT: "0" };
  const answered = new Set<number>();
  let next = 1;
  for (let life = 0; life < 2; life += 1) {
    const daemon = startModule(t, home, ["trackinglogd"], environment);
    await daemon.ready;
    if (life === 0)
      await pushDelivery(
        { settings: someSettings(`[trackinglogd]\nport = ${port}`), secrets, instance: "main" },
        { deliveryId: delivery, urls, validUntil: null },
      );
    const agent = new Agent({ keepAlive: true, maxSockets: 32 });
    t.after(() => agent.destroy());
    const before = answered.size;
    const clicking = Array.from({ length: 32 }, async () => {
      for (;;) {
        const id = next;
        next += 1;
        const reply = await ask(port, link({ secrets }, 0x3eb, [], id), { agent }).catch(() => undefined);
        if (reply === undefined) return;
        if (reply.status === 302) answered.add(id);
      }
    });
    await until(() => answered.size > before + 2_000, "two thousand answers");
    await daemon.end("SIGKILL");
    await Promise.all(clicking);
    agent.destroy();
  }
  const logged = readHits(home).map(({ broadLogId }) => broadLogId);
  assert.equal(new Set(logged).size, logged.length);
  assert.deepEqual(
    [...answered].filter((id) => !logged.includes(id)),
    [],
  );
});
