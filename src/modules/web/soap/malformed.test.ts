import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import fc from "fast-check";

import { functions } from "#datamodel/expression/functions/index.ts";
import { schemaId } from "#schemas/schema.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { services } from "#schemas/services.ts";
import { inReverse } from "#test/support/endings.ts";
import { type Answer, aWeb, faultOf, type RunningWeb, type Tokens } from "#test/support/web.ts";

/** For a longer search: calls of each kind, and where the search begins. */
const runs = Number(process.env["POSTRIDER_FUZZ_RUNS"] ?? 500);
const seed = Number(process.env["POSTRIDER_FUZZ_SEED"] ?? 17);
const atOnce = 6;

let web: RunningWeb;
let tokens: Tokens;
const ending = inReverse({ after });

before(async () => {
  // What is wrong is told in full: it is here that too much could be told.
  web = await aWeb(ending, {
    settings: `web.securityZones = [{ name = "public", networks = ["*"], allowHTTP = true, showErrors = true }]`,
  });
  tokens = await web.logOn();
});

/** What no client is told: files, stacks, SQL, tables, PostgreSQL's own words, and JavaScript's for what went wrong in it. */
const untold = [
  /node_modules|\.ts:\d|file:\/\/|\/work\/|\n\s+at /,
  /\bselect\b.{0,200}\bfrom\b|\binsert into\b|\bSQLSTATE\b|\brelation "|\bcolumn "|\bsyntax error at\b/i,
  /\b(?:nms|xtk)_[a-z]+|\bpg_[a-z]+/,
  /violates|invalid input syntax|out of range for type|duplicate key value/,
  /\[object |TypeError|RangeError|Cannot read|is not a function|\bundefined\b|\bNaN\b/,
];

function assertTellsNothing(answer: Answer, sent: string): void {
  const what = `${sent.slice(0, 1_500)} -> ${answer.status} ${answer.text.slice(0, 1_500)}`;
  assert.equal(answer.status, 200, what);
  if (!answer.text.includes("<faultcode>")) return;
  const { faultstring = "", detail = "" } = faultOf(answer);
  assert.match(faultstring, /^(SOP|XSV|XTK)-\d{6} /, what);
  for (const pattern of untold) {
    const found = pattern.exec(`${faultstring}\n${detail}`)?.[0];
    assert.ok(found === undefined || sent.includes(found), `${found}: ${what}`);
  }
}

/** Checks a property with several calls under way at once. */
async function search(calls: fc.Arbitrary<string>, send: (call: string) => Promise<Answer>): Promise<void> {
  const sample = fc.sample(calls, { numRuns: runs, seed });
  const work = async (): Promise<void> => {
    for (let call = sample.pop(); call !== undefined; call = sample.pop()) assertTellsNothing(await send(call), call);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  const failures = web.records.filter(({ event }) => /^(web\.soap_failed|job\.failed)$/.test(event));
  assert.deepEqual(
    failures.map(({ fields }) => `${String(fields["reason"])} ${String(fields["stack"])}`),
    [],
  );
}

const values = [
  "1",
  "-1",
  "0",
  "'x'",
  "''",
  "9223372036854775807",
  "1e308",
  "#2020-01-01#",
  "#9999-12-31#",
  "NULL",
  "true",
];
const paths = [
  "@id",
  "@email",
  "@created",
  "@name",
  "[folder/@name]",
  "[folder/parent/@label]",
  "@birthDate",
  "@password",
];
const operators = [" + ", " - ", " * ", " / ", " % ", " = ", " <> ", " > ", " AND ", " OR ", " LIKE ", " IN ", "("];

const { expression } = fc.letrec<{ expression: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(...values, ...paths, "GetDate()", "$(loginId)", "@", "(", "'"),
  expression: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    tie("leaf"),
    fc.tuple(tie("expression"), fc.constantFrom(...operators), tie("expression")).map((parts) => parts.join("")),
    fc
      .tuple(fc.constantFrom(...functions.map(({ name }) => name)), fc.array(tie("expression"), { maxLength: 3 }))
      .map(([name, given]) => `${name}(${given.join(", ")})`),
  ),
}));

const schemas = fc.constantFrom(...builtInSchemas.all().map(schemaId), "cus:none", "");
const words = fc
  .oneof(
    fc.constantFrom(
      ...values,
      "x",
      "a".repeat(3_000),
      "../../etc/passwd",
      "nms:recipient|1",
      "nms:delivery|x",
      "|",
      "{}",
      "[1]",
    ),
    fc.constantFrom(
      "2020-99-99T00:00:00Z",
      "0001-01-01 00:00:00",
      "+99999-01-01T00:00:00Z",
      "insert",
      "@name",
      "@id,@email",
    ),
    fc.string({ unit: "grapheme", maxLength: 20 }),
    expression,
  )
  .map((text) =>
    // eslint-disable-next-line no-control-regex -- XML has no place for them
    text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, "").toWellFormed(),
  );

const escaped = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const names = [
  "id",
  "name",
  "email",
  "label",
  "internalName",
  "folder-id",
  "created",
  "type",
  "state",
  "_operation",
  "_key",
];
const tags = ["recipient", "folder", "delivery", "targets", "activities", "content", "rcpGrpRel", "x", "properties"];

