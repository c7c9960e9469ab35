import assert from "node:assert/strict";
import { test } from "node:test";

import { readEnvelope } from "#protocols/soap/read-envelope.ts";
import { readXml } from "#protocols/soap/read-xml.ts";
import { anElement, childrenOf, textOf } from "#protocols/soap/xml-element.ts";
import { defineService } from "#schemas/service.ts";
import { aContext } from "#test/support/context.ts";

import { callMethod } from "./call-method.ts";
import { defineEntityMethod, defineMethod, type SoapMethod } from "./define-method.ts";
import { outputName } from "./parameter-names.ts";

const echoed = [
  ["string", `a <b> & "c" ]]> é 😀`],
  ["memo", "two\nlines"],
  ["primarykey", "xtk:operator|1610"],
  ["boolean", "true"],
  ["byte", "-128"],
  ["short", "32767"],
  ["long", "-2147483648"],
  ["int64", "9007199254740993"],
  ["float", "1.5"],
  ["double", "0.1"],
  ["datetime", "2024-02-29T10:11:12.345Z"],
  ["date", "2024-02-29"],
] as const;

const service = defineService({
  name: "xtk:echo",
  label: "Echo",
  structures: {},
  methods: [
    {
      name: "Echo",
      label: "Answers what it is given",
      isStatic: true,
      access: "anonymous",
      parameters: [
        { name: "string", type: "string", direction: "inout" },
        { name: "memo", type: "memo", direction: "inout" },
        { name: "primarykey", type: "primarykey", direction: "inout" },
        { name: "boolean", type: "boolean", direction: "inout" },
        { name: "byte", type: "byte", direction: "inout" },
        { name: "short", type: "short", direction: "inout" },
        { name: "long", type: "long", direction: "inout" },
        { name: "int64", type: "int64", direction: "inout" },
        { name: "float", type: "float", direction: "inout" },
        { name: "double", type: "double", direction: "inout" },
        { name: "datetime", type: "datetime", direction: "inout" },
        { name: "date", type: "date", direction: "inout" },
        { name: "element", type: "DOMElement", direction: "inout" },
        { name: "document", type: "DOMDocument", direction: "inout" },
      ],
    },
    {
      name: "Rename",
      label: "Changes the entity it is called on",
      isStatic: false,
      access: "anonymous",
      parameters: [
        { name: "label", type: "string", direction: "in" },
        { name: "former", type: "string", direction: "out" },
      ],
    },
  ],
});

const echo = defineMethod(service, "Echo", async (_, ...values) => values);
const rename = defineEntityMethod(service, "Rename", async (call, document, label) => ({
  entity: anElement(document.name, { label, target: call.target }),
  outputs: [document.attributes.get("label") ?? ""],
}));

async function call(t: Parameters<typeof aContext>[0], method: SoapMethod, parameters: string): Promise<string> {
  const context = await aContext(t);
  const { name } = method.declaration;
  const envelope = readEnvelope(
    `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><m:${name} xmlns:m="urn:xtk:echo|nms:delivery"><t/>${parameters}</m:${name}></e:Body></e:Envelope>`,
    undefined,
  );
  return callMethod(
    { method, target: "nms:delivery" },
    {
      context,
      quickContext: context,
      envelope,
      headers: { sessionToken: "", securityToken: "", cookie: "", bearer: "" },
      client: { address: "127.0.0.1", isSecure: false },
    },
  );
}

const escape = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("]]>", "]]&gt;").replaceAll('"', "&quot;");

test("every type comes back as it was sent: integers beyond 2^53, moments to the millisecond", async (t) => {
  const scalars = echoed.map(([, value]) => `<any>${escape(value)}</any>`).join("");
  const dom = `<x:a xmlns:x="urn:x"><b c="1"/></x:a>`;
  const answer = await call(t, echo, `${scalars}<any>${dom}</any><any>\n${dom}\n</any>`);
  const [body] = childrenOf(readXml(answer));
  const outputs = body === undefined ? [] : childrenOf(body).flatMap(childrenOf);
  assert.deepEqual(
    outputs.map((output) => output.name),
    echo.declaration.parameters.map(outputName),
  );
  assert.deepEqual(
    outputs.slice(0, echoed.length).map(textOf),
    echoed.map(([, value]) => value),
  );
  for (const output of outputs.slice(echoed.length))
    assert.deepEqual(
      childrenOf(output).map(({ name, content }) => [name, content.length]),
      [["a", 1]],
    );
  assert.match(answer, /<pbBoolean xsi:type='xsd:boolean'>/);
  assert.match(answer, /xsi:type='xsd:dateTime'>2024-02-29T10:11:12.345Z</);
  assert.match(answer, /<EchoResponse xmlns='urn:xtk:echo\|nms:delivery'/);
});

test("what is left out or empty is its type's nothing", async (t) => {
  const answer = await call(t, echo, "");
  const [body] = childrenOf(readXml(answer));
  const texts = body === undefined ? [] : childrenOf(body).flatMap(childrenOf).map(textOf);
  assert.deepEqual(texts, ["", "", "", "false", "0", "0", "0", "0", "0", "0", "", "", "", ""]);
});

test("a value that is not of its type is told with the method's name, and why", async (t) => {
  const before = echoed
    .slice(0, 3)
    .map(([, value]) => `<p>${escape(value)}</p>`)
    .join("");
  await assert.rejects(call(t, echo, `${before}<p>perhaps</p>`), (error: Error) => {
    assert.match(error.message, /^Error while reading parameters of method 'Echo' of service 'xtk:echo'\.$/);
    assert.match((error.cause as Error).message, /the parameter 'boolean' is not of type boolean/);
    return true;
  });
});

test("a method of an entity gets its document first, and answers the entity before its outputs", async (t) => {
  const answer = await call(t, rename, `<document>\n <delivery label="Old"/>\n</document><l>New</l>`);
  assert.match(
    answer,
    /<entity xsi:type='ns:Element' SOAP-ENV:encodingStyle='[^']+'><delivery label="New" target="nms:delivery"\/><\/entity><pstrFormer xsi:type='xsd:string'>Old</,
  );
  await assert.rejects(call(t, rename, "<document/><l>New</l>"), /is called on an entity/);
});
