import assert from "node:assert/strict";
import { createServer, get as sendGet, type IncomingMessage, type ServerResponse } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { test } from "node:test";

import { ensureFirstOperators } from "#campaign/access/ensure-first-operators.ts";
import { aContext } from "#test/support/context.ts";
import { until } from "#test/support/until.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { aWeb, type RunningWeb } from "#test/support/web.ts";

import { openWeb } from "../open-web.ts";
import { matches } from "./instance-directory.ts";

type Test = Parameters<typeof aWeb>[0];

type Click = { method: string; url: string; headers: IncomingMessage["headers"]; body: string };

/** Plays trackinglogd: keeps what it is asked, and answers as told. */
async function aRedirector(
  t: Test,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<{ port: number; clicks: Click[] }> {
  const clicks: Click[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => {
      body += piece.toString();
    });
    request.on("end", () => {
      clicks.push({ method: request.method ?? "", url: request.url ?? "", headers: request.headers, body });
      answer(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, clicks };
}

const found = (_: IncomingMessage, response: ServerResponse): void => {
  response.writeHead(302, {
    location: "https://shop.example/",
    "set-cookie": ["nllastdelid=1", "uuid=2"],
    "x-robots-tag": "noindex",
  });
  response.end();
};

/** Sends bytes as they are, and answers all that comes back until the other end closes. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", signal: AbortSignal.timeout(8_000) }, () => socket.write(text));
    let answer = "";
    socket.on("data", (piece) => {
      answer += piece.toString("latin1");
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}

/** Resolves once new connections are refused; one made at the very moment in which the port is closed is reset. */
async function takesNoMore(web: RunningWeb): Promise<void> {
  await assert.rejects(
    until(async () => (await web.get("/health")).status !== 200, "new connections to be refused"),
    ({ code = "" }: NodeJS.ErrnoException) => ["ECONNREFUSED", "ECONNRESET", "EPIPE"].includes(code),
  );
}

test("a click is handed to trackinglogd as it came, and its answer is handed back as it is", async (t) => {
  const { port, clicks } = await aRedirector(t, found);
  const web = await aWeb(t, { settings: `trackinglogd.port = ${port}` });
  const odd = "/r/?id=h3E9,%33ea,%zz&p1=%E9t%C3%A9&amp;utm=1#x";
  const answer = await web.get(odd, {
    "user-agent": "Reader",
    cookie: "__sessiontoken=secret; uuid230=7b; other=x; acoptout=1",
    "x-forwarded-for": "198.51.100.1",
    authorization: "Bearer x",
  });
  assert.deepEqual(
    [answer.status, answer.headers["location"], answer.headers["set-cookie"]],
    [302, "https://shop.example/", ["nllastdelid=1", "uuid=2"]],
  );
  const [click] = clicks;
  assert.deepEqual(
    [click?.url, click?.headers["user-agent"], click?.headers["x-forwarded-for"]],
    [odd, "Reader", "127.0.0.1"],
  );
  assert.deepEqual(
    [click?.headers.cookie, click?.headers.authorization, click?.headers.host],
    ["uuid230=7b; acoptout=1", undefined, `127.0.0.1:${web.port}`],
  );
  for (const path of ["/r", "/r/test", "/r?id=1"]) assert.equal((await web.get(path)).status, 302);
  assert.equal((await web.get("/reports")).status, 404);
  assert.equal(clicks.length, 4);
});

test("a one-click unsubscription reaches trackinglogd with its body; a large one is refused", async (t) => {
  const { port, clicks } = await aRedirector(t, found);
  const web = await aWeb(t, { settings: `trackinglogd.port = ${port}` });
  await web.post("/r/unsubscribe?id=h1,2,2", { "List-Unsubscribe": "One-Click" });
  assert.deepEqual([clicks[0]?.method, clicks[0]?.body], ["POST", "List-Unsubscribe=One-Click"]);
  assert.equal((await web.post("/r/unsubscribe", { a: "x".repeat(70_000) })).status, 413);
  assert.equal(clicks.length, 1);
});

test("only a proxy that is set is believed about the client's address", async (t) => {
  const { port, clicks } = await aRedirector(t, found);
  const web = await aWeb(t, {
    settings: `trackinglogd.port = ${port}\nweb.trustedProxies = ["127.0.0.0/8", "10.0.0.0/8"]`,
  });
  const addressFor = async (header: string): Promise<unknown> => {
    await web.get("/r/x", { "x-forwarded-for": header });
    return clicks.at(-1)?.headers["x-forwarded-for"];
  };
  assert.equal(await addressFor("198.51.100.1"), "198.51.100.1");
  assert.equal(await addressFor("203.0.113.99, 198.51.100.1, 10.1.2.3"), "198.51.100.1");
  assert.equal(await addressFor("::ffff:198.51.100.1"), "198.51.100.1");
  assert.equal(await addressFor("not an address"), "127.0.0.1");
});

test("a page of its own answers while trackinglogd is away, and clicks go through when it is back", async (t) => {
  const spare = await aRedirector(t, found);
  const web = await aWeb(t, { settings: "trackinglogd.port = 1" });
  const answer = await web.get("/r/?id=h1,2,3");
  assert.equal(answer.status, 503);
  assert.match(answer.text, /cannot be followed at the moment/);
  assert.equal(answer.headers["retry-after"], "60");
  for (let index = 0; index < 20; index += 1) await web.get("/r/?id=h1,2,3");
  assert.equal(web.records.filter(({ event }) => event === "web.redirections_failed").length, 1);
  const back = await aWeb(t, { settings: `trackinglogd.port = ${spare.port}` });
  assert.equal((await back.get("/r/?id=h1,2,3")).status, 302);
});

test("a connection that trackinglogd closed meanwhile costs no click", async (t) => {
  let isClosing = false;
  const { port, clicks } = await aRedirector(t, (request, response) => {
    // The first answer keeps the connection; it is reset at the moment the next request comes in by it.
    if (isClosing && request.socket.listenerCount("used") > 0) return void request.socket.resetAndDestroy();
    request.socket.on("used", () => undefined);
    found(request, response);
  });
  const web = await aWeb(t, { settings: `trackinglogd.port = ${port}` });
  assert.equal((await web.get("/r/1")).status, 302);
  isClosing = true;
  assert.equal((await web.get("/r/2")).status, 302);
  assert.deepEqual(
    clicks.map(({ url }) => url),
    ["/r/1", "/r/2", "/r/2"],
  );
});

test("an answer of trackinglogd is streamed, and one that does not come ends in 503", async (t) => {
  let release = (): void => undefined;
  const { port } = await aRedirector(t, (request, response) => {
    if (request.url === "/r/never") return;
    response.write("first");
    release = () => response.end("last");
  });
  const web = await aWeb(t, { settings: `trackinglogd.port = ${port}\nweb.redirection.timeoutSec = 1` });
  const text = await new Promise<string>((resolve, reject) => {
    sendGet(`${web.url}/r/slow`, (response) => {
      let all = "";
      response.on("data", (piece: Buffer) => {
        all += piece.toString();
        if (all === "first") release();
      });
      response.on("end", () => resolve(all));
    }).on("error", reject);
  });
  assert.equal(text, "firstlast");
  assert.equal((await web.get("/r/never")).status, 503);
});

test("a port that is taken is named, with the program that holds it", async (t) => {
  const web = await aWeb(t);
  const context = await aContext(t, { settings: `web.port = ${web.port}` });
  await assert.rejects(openWeb(context), {
    code: "WEB-100001",
    message: new RegExp(`^TCP port ${web.port} on 127\\.0\\.0\\.1 is taken by .+ \\(pid ${process.pid}\\)\\.`),
  });
  const elsewhere = await aContext(t, { settings: 'web.port = 0\nweb.address = "192.0.2.1"' });
  await assert.rejects(openWeb(elsewhere), { code: "WEB-100002" });
});

test("a stop lets the requests under way end, takes no new ones, and may come twice", async (t) => {
  let answer = (): void => undefined;
  const slow = await aRedirector(t, (_, response) => {
    answer = () => response.end("late");
  });
  const web = await aWeb(t, { settings: `trackinglogd.port = ${slow.port}` });
  const underWay = web.get("/r/slow");
  await until(() => slow.clicks.length === 1, "the slow request to arrive");
  const stopping = [web.stop(), web.stop()];
  await takesNoMore(web);
  answer();
  assert.equal((await underWay).text, "late");
  await Promise.all(stopping);
});

test("told to stop, it says that it is not ready before it takes no more, and answers what is under way", async (t) => {
  let answer = (): void => undefined;
  const slow = await aRedirector(t, (_, response) => {
    answer = () => response.end("late");
  });
  let elapsedMs = 0;
  t.after(() => {
    elapsedMs = Infinity;
  });
  const web = await aWeb(t, {
    settings: `trackinglogd.port = ${slow.port}\nweb.drainDelaySec = 2`,
    context: { clock: { now: () => new Date(), elapsedMs: () => elapsedMs } },
  });
  assert.equal((await web.get("/ready")).status, 200);
  const underWay = web.get("/r/slow");
  await until(() => slow.clicks.length === 1, "the slow request to arrive");
  const stopping = web.stop();
  const ready = await web.get("/ready");
  assert.deepEqual([ready.status, ready.text], [503, '{"status":"stopping"}']);
  assert.equal((await web.call("GetServerTime")).status, 200, "it still serves");
  elapsedMs += 2_000;
  await takesNoMore(web);
  answer();
  assert.equal((await underWay).text, "late");
  await stopping;
});

test("S-24: requests that two readers could take apart differently are refused", async (t) => {
  const web = await aWeb(t);
  const head = "POST /nl/jsp/soaprouter.jsp HTTP/1.1\r\nHost: x\r\nContent-Type: text/xml\r\n";
  const smuggled = "GET /health HTTP/1.1\r\nHost: x\r\n\r\n";
  for (const [name, text] of [
    ["both lengths", `${head}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`],
    ["two lengths", `${head}Content-Length: 4\r\nContent-Length: 5\r\n\r\n<a/>${smuggled}`],
    ["bare line feeds", `${head.replaceAll("\r\n", "\n")}\n${smuggled}`],
    ["a space before the colon", `${head}Content-Length : 4\r\n\r\n<a/>`],
    ["an obsolete fold", `${head}X-A: b\r\n c\r\nTransfer-Encoding: xchunked\r\n\r\n`],
    ["no host", "GET /health HTTP/1.1\r\n\r\n"],
    [
      "heads without end",
      `GET /health HTTP/1.1\r\nHost: x\r\n${Array.from({ length: 100_000 }, (_, index) => `X-${index}: y\r\n`).join("")}\r\n`,
    ],
  ] as const) {
    const answer = await sendRaw(web.port, text).catch((error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" || error.code === "EPIPE" ? "" : Promise.reject(error),
    );
    assert.doesNotMatch(answer, /HTTP\/1\.1 200/, `${name}: ${answer.slice(0, 200)}`);
  }
  assert.equal((await web.get("/health")).status, 200);
});

test("S-24: a client that sends its head too slowly is cut off", async (t) => {
  const web = await aWeb(t, { settings: "web.requestTimeoutSec = 1" });
  const start = performance.now();
  const answer = await sendRaw(web.port, "GET /health HTTP/1.1\r\nHost: x\r\nX-Slow: ");
  assert.match(answer, /^HTTP\/1\.1 408 |^$/);
  assert.ok(performance.now() - start < 7_000);
});

test("the host name chooses the instance, and instances share no session", async (t) => {
  const second = await aContext(t, { settings: 'instance.hosts = ["news.second.example", "*.second.example"]' });
  const main = await aContext(t, { settings: 'instance.hosts = ["main.example"]' });
  for (const { db } of [main, second]) await ensureFirstOperators(db, { POSTRIDER_ADMIN_PASSWORD: adminPassword });
  const web = await aWeb(t, {
    withoutOperator: true,
    contexts: { main: { ...main, instance: "main" }, second: { ...second, instance: "second" } },
  });
  const logOn = async (host: string): Promise<string> => {
    const answer = await web.post("/nl/jsp/logon.jsp", { login: "admin", password: adminPassword }, { host });
    return String(answer.headers["set-cookie"]).split(";", 1)[0] ?? "";
  };
  const cookie = await logOn("Main.Example:8080");
  const show = async (host: string): Promise<string> => (await web.get("/modules", { host, cookie })).text;
  assert.match(await show("main.example"), /Instance<\/span> main</);
  assert.equal(await show("www.second.example"), "");
  const other = await web.get("/modules", { host: "www.second.example", cookie: await logOn("news.second.example") });
  assert.match(other.text, /Instance<\/span> second</);
  const nowhere = await web.get("/modules", { host: "elsewhere.example", cookie });
  assert.equal(nowhere.status, 400);
});

test("masks stand for any text, and for nothing else", () => {
  assert.ok(
    matches("*", "anything") && matches("*.example.org", "a.b.example.org") && matches("Mail.*", "mail.example"),
  );
  assert.ok(!matches("*.example.org", "example.org") && !matches("a.example", "axexample") && !matches("a(b", "ab"));
});

test("an instance that cannot be opened is tried again", async (t) => {
  const context = await aContext(t, { settings: "web.port = 0" });
  await ensureFirstOperators(context.db, { POSTRIDER_ADMIN_PASSWORD: adminPassword });
  let isReadable = false;
  const openInstance = (): ReturnType<typeof context.openInstance> =>
    isReadable ? Promise.resolve(context) : Promise.reject(new Error("unreadable"));
  const web = await openWeb({ ...context, openInstance });
  t.after(() => web.stop());
  const status = async (path: string): Promise<number> =>
    (await fetch(`http://127.0.0.1:${web.port}${path}`, { redirect: "manual" })).status;
  assert.deepEqual([await status("/health"), await status("/ready"), await status("/modules")], [200, 503, 500]);
  isReadable = true;
  assert.deepEqual([await status("/ready"), await status("/modules")], [200, 303]);
});