const { row } = fc.letrec<{ row: string }>((tie) => ({
  row: fc
    .record({
      tag: fc.constantFrom(...tags),
      schema: schemas,
      attributes: fc.dictionary(fc.constantFrom(...names), words, { maxKeys: 4 }),
      inner: fc.oneof({ maxDepth: 3, depthSize: "small" }, fc.constant(""), words.map(escaped), tie("row")),
    })
    .map(({ tag, schema, attributes, inner }) => {
      const written = Object.entries(attributes).map(([name, value]) => ` ${name}="${escaped(value)}"`);
      return `<${tag} xtkschema="${schema}"${written.join("")}>${inner}</${tag}>`;
    }),
}));

const condition = fc
  .tuple(expression, fc.constantFrom("", ' boolOperator="OR"', ' setOperator="EXISTS"', ' enabledIf="1=2"'))
  .map(([expr, rest]) => `<condition expr="${escaped(expr)}"${rest}/>`);

const queries = fc
  .record({
    schema: fc.oneof(fc.constantFrom("nms:recipient", "nms:delivery", "xtk:folder"), schemas),
    operation: fc.constantFrom("select", "get", "getIfExists", "count", "x"),
    head: fc.constantFrom('lineCount="5"', 'lineCount="-1"', 'startLine="x"', 'distinct="true"', ""),
    select: expression,
    alias: fc.constantFrom("", ' alias="@x"', ' groupBy="1"', ' analyze="true"'),
    where: fc.array(condition, { maxLength: 2 }),
    order: fc.option(expression),
  })
  .map(({ schema, operation, head, select, alias, where, order }) => {
    const sorted = order === null ? "" : `<orderBy><node expr="${escaped(order)}"/></orderBy>`;
    return `<d><queryDef schema="${schema}" operation="${operation}" ${head}><select><node expr="${escaped(select)}"${alias}/></select><where>${where.join("")}</where>${sorted}</queryDef></d>`;
  });

/** What would end the search itself, or make it wait for another module. */
const leftOut = new Set(["Logon", "Logoff", "Execute", "WaitJobCancelled"]);
const methods = services.flatMap(({ name: service, methods: declared }) =>
  declared.filter(({ name }) => !leftOut.has(name)).map(({ name }) => ({ service, name })),
);

test("whatever query is sent, the answer is rows or what is wrong with the query, and nothing of what is behind it", () =>
  search(queries, (document) => web.call("ExecuteQuery", document, tokens, "xtk:queryDef")));

test("whatever is sent to any method, the answer tells nothing of what is behind it", async () => {
  const parameter = fc.oneof(
    row.map((inner) => `<p>${inner}</p>`),
    words.map((word) => `<p>${escaped(word)}</p>`),
  );
  const calls = fc
    .tuple(fc.constantFrom(...methods), fc.array(parameter, { maxLength: 4 }))
    .map(([{ service, name }, parameters]) => `${service} ${name} ${parameters.join("")}`);
  await search(calls, (call) => {
    const [service = "", name = ""] = call.split(" ", 2);
    return web.call(name, call.slice(service.length + name.length + 2), tokens, service);
  });
});

test("an envelope that is damaged anywhere is a fault that tells nothing", async () => {
  const whole = `<?xml version='1.0'?><e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><ExecuteQuery xmlns="urn:xtk:queryDef"><t>${tokens.session}</t><d><queryDef schema="nms:recipient" operation="count"/></d></ExecuteQuery></e:Body></e:Envelope>`;
  const damages = fc
    .array(
      fc.tuple(
        fc.nat(whole.length),
        fc.nat(6),
        fc.constantFrom("<", ">", "&", '"', "'", "/", "", "x", "]]>", "<!", "&#0;"),
      ),
      {
        minLength: 1,
        maxLength: 4,
      },
    )
    .map((cuts) => cuts.reduce((text, [at, length, put]) => text.slice(0, at) + put + text.slice(at + length), whole));
  await search(damages, (body) => web.soap(body, { "x-security-token": tokens.security }));
});

test("S-4: half a million elements in one row, or 200,000 fields of a schema, are refused soon, and others are served", async () => {
  const many = (element: string, count: number): string => element.repeat(count);
  const children = `<d><recipient xtkschema="nms:recipient">${many("<rcpGrpRel/>", 490_000)}</recipient></d>`;
  const fields = Array.from({ length: 200_000 }, (_, index) => `<attribute name="a${index}"/>`).join("");
  const schema = `<d><srcSchema xtkschema="xtk:srcSchema" namespace="cus" name="big"><element name="big">${fields}</element></srcSchema></d>`;
  for (const document of [children, schema]) {
    const begun = performance.now();
    const written = web.call("Write", document, tokens, "xtk:persist");
    assert.match((await web.call("GetServerTime")).text, /Response/);
    assert.match(faultOf(await written)["detail"] ?? "", /^XTK-170(920|935) /);
    assert.ok(performance.now() - begun < 30_000, "it took too long");
  }
});
