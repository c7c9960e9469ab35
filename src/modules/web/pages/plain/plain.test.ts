import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

import { readXml } from "#protocols/soap/read-xml.ts";
import { childrenOf } from "#protocols/soap/xml-element.ts";
import { createOperator } from "#campaign/access/operators/create-operator.ts";
import { commandLine } from "#campaign/access/operators/administration.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { aWeb, type RunningWeb, type Tokens } from "#test/support/web.ts";

const public_ = '[[web.securityZones]]\nname = "public"\nnetworks = ["*"]\nallowHTTP = true\n';

function headersOf({ session, security }: Tokens): Record<string, string> {
  return { "x-session-token": session, "x-security-token": security, cookie: `__sessiontoken=${session}` };
}

type Upload = { status: number; text: string };

async function upload(
  web: RunningWeb,
  headers: Record<string, string>,
  given: { name?: string; content?: string | Buffer; field?: string } = {},
): Promise<Upload> {
  const { name = "photo.PNG", content = "bytes", field = "file_noMd5" } = given;
  const body = Buffer.concat([
    Buffer.from(
      `--b0undary\r\nContent-Disposition: form-data; name="${field}"; filename="${name}"\r\nContent-Type: text/html\r\n\r\n`,
    ),
    Buffer.from(content),
    Buffer.from("\r\n--b0undary--\r\n"),
  ]);
  const answer = await fetch(`${web.url}/nl/jsp/uploadFile.jsp`, {
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=b0undary", ...headers },
    body,
  });
  return { status: answer.status, text: await answer.text() };
}

function filesOf(web: RunningWeb): string[] {
  try {
    return readdirSync(join(web.context.home.var, "main", "upload"));
  } catch {
    return [];
  }
}

test("ping says OK and the time with a session, and refuses or redirects without", async (t) => {
  const web = await aWeb(t);
  const answer = await web.get("/nl/jsp/ping.jsp", headersOf(await web.logOn()));
  assert.match(answer.text, /^OK\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z\n$/);
  const refused = await web.get("/nl/jsp/ping.jsp");
  assert.deepEqual([refused.status, refused.text.slice(0, 10)], [403, "XSV-350008"]);
  const sent = await web.get("/nl/jsp/ping.jsp", { accept: "text/html" });
  assert.deepEqual([sent.status, sent.headers["location"]], [303, "/nl/jsp/logon.jsp?next=%2Fnl%2Fjsp%2Fping.jsp"]);
});

test("ping shows the caller's zones when it is asked to", async (t) => {
  const web = await aWeb(t);
  const { text } = await web.get("/nl/jsp/ping.jsp?zones=true", headersOf(await web.logOn()));
  assert.match(text, /^OK\n.+\nsourceIP=127\.0\.0\.1\nzones=public,lan\n(.+\n)*allowDebug=true\n/);
  assert.match(text, /\nallowEmptyPassword=false\n/);
});

test("the account of probes reads ping and monitor, and nothing else", async (t) => {
  const web = await aWeb(t);
  await createOperator(
    { db: web.context.db, by: commandLine },
    {
      login: "monitoring",
      label: "",
      password: adminPassword,
      rights: [],
      groups: [],
      securityZone: undefined,
      folderId: undefined,
    },
  );
  const tokens = await web.logOn("monitoring");
  assert.match((await web.get("/nl/jsp/ping.jsp", headersOf(tokens))).text, /^OK\n/);
  assert.match((await web.get("/nl/jsp/monitor.jsp", headersOf(tokens))).text, /<monitor /);
  assert.equal((await web.get("/modules", { cookie: `__sessiontoken=${tokens.session}` })).status, 303);
  assert.equal((await upload(web, headersOf(tokens))).status, 403);
  assert.equal((await web.get("/nl/jsp/schemawsdl.jsp?schema=xtk:session", headersOf(tokens))).status, 303);
  assert.match((await web.call("TestCnx", "", tokens)).text, /XSV-350008/);
});

test("monitor answers what the command prints, for the instance that was asked only", async (t) => {
  const web = await aWeb(t);
  assert.equal((await web.get("/nl/jsp/monitor.jsp")).status, 403);
  const answer = await web.get("/nl/jsp/monitor.jsp", headersOf(await web.logOn()));
  assert.equal(answer.headers["content-type"], "text/xml; charset=utf-8");
  const names = childrenOf(readXml(answer.text)).map(({ name, attributes }) => [name, attributes.get("name")]);
  assert.deepEqual(names.slice(0, 2), [
    ["instance", "default"],
    ["instance", "main"],
  ]);
  assert.ok(names.some(([name]) => name === "indicator"));
});

test("zoneinfo tells everyone where he is, and no more than his address where allowDebug is missing", async (t) => {
  const web = await aWeb(t);
  assert.match((await web.get("/xtk/jsp/zoneinfo.jsp")).text, /sourceIP="127\.0\.0\.1".+<securityZone name="lan"/s);
  const closed = await aWeb(t, { settings: public_ });
  assert.equal(
    (await closed.get("/xtk/jsp/zoneinfo.jsp")).text.replace(/<\?.*?\?>\s*/, "").trim(),
    '<zoneInfo sourceIP="127.0.0.1"/>',
  );
});

test("mcPing tells how many events wait, in the lines that clients take apart", async (t) => {
  const web = await aWeb(t);
  const headers = headersOf(await web.logOn());
  assert.match((await web.get("/nl/jsp/mcPing.jsp", headers)).text, /^Ok\n\d{4}-.+Z\n0\/400 pending events\n$/);
  assert.equal((await web.get("/nl/jsp/mcPing.jsp")).status, 403);
});

