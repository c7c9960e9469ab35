import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";

import { processorMs } from "#test/support/processor-time.ts";

import { decodeBody } from "./decode-body.ts";
import { readEnvelope } from "./read-envelope.ts";
import { readXml } from "./read-xml.ts";
import { SoapError, type SoapProblem } from "./soap-error.ts";
import { childrenOf, textOf } from "./xml-element.ts";

const soap = "http://schemas.xmlsoap.org/soap/envelope/";

function envelope(body: string, header = ""): string {
  return `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${soap}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">${header}<SOAP-ENV:Body>${body}</SOAP-ENV:Body></SOAP-ENV:Envelope>`;
}

const call =
  '<m:GetOption xmlns:m="urn:xtk:session"><sessiontoken xsi:type="xsd:string">TOKEN</sessiontoken><name>A</name></m:GetOption>';

function refused(text: string, soapAction?: string, problem: SoapProblem = "invalid"): void {
  assert.throws(
    () => readEnvelope(text, soapAction),
    (error) => error instanceof SoapError && error.problem === problem && error.message.length < 400,
  );
}

test("a request of the SDK is read: service, method, token first, parameters by position, security token of the header", () => {
  const header =
    "<SOAP-ENV:Header><Cookie>__sessiontoken=TOKEN</Cookie><X-Security-Token>SEC</X-Security-Token></SOAP-ENV:Header>";
  const found = readEnvelope(envelope(call, header), "xtk:session#GetOption");
  assert.deepEqual(
    { ...found, parameters: found.parameters.map(textOf) },
    {
      service: "xtk:session",
      method: "GetOption",
      sessionToken: "TOKEN",
      securityToken: "SEC",
      parameters: ["A"],
    },
  );
});

test("the SOAPAction may be quoted, unquoted, missing, or the only one to name the service; prefixes change nothing", () => {
  for (const action of ['"xtk:session#GetOption"', "xtk:session#GetOption", undefined, ""]) {
    assert.equal(readEnvelope(envelope(call), action).service, "xtk:session");
  }
  assert.equal(readEnvelope(envelope("<GetOption><t/></GetOption>"), "xtk:session#GetOption").service, "xtk:session");
  const swapped = `<Envelope xmlns="${soap}"><Body><GetOption xmlns="urn:xtk:persist|nms:delivery"><x:t xmlns:x="urn:y">T</x:t></GetOption></Body></Envelope>`;
  const found = readEnvelope(swapped, "xtk:persist#GetOption");
  assert.deepEqual([found.service, found.sessionToken], ["xtk:persist|nms:delivery", "T"]);
});

test("a SOAPAction that contradicts the body is refused, as is a body that names no service", () => {
  refused(envelope(call), "xtk:session#Logon");
  refused(envelope(call), "nms:delivery#GetOption");
  refused(envelope("<GetOption><t/></GetOption>"));
  refused(envelope('<GetOption xmlns="http://elsewhere.example/"><t/></GetOption>'), "xtk:session#GetOption");
  refused(envelope('<GetOption xmlns="urn:xtk:session\'; drop table x; --"><t/></GetOption>'));
});

test("two roots, two bodies, two methods, none, and foreign or newer envelopes are refused", () => {
  refused(envelope(call) + envelope(call));
  refused(`<e:Envelope xmlns:e="${soap}"><e:Body>${call.replace("xsi:type", "type")}</e:Body><e:Body/></e:Envelope>`);
  refused(envelope(call + call));
  refused(envelope(""));
  refused("<a/>");
  refused("");
  refused("{}");
  refused('<Envelope xmlns="http://www.w3.org/2003/05/soap-envelope"><Body/></Envelope>', undefined, "version");
  refused(envelope(call, `<SOAP-ENV:Header><pay SOAP-ENV:mustUnderstand="1"/></SOAP-ENV:Header>`), undefined, "duty");
});

test("a DOCTYPE is refused before anything of it is looked up", async (t) => {
  let requests = 0;
  const sink = createServer((_, response) => {
    requests += 1;
    response.end();
  });
  await new Promise<void>((resolve) => sink.listen(0, "127.0.0.1", resolve));
  t.after(() => sink.close());
  const url = `http://127.0.0.1:${(sink.address() as AddressInfo).port}/x.dtd`;
  const lol = `<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa">${Array.from({ length: 10 }, (_, i) => `<!ENTITY a${i} "&a;&a;&a;&a;&a;&a;&a;&a;">`).join("")}]>`;
  for (const doctype of [
    `<!DOCTYPE x SYSTEM "${url}">`,
    `<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>`,
    `<!DOCTYPE x [<!ENTITY % p SYSTEM "${url}"> %p;]>`,
    lol,
    `<!DOCTYPE x [<!ENTITY e "${"x".repeat(100_000)}">]>`,
  ]) {
    refused(doctype + envelope(call.replace("TOKEN", "&e;")), undefined, "invalid");
  }
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(requests, 0);
});

