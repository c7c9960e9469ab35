import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { aJobHost, type JobHost } from "#test/support/job-process.ts";
import { inReverse } from "#test/support/endings.ts";
import { recipientSource, storeSource } from "#test/support/loyalty-extension.ts";
import { anOperator } from "#test/support/operators.ts";
import { columnsOf } from "#test/support/schema-store.ts";
import { type Answer, aWeb, faultOf, outputsOf, type RunningWeb, type Tokens } from "#test/support/web.ts";
import { slownessNow } from "#test/support/slowness.ts";
import { until } from "#test/support/until.ts";
import { tableRows } from "#test/support/writer.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { childrenOf } from "#protocols/soap/xml-element.ts";

let host: JobHost;
let web: RunningWeb;
let tokens: Tokens;
const ending = inReverse({ after });

before(async () => {
  host = await aJobHost(ending);
  web = await aWeb(ending, { db: host.db });
  tokens = await web.logOn();
});

const write = (document: string, by = tokens): Promise<Answer> =>
  web.call("Write", `<doc>${document}</doc>`, by, "xtk:persist|xtk:session");
const writeAll = (schema: string, documents: string, by = tokens): Promise<Answer> =>
  web.call(
    "WriteCollection",
    `<doc><all xtkschema="${schema}">${documents}</all></doc>`,
    by,
    "xtk:persist|xtk:session",
  );

/** The document of an entity as a client that has it with this md5 is answered. */
async function entity(pk: string, md5 = ""): Promise<string> {
  const answer = await web.call(
    "GetEntityIfMoreRecent",
    `<pk>${pk}</pk><md5>${md5}</md5><mustExist>false</mustExist>`,
    tokens,
    "xtk:persist|xtk:session",
  );
  assert.deepEqual(faultOf(answer)["faultstring"], undefined, answer.text);
  return outputsOf(answer)
    .flatMap((output) => childrenOf(output))
    .map((document) => writeXml(document))
    .join("");
}

async function query(attributes: string, content: string, by = tokens): Promise<string> {
  const answer = await web.call(
    "ExecuteQuery",
    `<entity><queryDef ${attributes}>${content}</queryDef></entity>`,
    by,
    "xtk:queryDef",
  );
  assert.deepEqual(faultOf(answer)["faultstring"], undefined, answer.text);
  return outputsOf(answer)
    .map((output) => writeXml(output))
    .join("");
}

async function rest(path: string, by = tokens, method: "get" = "get"): Promise<Record<string, unknown>> {
  const answer = await web[method](`/api/v1${path}`, {
    "x-session-token": by.session,
    "x-security-token": by.security,
  });
  return { status: answer.status, ...(JSON.parse(answer.text) as Record<string, unknown>) };
}

const updateDb = async (...flags: string[]): Promise<string> => {
  const { code, output, errors } = await host.run("config", "-updatedb", ...flags);
  assert.equal(code, 0, errors + output);
  return output;
};

const recipientNodes = (...paths: readonly string[]): string =>
  `<select>${paths.map((path) => `<node expr="${path}"/>`).join("")}</select>`;

test("a schema that leans on one that is not there, or cannot be read, is refused with the reason and not stored", async () => {
  for (const [document, reason] of [
    [recipientSource, /cus:recipient cannot be used: the link store leads to cus:store, which does not exist/],
    [storeSource.replace('type="date"', 'type="day"'), /openedOn is of the type 'day'/],
    [storeSource.replace("@isClosed = 0", "@closed = 0"), /closed/],
    [storeSource.replace('namespace="cus"', 'namespace="nms"'), /belongs to the product/],
  ] as const) {
    const fault = faultOf(await write(document));
    assert.match(fault["detail"] ?? "", reason, JSON.stringify(fault));
  }
  assert.deepEqual(await tableRows(host.db, "xtk_src_schema", "namespace, name"), []);
});

test("only administrators write schemas, compile them and see what would change", async () => {
  const few = await anOperator(web, "few", ["delivery", "workflow", "import", "sql"]);
  assert.match(faultOf(await write(storeSource, few))["detail"] ?? "", /XSV-350023/);
  for (const [method, parameters] of [
    ["BuildSchemaFromId", "<pk>xtk:srcSchema|cus:store</pk>"],
    ["BuildUpdateScript", "<drop>false</drop>"],
  ] as const)
    assert.match(faultOf(await web.call(method, parameters, few, "xtk:builder"))["faultstring"] ?? "", /SOP-330110/);
  assert.deepEqual(await tableRows(host.db, "xtk_src_schema", "namespace, name"), []);
});