test("an uploaded file lies under a name made of its content, and comes back byte for byte as an attachment", async (t) => {
  const web = await aWeb(t);
  const tokens = await web.logOn();
  const content = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
  const md5 = createHash("md5").update(content).digest("hex");
  const answer = await upload(web, headersOf(tokens), { content, name: "Ünïcode <!--<script>.png" });
  assert.deepEqual([answer.status, answer.text.slice(0, 3)], [200, "Ok\n"]);
  const script = /<script[^>]*>(.+)<\/script>/s.exec(answer.text)?.[1] ?? "";
  const received: unknown[] = [];
  const window = {
    parent: { document: { controller: { uploadFileCallBack: (data: unknown) => received.push(data) } } },
  };
  runInNewContext(script, { window });
  // Made in another context, its objects have other prototypes.
  assert.deepEqual(JSON.parse(JSON.stringify(received)), [
    [{ paramName: "file_noMd5", fileName: "Ünïcode <!--<script>.png", newFileName: `${md5}.png`, md5 }],
  ]);
  assert.deepEqual(filesOf(web), [`${md5}.png`]);
  const path = `/nl/jsp/downloadFile.jsp?md5=${md5}&ext=png&fileName=${encodeURIComponent("a'é\r\n.html")}&contentType=text/html`;
  const fetched = await fetch(`${web.url}${path}`, { headers: headersOf(tokens) });
  assert.deepEqual(Buffer.from(await fetched.arrayBuffer()), content);
  assert.equal(fetched.headers.get("content-disposition"), "attachment; filename*=UTF-8''a%27%C3%A9.html");
  assert.match(fetched.headers.get("content-security-policy") ?? "", /^sandbox/);
  assert.equal(fetched.headers.get("x-content-type-options"), "nosniff");
  assert.equal((await web.get(path)).status, 403);
});

test("S-25: names that lead elsewhere are refused, both in and out", async (t) => {
  const web = await aWeb(t);
  const headers = headersOf(await web.logOn());
  for (const name of [
    "../x.png",
    "..\\\\x.png",
    "/etc/x.png",
    "C:x.png",
    ".",
    "..",
    "...",
    "x.",
    "a\u0000b",
    "x".repeat(4_000),
  ])
    assert.doesNotMatch((await upload(web, headers, { name })).text, /fileName":"[^"]*[/\\:]/, name);
  assert.ok(filesOf(web).every((stored) => /^[0-9a-f]{32}(\.[a-z0-9]{1,10})?$/.test(stored)));
  for (const name of ["C:x.png", "..", "x.", "a\u0000b", "x".repeat(4_000)])
    assert.notEqual((await upload(web, headers, { name })).status, 200, name);
  const { text } = await upload(web, headers, { name: "ok.png" });
  const md5 = /md5":"([0-9a-f]{32})/.exec(text)?.[1] ?? "";
  symlinkSync("/etc/passwd", join(web.context.home.var, "main", "upload", `${"0".repeat(32)}.txt`));
  for (const query of [
    `md5=../../../conf/secret&ext=key`,
    `md5=${md5}&ext=/../../x`,
    `md5=%2e%2e%2f&ext=png`,
    `md5=${"0".repeat(32)}&ext=txt`,
    `md5=${"1".repeat(32)}&ext=png`,
    "",
  ]) {
    const answer = await web.get(`/nl/jsp/downloadFile.jsp?${query}`, headers);
    assert.deepEqual([answer.status, answer.text.slice(0, 10)], [404, "WEB-100011"], query);
  }
  assert.equal((await web.get(`/nl/jsp/downloadFile.jsp?md5=${md5}&ext=.PNG`, headers)).text, "bytes");
});

test("uploadAllowlist decides by the whole name, and a file over the limit leaves nothing behind", async (t) => {
  const web = await aWeb(t, { settings: 'web.files.uploadAllowlist = [".+[.]png", "("]\nweb.files.maxUploadMb = 1' });
  const headers = headersOf(await web.logOn());
  assert.equal((await upload(web, headers, { name: "x.png" })).status, 200);
  for (const name of ["x.html", "x.png.exe", "("])
    assert.match((await upload(web, headers, { name })).text, /WEB-100008/);
  const large = await upload(web, headers, { name: "large.png", content: Buffer.alloc(1_100_000) });
  assert.deepEqual([large.status, large.text.slice(0, 10)], [413, "WEB-100009"]);
  assert.match((await upload(web, headers, { field: "other" })).text, /WEB-100010/);
  assert.equal(filesOf(web).length, 1);
  assert.equal((await web.get("/health")).status, 200);
});

test("who may not upload is refused before his file is read", async (t) => {
  const web = await aWeb(t, { settings: public_ });
  const tokens = await web.logOn();
  const { "x-security-token": _, ...withoutProof } = headersOf(tokens);
  for (const headers of [{}, withoutProof, { ...headersOf(tokens), "x-security-token": "wrong" }])
    assert.deepEqual((await upload(web, headers)).text.slice(0, 10), "XSV-350008");
  assert.equal((await upload(web, { ...headersOf(tokens), origin: "https://elsewhere.example" })).status, 403);
  assert.deepEqual(filesOf(web), []);
  const form = await web.post("/nl/jsp/uploadFile.jsp", { a: "b" }, headersOf(tokens));
  assert.ok(form.status >= 400 && form.status < 500);
});