test("entities that are not XML's own and references to no character are refused", () => {
  for (const text of ["&e;", "&nbsp;", "&#9999999999;", "&#0;", "&#xD800;", "&#x;", "&#1;", "& ", "\u0000", "\u0001"]) {
    refused(envelope(call.replace("TOKEN", text)), undefined, "invalid");
  }
});

test("limits hold: depth 200, 1,000 attributes of an element, elements, numeric references; in a short time", () => {
  const inside = (depth: number): string =>
    envelope(`<m:M xmlns:m="urn:xtk:session"><t/>${"<a>".repeat(depth)}${"</a>".repeat(depth)}</m:M>`);
  const start = processorMs();
  readEnvelope(inside(197), undefined);
  refused(inside(198), undefined, "too_complex");
  refused(inside(100_000), undefined, "too_complex");
  refused(
    envelope(
      `<m:M xmlns:m="urn:xtk:session"><t ${Array.from({ length: 100_000 }, (_, i) => `a${i}="x"`).join(" ")}/></m:M>`,
    ),
    undefined,
    "too_complex",
  );
  refused(envelope(call.replace("TOKEN", "&#233;".repeat(1_000_000))), undefined, "too_complex");
  refused(envelope(`<m:M xmlns:m="urn:xtk:session"><t/>${"<a/>".repeat(2_400_000)}</m:M>`), undefined, "too_complex");
  const spentMs = processorMs() - start;
  assert.ok(spentMs < 3_000, `took ${spentMs} ms`);
});

test("names of an object's own machinery are plain data", () => {
  const root = readXml('<a __proto__="1" constructor="2" toString="3"><__proto__ x="y"/><constructor/></a>');
  assert.deepEqual(
    [...root.attributes],
    [
      ["__proto__", "1"],
      ["constructor", "2"],
      ["toString", "3"],
    ],
  );
  assert.deepEqual(
    childrenOf(root).map(({ name }) => name),
    ["__proto__", "constructor"],
  );
  assert.equal(({} as Record<string, unknown>)["x"], undefined);
});

test("sections, comments and instructions inside a value leave its text whole; references are not followed", () => {
  const root = readXml(
    '<a>x<![CDATA[<&]]]]><![CDATA[>]]>y<!-- no --><?php no ?>z<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="/etc/passwd"/></a>',
  );
  assert.equal(textOf(root), "x<&]]>yz");
  assert.deepEqual(
    childrenOf(root).map(({ name, content }) => [name, content]),
    [["include", []]],
  );
});

test("attributes that say how a value is written are left out of the data", () => {
  const root = readXml(
    `<a xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:s="${soap}" xsi:type="" type="1" s:encodingStyle="x" x:email="p" email="own" xmlns:x="urn:x"/>`,
  );
  assert.deepEqual(Object.fromEntries(root.attributes), { email: "own", type: "1" });
});

test("bodies are read in the character set they are in, and refused when they are not", () => {
  assert.equal(decodeBody(Buffer.from("\ufeffé"), "text/xml"), "é");
  assert.equal(decodeBody(Buffer.from("é", "latin1"), "text/xml; charset=ISO-8859-1"), "é");
  assert.equal(
    decodeBody(Buffer.from("<?xml version='1.0' encoding='iso-8859-1'?><a>é</a>", "latin1"), "text/xml").includes("é"),
    true,
  );
  for (const [bytes, type] of [
    [Buffer.from("é", "latin1"), "text/xml"],
    [Buffer.from([0xc0, 0xaf]), "text/xml; charset=utf-8"],
    [Buffer.from("<a/>", "utf16le"), "text/xml; charset=utf-16"],
    [Buffer.from("+ADw-a/+AD4-"), "text/xml; charset=utf-7"],
    [Buffer.from("<?xml version='1.0' encoding='utf-7'?><a/>"), undefined],
    [Buffer.from("<a/>"), "text/xml; charset=constructor"],
  ] as const) {
    assert.throws(() => decodeBody(bytes, type), { problem: "invalid" });
  }
});