test("what is stored is read back, compiled and planned, and changes nothing that clients see yet", async () => {
  assert.deepEqual(faultOf(await writeAll("xtk:srcSchema", recipientSource + storeSource)), {});
  const stored = await entity("xtk:srcSchema|cus:recipient");
  assert.match(
    stored,
    /<srcSchema [^>]*extendedSchema="nms:recipient"[^>]*md5="[0-9A-F]{32}"|md5="[0-9A-F]{32}"[^>]*extendedSchema="nms:recipient"/,
  );
  assert.match(stored, /<attribute name="points" type="long"\/>/);
  const list = await query(
    'schema="xtk:srcSchema" operation="select"',
    `${recipientNodes("@namespace", "@name", "@label", "@extendedSchema")}<orderBy><node expr="@name"/></orderBy>`,
  );
  assert.match(
    list,
    /extendedSchema="nms:recipient" label="Customers" name="recipient" namespace="cus"|name="recipient"/,
  );
  assert.doesNotMatch(await entity("xtk:schema|nms:recipient"), /loyaltyLevel/);
  assert.equal((await rest("/stores"))["status"], 404);

  const compiled = await web.call("BuildSchemaFromId", "<pk>xtk:srcSchema|cus:recipient</pk>", tokens, "xtk:builder");
  assert.match(compiled.text, /<schema [^>]*name="recipient"[\s\S]*name="loyaltyLevel"/);
  const script = await web.call("BuildUpdateScript", "<drop>false</drop>", tokens, "xtk:builder");
  assert.match(script.text, /alter table nms_recipient add column cus_points integer not null default 0;/);

  const plan = await updateDb("-plan");
  assert.match(plan, /create table cus_store \(/);
  assert.match(plan, /alter table nms_recipient add column cus_loyalty_level smallint not null default 0;/);
  assert.match(plan, /CREATE INDEX nms_recipient_cus_level ON nms_recipient/);
  assert.match(plan, /nothing was changed; these \d+ statements would run/);
  assert.deepEqual(await columnsOf(host.db, "nms_recipient", "cus_%"), []);
});

test("within two seconds of the update every interface has the fields", async () => {
  const md5 = / md5="([0-9A-F]+)"/.exec(await entity("xtk:schema|nms:recipient"))?.[1] ?? "";
  assert.equal(await entity("xtk:schema|nms:recipient", md5), "");
  assert.match(await updateDb(), /main: changed its tables by \d+ statements/);
  const beganMs = performance.now();
  const document = await until(async () => {
    const found = await entity("xtk:schema|nms:recipient", md5);
    return found === "" ? undefined : found;
  }, "the schema to have changed");
  const tookMs = performance.now() - beganMs;
  assert.ok(tookMs < 2_000 * (tookMs < 2_000 ? 1 : await slownessNow()), `${tookMs} ms`);
  for (const path of ["loyaltyLevel", "shoeSize", "calledAs", "last12Months", "preferences", "store"])
    assert.match(document, new RegExp(`name="${path}"`), path);
  assert.equal((await rest("/stores"))["status"], 200);
  assert.match(JSON.stringify(await rest("/openapi.json")), /"loyaltyLevel"/);
  assert.match(await updateDb("-plan"), /main: its tables are as its schemas say/);
});

test("rows are written with the fields, through the link and with nested rows, and queried by them", async () => {
  const stores = '<store code="P1" city="Paris" openedOn="2020-01-02"/><store code="L1" city="Lyon" isClosed="true"/>';
  assert.deepEqual(faultOf(await writeAll("cus:store", stores)), {});
  const full = `<recipient xtkschema="nms:recipient" email="ann@shop.example" firstName="Ann" loyaltyLevel="gold" channel="web" points="12" balance="3.5"
    memberSince="2021-02-03" lastVisit="2026-01-02 03:04:05Z" isPartner="true" token="7d444840-9dc0-11d1-b245-5ffdce74fad2" shoeSize="38">
    <score last12Months="7"><remarks>Likes &lt;tea&gt;</remarks></score><preferences><color name="blue"/></preferences><store _operation="none" code="P1"/></recipient>`;
  assert.deepEqual(faultOf(await write(full)), {});
  const nested =
    '<store xtkschema="cus:store" _key="@code" code="L1"><clients email="bob@shop.example" firstName="Bob" loyaltyLevel="silver" points="5"/><clients email="cy@shop.example" points="9"/></store>';
  assert.deepEqual(faultOf(await write(nested)), {});
  assert.match(
    faultOf(await write('<recipient xtkschema="nms:recipient" email="x@shop.example" loyaltyLevel="platinum"/>'))[
      "detail"
    ] ?? "",
    /loyaltyLevel/,
  );
  assert.match(
    faultOf(await write('<recipient xtkschema="nms:recipient" email="x@shop.example" channel="phone"/>'))["detail"] ??
      "",
    /channel/,
  );
  assert.match(faultOf(await write('<store xtkschema="cus:store" city="Nowhere"/>'))["detail"] ?? "", /code/);

  const select = `${recipientNodes("@email", "@loyaltyLevel", "@points", "@shoeSize", "@calledAs", "[score/@last12Months]", "score/remarks", "preferences", "[store/@code]", "@token", "@memberSince")}
    <where><condition expr="@loyaltyLevel = 2 AND [store/@city] = 'Paris' AND @shoeSize &gt; 37"/></where><orderBy><node expr="@points" sortDesc="true"/></orderBy>`;
  const found = await query('schema="nms:recipient" operation="select"', select);
  for (const part of [
    'loyaltyLevel="2"',
    'points="12"',
    'shoeSize="38"',
    'calledAs="Dear Ann"',
    'last12Months="7"',
    "Likes &lt;tea>",
    '<color name="blue"/>',
    '<store code="P1"/>',
    'memberSince="2021-02-03',
  ])
    assert.ok(found.includes(part) || found.includes(part.replace("tea>", "tea&gt;")), `${part} in ${found}`);

  const groups = await query(
    'schema="nms:recipient" operation="select"',
    '<select><node expr="@loyaltyLevel" groupBy="true"/><node expr="Sum(@points)" alias="@sum"/></select><where><condition expr="[store/@code] IS NOT NULL"/></where><orderBy><node expr="@loyaltyLevel"/></orderBy>',
  );
  assert.deepEqual(
    [...groups.matchAll(/loyaltyLevel="(\d)" sum="(\d+)"/g)].map(([, level, sum]) => [level, sum]),
    [
      ["0", "9"],
      ["1", "5"],
      ["2", "12"],
    ],
  );
  const clients = await query(
    'schema="cus:store" operation="select"',
    '<select><node expr="@code"/><node expr="clients"><node expr="@email"/><orderBy><node expr="@email"/></orderBy></node></select><orderBy><node expr="@code"/></orderBy>',
  );
  assert.match(clients, /code="L1"[\s\S]*bob@shop[\s\S]*cy@shop[\s\S]*code="P1"[\s\S]*ann@shop/);
  const sorted = await rest("/recipients?sort=-points&fields=email,points,store/code&loyaltyLevel=gold");
  assert.deepEqual(
    sorted["items"],
    [{ email: "ann@shop.example", points: 12, store: { code: "P1" } }],
    JSON.stringify(sorted),
  );
});

test("a filter of an extension hides rows on every road", async () => {
  const few = await anOperator(web, "clerk", ["delivery"]);
  const codes = async (by: Tokens): Promise<string[]> =>
    [...(await query('schema="cus:store" operation="select"', recipientNodes("@code"), by)).matchAll(/ code="(\w+)"/g)]
      .map(([, code]) => code ?? "")
      .sort();
  assert.deepEqual(await codes(tokens), ["L1", "P1"]);
  assert.deepEqual(await codes(few), ["P1"]);
  const items = (await rest("/stores?fields=code", few))["items"];
  assert.deepEqual(items, [{ code: "P1" }]);
  const through = await query(
    'schema="nms:recipient" operation="select"',
    `${recipientNodes("@email", "[store/@city]")}<where><condition expr="@email = 'bob@shop.example'"/></where>`,
    few,
  );
  assert.doesNotMatch(through, /Lyon/);
});

test("the audit trail tells who changed schemas and rows of them", async () => {
  const trail = await query(
    'schema="xtk:auditTrail" operation="select"',
    `${recipientNodes("@schemaName", "@action", "@login", "@entityLabel")}<where><condition expr="@schemaName = 'xtk:srcSchema' OR @schemaName = 'cus:store'"/></where>`,
  );
  const entries = [...trail.matchAll(/<auditTrail [^>]*>/g)].map(([entry]) => entry);
  assert.equal(entries.length, 4, trail);
  assert.ok(
    entries.every((entry) => entry.includes('login="admin"') && entry.includes('action="insert"')),
    trail,
  );
});

test("a schema that is deleted is gone from every interface, its columns only when the update may drop them", async () => {
  const gone = (name: string): string =>
    `<srcSchema xtkschema="xtk:srcSchema" _operation="delete" _key="@namespace,@name" namespace="cus" name="${name}"/>`;
  assert.match(faultOf(await write(gone("store")))["detail"] ?? "", /cus:store, which does not exist/);
  assert.deepEqual(faultOf(await write(gone("recipient"))), {});
  await until(
    async () => !(await entity("xtk:schema|nms:recipient")).includes("loyaltyLevel"),
    "the fields to be gone",
    { limitMs: 2_000 * (await slownessNow()) },
  );
  assert.equal((await rest("/recipients?loyaltyLevel=gold"))["status"], 400);
  assert.match(
    faultOf(await write('<recipient xtkschema="nms:recipient" email="x@shop.example" points="1"/>'))["detail"] ?? "",
    /points/,
  );
  assert.deepEqual(faultOf(await write('<recipient xtkschema="nms:recipient" email="x@shop.example"/>')), {});
  assert.match(await updateDb(), /-drop would remove them: .*nms_recipient\.cus_points/);
  assert.ok((await columnsOf(host.db, "nms_recipient", "cus_%")).includes("cus_points"));
  assert.match(
    await updateDb("-plan", "-drop"),
    /alter table nms_recipient drop column cus_points;[\s\S]*this would be lost/,
  );
  assert.match(await updateDb("-drop"), /alter table nms_recipient drop column cus_points;/);
  assert.deepEqual(await columnsOf(host.db, "nms_recipient", "cus_%"), []);
  assert.deepEqual(await columnsOf(host.db, "cus_store", "code"), ["code"]);
});
