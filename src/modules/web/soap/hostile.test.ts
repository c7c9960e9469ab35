import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";

import { inReverse } from "#test/support/endings.ts";
import { adminPassword } from "#test/support/instance-with-operators.ts";
import { type Answer, aWeb, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

let web: RunningWeb;
let tokens: Tokens;
const ending = inReverse({ after });

before(async () => {
  web = await aWeb(ending);
  tokens = await web.logOn();
});

/** A request with anything in its body. */
const envelope = (body: string, prolog = ""): string =>
  `${prolog}<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>${body}</e:Body></e:Envelope>`;
const logon = (login: string): string =>
  `<Logon xmlns="urn:xtk:session"><t/><login>${login}</login><password>x</password><p/></Logon>`;

function assertFault(answer: Answer, expected: RegExp): void {
  assert.equal(answer.status, 200);
  assert.match(faultOf(answer)["faultstring"] ?? answer.text, expected);
  assert.doesNotMatch(answer.text, /node_modules|\.ts:|\/work\/|select /);
}

test("S-1: a document type with an external entity is refused before anything is looked up", async (t) => {
  let asked = 0;
  const sink = createServer((_, response) => {
    asked += 1;
    response.end("x");
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  t.after(() => void sink.close());
  const address = sink.address();
  const url = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}/x`;
  for (const doctype of [
    `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>`,
    `<!DOCTYPE a [<!ENTITY x SYSTEM "${url}">]>`,
    `<!DOCTYPE a [<!ENTITY % p SYSTEM "${url}"> %p;]>`,
    `<!DOCTYPE a SYSTEM "${url}">`,
  ])
    assertFault(await web.soap(envelope(logon("&x;"), doctype)), /^SOP-330100 .*DOCTYPE/);
  assert.equal(asked, 0);
});

test("S-2: entities that grow, and a million numeric references, are refused at once", async () => {
  const laughs = Array.from({ length: 10 }, (_, level) => `<!ENTITY l${level + 1} "${`&l${level};`.repeat(10)}">`);
  const start = performance.now();
  assertFault(
    await web.soap(envelope(logon("&l10;"), `<!DOCTYPE a [<!ENTITY l0 "ha">${laughs.join("")}]>`)),
    /^SOP-330100 .*DOCTYPE/,
  );
  const long = `<!DOCTYPE a [<!ENTITY x "${"y".repeat(100_000)}">]>`;
  assertFault(await web.soap(envelope(logon("&x;".repeat(10_000)), long)), /^SOP-330100 .*DOCTYPE/);
  assertFault(await web.soap(envelope(logon("&#65;".repeat(1_000_000)))), /^SOP-330101 .*numeric references/);
  assert.ok(performance.now() - start < 5_000);
});

test("S-3: characters that XML cannot hold, broken UTF-8 and other encodings are faults", async () => {
  for (const reference of ["&#9999999999;", "&#0;", "&#xD800;", "&#xFFFE;", "&unknown;"])
    assertFault(await web.soap(envelope(logon(reference))), /^SOP-330100 /);
  const bytes = Buffer.concat([Buffer.from(envelope(logon("a")).slice(0, 150)), Buffer.from([0xc3, 0x28, 0xff])]);
  assertFault(await web.soap(bytes), /^SOP-330100 .*utf-8/i);
  for (const encoding of ["UTF-16", "UTF-7", "no-such"])
    assertFault(
      await web.soap(envelope(logon("a"), `<?xml version="1.0" encoding="${encoding}"?>`), {
        "content-type": "text/xml",
      }),
      /^SOP-330100 .*character set/,
    );
  assertFault(await web.soap(Buffer.from(envelope(logon("a")), "utf16le")), /^SOP-330100 /);
});

test("S-4: depth, attributes, sizes and bodies without end have limits", async () => {
  assertFault(await web.soap(envelope("<a>".repeat(100_000))), /^SOP-330101 .*levels/);
  const attributes = Array.from({ length: 100_000 }, (_, index) => `a${index}=""`).join(" ");
  assertFault(await web.soap(envelope(`<a ${attributes}/>`)), /^SOP-330101 .*attributes/);
  assertFault(await web.soap(envelope("<a/>".repeat(600_000))), /^SOP-330101 .*elements/);
  const large = envelope(`<a b="${"x".repeat(50_000_000)}"/>`);
  const refusal = await web.soap(large).catch(() => undefined);
  assert.ok(refusal === undefined || refusal.status === 413);
  assert.equal(await sendWithoutEnd(web.port), "refused");
  assert.equal((await web.get("/health")).status, 200);
});

/** Sends chunks for as long as the server takes them, at most 200 MB. */
function sendWithoutEnd(port: number): Promise<"refused" | "taken"> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const chunk = `100000\r\n${"x".repeat(0x100000)}\r\n`;
    let sent = 0;
    const send = (): void => {
      if (socket.destroyed) return;
      if (sent >= 200) {
        socket.destroy();
        resolve("taken");
        return;
      }
      sent += 1;
      socket.write(chunk, () => setImmediate(send));
    };
    socket.on("error", () => resolve("refused"));
    socket.on("close", () => resolve("refused"));
    socket.on("data", (data) => {
      if (data.toString().startsWith("HTTP/1.1 413")) resolve("refused");
    });
    socket.write(
      "POST /nl/jsp/soaprouter.jsp HTTP/1.1\r\nHost: localhost\r\nContent-Type: text/xml\r\nTransfer-Encoding: chunked\r\n\r\n",
    );
    send();
  });
}

test("S-5: names that mean something to JavaScript are plain data, and nothing else changes", async () => {
  const write = (document: string): Promise<Answer> =>
    web.call("Write", `<doc>${document}</doc>`, tokens, "xtk:persist|xtk:session");
  for (const name of ["__proto__", "constructor", "toString", "prototype", "hasOwnProperty"]) {
    await write(`<recipient xtkschema="nms:recipient" email="${name}@s5.example" ${name}="polluted"/>`);
    await write(`<recipient xtkschema="nms:recipient" email="${name}@s5.example"><${name} isAdmin="1"/></recipient>`);
    await write(`<${name} xtkschema="${name}"/>`);
    assertFault(await web.call(name, "", tokens), /^SOP-330006 /);
    assertFault(await web.call("TestCnx", "", tokens, `xtk:${name}`), /^SOP-3(30003|30100) /);
  }
  const clean: Record<string, unknown> = {};
  assert.deepEqual([clean["isAdmin"], clean["polluted"], Object.keys(clean)], [undefined, undefined, []]);
});

test("S-6: two roots, two bodies, other namespaces and a header unlike the body are faults; rights follow the body", async () => {
  const one = envelope(logon("a"));
  assertFault(await web.soap(one + one), /^SOP-330100 /);
  assertFault(await web.soap(one.replace("<e:Body>", "<e:Body/><e:Body>")), /^SOP-330100 .*one Body/);
  assertFault(await web.soap(envelope(`${logon("a")}${logon("b")}`)), /^SOP-330100 .*one method/);
  assertFault(await web.soap(envelope(`<Logon xmlns="http://elsewhere.example"/>`)), /^SOP-330100 .*namespace/);
  assertFault(
    await web.soap(one.replace("schemas.xmlsoap.org/soap/envelope/", "www.w3.org/2003/05/soap-envelope")),
    /^SOP-330102 /,
  );
  assertFault(await web.soap(one, { soapaction: "xtk:session#GetServerTime" }), /^SOP-330100 .*another method/);
  assertFault(await web.soap(one, { soapaction: '"xtk:persist#Logon"' }), /^SOP-330100 .*another service/);
  const write = `<Write xmlns="urn:xtk:persist"><t/><d><recipient xtkschema="nms:recipient"/></d></Write>`;
  assertFault(await web.soap(envelope(write), { soapaction: "xtk:persist#Write" }), /^XSV-350008 /);
});

test("S-7: text in pieces is joined, comments and instructions are none, and references are not followed", async () => {
  const password = adminPassword.replace("horse", "<!-- no --><![CDATA[hor]]><?x y?>se");
  const answer = await web.call("Logon", `<login>ad<![CDATA[min]]></login><password>${password}</password><p/>`);
  assert.match(answer.text, /<pstrSessionToken /);
  const include = `<recipient xtkschema="nms:recipient" email="s7@s7.example"><xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd"/></recipient>`;
  const refused = await web.call("Write", `<doc>${include}</doc>`, tokens, "xtk:persist|xtk:session");
  assert.match(faultOf(refused)["detail"] ?? "", /no element 'include'/);
  const loop = `<login href="#1"/><password id="1" href="#1"/><p/>`;
  assert.equal((await web.call("Logon", loop)).status, 403);
});

test("S-8: other types, two types at once and packed bodies are refused by their HTTP status", async () => {
  assert.equal((await web.soap('{"method":"Logon"}', { "content-type": "application/json" })).status, 415);
  assertFault(await web.soap('{"method":"Logon"}', { "content-type": "text/xml" }), /^SOP-330100 /);
  assert.equal((await web.soap("<a/>", { "content-type": ["text/xml", "application/json"] })).status, 415);
  assert.equal((await web.soap(gzipSync(Buffer.alloc(10_000_000)), { "content-encoding": "gzip" })).status, 415);
  assert.equal((await web.soap("<a/>", { "content-type": "multipart/form-data; boundary=x" })).status, 415);
});
