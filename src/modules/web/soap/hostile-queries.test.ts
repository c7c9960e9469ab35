import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { inReverse } from "#test/support/endings.ts";
import { anOperator } from "#test/support/operators.ts";
import { aRest, type JsonAnswer, type Rest } from "#test/support/rest.ts";
import { snapshotOf } from "#test/support/snapshot-store.ts";
import { type Answer, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

let rest: Rest;
let web: RunningWeb;
const ending = inReverse({ after });

before(async () => {
  rest = await aRest(ending, { settings: "web.queryTimeoutMs = 1500" });
  web = rest.web;
  for (const lastName of hostileTexts) {
    const answer = await rest.call("POST", "/recipients", { lastName });
    assert.equal(answer.status, 201, answer.text);
  }
});

/** Texts that end a literal, begin a comment or mean something in one of PostgreSQL's ways to write text. */
const hostileTexts = [
  "x' OR 1=1 --",
  "'); DROP TABLE nms_recipient; --",
  "$$ || version() || $$",
  "$a$ x $a$",
  "E'\\''",
  "U&'\\0027'",
  "\\",
  "\\' OR 1=1 --",
  "''",
  "/* x */",
  "＇ OR 1=1 --",
  "ʼ OR 1=1",
  "%_%",
  "$1",
  "$(login)",
  "?",
];

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

type Parts = { readonly head?: string; readonly select?: string; readonly more?: string; readonly schema?: string };

function query({ head = "", select = "@id", more = "", schema = "nms:recipient" }: Parts): Promise<Answer> {
  const document = `<d><queryDef schema="${escaped(schema)}" operation="select" ${head}><select><node expr="${escaped(select)}"/></select>${more}</queryDef></d>`;
  return web.call("ExecuteQuery", document, rest.tokens, "xtk:queryDef");
}

const where = (expr: string): Parts => ({ more: `<where><condition expr="${escaped(expr)}"/></where>` });

/** A refusal of ours, with a code, that says nothing of what is behind it. */
function assertRefused(answer: Answer, what: string): void {
  const { faultstring = "", detail = "" } = faultOf(answer);
  assert.match(faultstring, /^SOP-\d{6} /, `${what}: ${answer.text}`);
  assert.match(detail, /^XTK-\d{6} /, `${what}: ${answer.text}`);
  assert.doesNotMatch(answer.text, /syntax error|SQLSTATE|relation|node_modules|\.ts:\d|nms_recipient"/, what);
}

async function assertNothingChanged(attack: () => Promise<unknown>): Promise<void> {
  const without = ["xtk_session_info", "xtk_audit_trail", "xtk_idempotency_key", "xtk_logon_guard"];
  const snapshot = await snapshotOf(web.context.db, without);
  await attack();
  assert.deepEqual(await snapshotOf(web.context.db, without), snapshot);
}

test("S-9: a text that would end a literal of SQL is a text, in an expression, a parameter and a value", async () => {
  for (const text of hostileTexts) {
    const literal = `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
    const bySoap = await query({ ...where(`@lastName = ${literal}`), select: "@lastName" });
    assert.ok(bySoap.text.includes(`lastName="${escaped(text)}"`), `${text}: ${bySoap.text}`);
    const found = await rest.call("GET", `/recipients?fields=lastName&lastName=${encodeURIComponent(text)}`);
    assert.deepEqual(found.json["items"], [{ lastName: text }], text);
  }
});

test("S-9: what is no expression is a syntax error wherever an expression stands, and never runs", async () => {
  const attacks = [
    "@email = 'x' OR 1=1 --'",
    "1=1); DROP TABLE nms_recipient; --",
    "@id = 1; DELETE FROM nms_recipient",
    "@id = $$x$$",
    "@email = E'\\''",
    "@email = U&'\\0027'",
    "@id = 1 /* x */",
    "@id UNION SELECT 1",
    "(SELECT password_hash FROM xtk_operator)",
    "@email::text",
    '"email" = 1',
    "@email = ＇x＇",
    "@id = 1 \\",
    "t.email = 'x'",
    "current_user",
    "@id IN (SELECT 1)",
  ];
  await assertNothingChanged(async () => {
    for (const attack of attacks) {
      assertRefused(await query(where(attack)), attack);
      assertRefused(await query({ select: attack }), attack);
      for (const parameter of ["filter", "sort", "fields"])
        assert.equal((await rest.call("GET", `/recipients?${parameter}=${encodeURIComponent(attack)}`)).status, 400);
    }
  });
});

test("S-10: functions of PostgreSQL that are not on the list are unknown, and nothing runs", async () => {
  const attacks = [
    "pg_sleep(10)",
    "pg_read_file('/etc/passwd')",
    "pg_ls_dir('.')",
    "lo_import('/etc/passwd')",
    "dblink('x', 'y')",
    "query_to_xml('select 1', true, true, '')",
    "set_config('role', 'x', false)",
    "current_setting('data_directory')",
    "version()",
    "pg_terminate_backend(1)",
    "nextval('xtk_new_id')",
    "'xtk_operator'::regclass",
    "CAST('xtk_operator' AS regclass)",
    "pg_catalog.pg_sleep(10)",
    "PG_SLEEP(10)",
    "xpath('x', 'y')",
    "GetCurrentUser()",
    "DecryptString('x')",
  ];
  const begun = performance.now();
  await assertNothingChanged(async () => {
    for (const attack of attacks)
      for (const parts of [
        { select: attack },
        where(`${attack} = 1`),
        { more: `<orderBy><node expr="${attack}"/></orderBy>` },
      ])
        assertRefused(await query(parts), attack);
  });
  assert.ok(performance.now() - begun < 8_000);
});

test("S-11: names, directions and counts are those of the schema, or nothing", async () => {
  const names = [
    `"`,
    `x" from xtk_operator --`,
    "a.b",
    "a;b",
    "@id; drop table x",
    "../x",
    "[",
    "@",
    "nms_recipient",
    "pg_class",
  ];
  await assertNothingChanged(async () => {
    for (const name of names) {
      assertRefused(await query({ schema: name }), `schema ${name}`);
      assertRefused(await query({ more: `<orderBy><node expr="${escaped(name)}"/></orderBy>` }), `order ${name}`);
      assertRefused(await query({ select: `[${name}/@id]` }), `link ${name}`);
      const grouped = `<where><condition setOperator="EXISTS" expr="${escaped(name)}"/></where>`;
      assertRefused(await query({ more: grouped }), `exists ${name}`);
    }
    for (const number of ["1; drop table x", "1e9", "-1", "x", "0x10", "99999999999999999999"])
      for (const attribute of ["lineCount", "startLine"]) {
        const answer = await query({ head: `${attribute}="${number}"` });
        assertRefused(answer, `${attribute} ${number}`);
      }
  });
});

test("S-11: an alias and a direction are never SQL", async () => {
  for (const alias of [`@a" from xtk_operator --`, "@a;b", `@x', '`, "@__proto__"]) {
    const select = `<d><queryDef schema="nms:recipient" operation="select" lineCount="1"><select><node expr="@id" alias="${escaped(alias)}"/></select></queryDef></d>`;
    const answer = await web.call("ExecuteQuery", select, rest.tokens, "xtk:queryDef");
    if (!answer.text.includes("Response")) assertRefused(answer, alias);
  }
  const descending = await query({ more: `<orderBy><node expr="@id" sortDesc="true; drop table x"/></orderBy>` });
  assert.ok(descending.text.includes("Response") || faultOf(descending)["detail"]?.startsWith("XTK-"));
});

const fieldsOfAnswer = ({ json }: JsonAnswer): string[] =>
  ((json["errors"] ?? []) as { field: string }[]).map(({ field }) => field);

test("S-12: NUL, lone surrogates and texts that are too long are refused by the name of their field; overlong UTF-8 at once", async () => {
  for (const text of ["a\0b", "\u0000", "a\ud800b", "\udfff", "x".repeat(1_000_000)]) {
    const what = JSON.stringify(text).slice(0, 30);
    const answer = await rest.call("POST", "/recipients", { lastName: text });
    assert.equal(answer.status, 400, what);
    assert.ok(fieldsOfAnswer(answer).includes("lastName") || /character/.test(answer.text), `${what}: ${answer.text}`);
  }
  const write = (value: string): Promise<Answer> =>
    web.call("Write", `<d><recipient xtkschema="nms:recipient" lastName="${value}"/></d>`, rest.tokens, "xtk:persist");
  assert.match(faultOf(await write("x".repeat(1_000_000)))["detail"] ?? "", /^XTK-170933 The field 'lastName'/);
  assert.match(faultOf(await write("&#0;"))["faultstring"] ?? "", /^SOP-330100 /);
  for (const bytes of [[0xc0, 0xa7], [0xe0, 0x80, 0xa7], [0xed, 0xa0, 0x80], [0xff]]) {
    const json = Buffer.concat([Buffer.from('{"lastName":"'), Buffer.from(bytes), Buffer.from('"}')]);
    assert.equal((await rest.call("POST", "/recipients", json)).status, 400, String(bytes));
  }
  assert.equal((await rest.call("GET", `/recipients?lastName=${encodeURIComponent("\0")}`)).status, 400);
});

test("S-13: what would take for ever is refused by its size, or ended by the server while others are served", async () => {
  const nested = (depth: number): string =>
    `${'<condition setOperator="EXISTS" expr="rcpGrpRel"><condition setOperator="EXISTS" expr="recipient">'.repeat(depth)}<condition expr="1=1"/>${"</condition></condition>".repeat(depth)}`;
  assertRefused(await query({ more: `<where>${nested(30)}</where>` }), "nested queries");
  assertRefused(await query(where("(".repeat(5_000) + "1=1" + ")".repeat(5_000))), "brackets");
  assertRefused(await query(where(`@id = 1${" OR @id = 2".repeat(20_000)}`)), "conditions");
  assertRefused(await query({ select: `[${"folder/parent/".repeat(100)}@id]` }), "a path around a loop");
  await web.context.db
    .run`insert into nms_recipient (last_name) select repeat('a', 90) || n from generate_series(1, 4000) as n`;
  const slow = `<where><condition setOperator="NOT IN" expr="@id"><subQuery schema="nms:recipient"><select><node expr="@id * [../@id]"/></select><where><condition expr="Md5Digest(@lastName + [../@lastName]) = 'x'"/></where></subQuery></condition></where>`;
  const begun = performance.now();
  const waiting = query({ more: slow });
  for (let call = 0; call < 10; call += 1) assert.match((await web.call("TestCnx", "", rest.tokens)).text, /Response/);
  assert.ok(performance.now() - begun < 1_400, "others are served meanwhile");
  assert.match(faultOf(await waiting)["detail"] ?? "", /^XTK-170906 /);
  assert.ok(performance.now() - begun < 6_000);
});

test("S-15: what the server keeps, computes or decides is not written by anyone, by its field's name", async () => {
  const few = await anOperator(web, "few", ["export"]);
  const write = (attributes: string, tokens: Tokens, schema = "recipient"): Promise<Answer> => {
    const namespace = schema === "recipient" ? "nms" : "xtk";
    const document = `<d><${schema} xtkschema="${namespace}:${schema}" ${attributes}/></d>`;
    return web.call("Write", document, tokens, "xtk:persist");
  };
  await assertNothingChanged(async () => {
    for (const [attributes, code] of [
      [`lastName="a" id="7"`, /XTK-170940/],
      [`lastName="a" created="2001-01-01 00:00:00"`, /XTK-170934 The field 'created'/],
      [`lastName="a" createdBy-id="1"`, /XTK-170934 The field 'createdBy-id'/],
      [`lastName="a" emailKey="1"`, /XTK-1709(31|34)/],
      [`lastName="a" recipient_id="1"`, /XTK-170931/],
    ] as const)
      assert.match(faultOf(await write(attributes, few))["detail"] ?? "", code, attributes);
    for (const [schema, attributes] of [
      ["operator", `name="few" _operation="update" _key="@name" label="x"`],
      ["operatorRight", `operator-id="1002" rightName="admin"`],
      ["operatorGroupRel", `operator-id="1002" group-id="1"`],
      ["groupRight", `group-id="1" rightName="admin"`],
      ["folderRight", `folder-id="0" operator-id="1002" group-id="0" canWrite="1"`],
      ["option", `name="x" stringValue="y"`],
    ] as const)
      assert.match(faultOf(await write(attributes, few, schema))["detail"] ?? "", /XSV-350023/, schema);
  });
});
