import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { createApiToken } from "#campaign/access/api-tokens/create-api-token.ts";
import { requireOperator } from "#campaign/access/operators/administration.ts";
import { type Admission, type Schema, schemaId } from "#schemas/schema.ts";
import { builtInSchemas } from "#schemas/schema-set.ts";
import { services } from "#schemas/services.ts";
import { inReverse } from "#test/support/endings.ts";
import { anOperator } from "#test/support/operators.ts";
import { aRest, type Rest } from "#test/support/rest.ts";
import { snapshotOf } from "#test/support/snapshot-store.ts";
import type { Answer, RunningWeb, Tokens } from "#test/support/web.ts";

/** Outside of zones that trust, but told why something is refused: what must look the same must look so in every word. */
const asPublic = `web.securityZones = [{ name = "public", networks = ["*"], allowHTTP = true, showErrors = true }]`;

/** What the poor operator holds; it is needed for nothing that is asked here but to write exports. */
const onlyRight = "export";

/** What changes because someone calls, or by the tests' own doing. */
const ofCalls = ["xtk_session_info", "xtk_audit_trail", "xtk_idempotency_key", "xtk_api_token", "xtk_logon_guard"];

const absent = "nms:nothingOfTheKind";

let rest: Rest;
let web: RunningWeb;
let few: Tokens;
let snapshot: Readonly<Record<string, string>>;
const ending = inReverse({ after });

before(async () => {
  rest = await aRest(ending, { settings: asPublic });
  web = rest.web;
  few = await anOperator(web, "few", [onlyRight]);
  snapshot = await snapshotOf(web.context.db, ofCalls);
});

function admits(schema: Schema, purpose: "read" | "write"): boolean {
  const may = (admission: Admission = "session"): boolean =>
    admission === "session" || (typeof admission === "object" && admission.right === onlyRight);
  const isReadable = schema.isHidden !== true && may(schema.access?.read);
  return isReadable && (purpose === "read" || may(schema.access?.write));
}

const all = builtInSchemas.all();
const unreadable = all.filter((schema) => !admits(schema, "read"));
const unwritable = all.filter((schema) => admits(schema, "read") && !admits(schema, "write"));
const writable = all.filter((schema) => admits(schema, "write"));

async function assertUnchanged(): Promise<void> {
  assert.deepEqual(await snapshotOf(web.context.db, ofCalls), snapshot);
}

type Road = { readonly service: string; readonly method: string; body(id: string): string };

const element = (id: string): string => id.replace(/^.*:/, "");
const query = (id: string, operation: string): string =>
  `<d><queryDef schema="${id}" operation="${operation}" lineCount="5"><select><node expr="@id"/></select></queryDef></d>`;

/** Every way by which a schema is named in SOAP to read what is in it, or what it is. */
const reading: Readonly<Record<string, Road>> = {
  ...Object.fromEntries(
    ["select", "get", "getIfExists", "count"].map((operation) => [
      operation,
      { service: "xtk:queryDef", method: "ExecuteQuery", body: (id: string) => query(id, operation) },
    ]),
  ),
  "the SQL": { service: "xtk:queryDef", method: "BuildQuery", body: (id) => query(id, "select") },
  "the SQL and its types": { service: "xtk:queryDef", method: "BuildQueryEx", body: (id) => query(id, "select") },
  "all fields": { service: "xtk:queryDef", method: "SelectAll", body: (id) => `${query(id, "select")}<b>false</b>` },
  "its document": {
    service: "xtk:persist",
    method: "GetEntityIfMoreRecent",
    body: (id) => `<pk>xtk:schema|${id}</pk><md5/><b>true</b>`,
  },
  "its source": {
    service: "xtk:persist",
    method: "GetEntityIfMoreRecent",
    body: (id) => `<pk>xtk:srcSchema|${id}</pk><md5/><b>true</b>`,
  },
  "a document in it": {
    service: "xtk:persist",
    method: "GetEntityIfMoreRecent",
    body: (id) => `<pk>${id}|xtk:x</pk><md5/><b>true</b>`,
  },
  "a draft": { service: "xtk:persist", method: "NewInstance", body: (id) => `<d><x xtkschema="${id}"/></d>` },
  "a copy": {
    service: "xtk:persist",
    method: "Duplicate",
    body: (id) => `<d><x xtkschema="${id}"/></d><pk>${id}|1</pk>`,
  },
  "a sub-query": {
    service: "xtk:queryDef",
    method: "ExecuteQuery",
    body: (id) =>
      `<d><queryDef schema="nms:recipient" operation="count"><where><condition expr="@id" setOperator="IN"><subQuery schema="${id}"><select><node expr="@id"/></select></subQuery></condition></where></queryDef></d>`,
  },
};

/** Every way by which rows are changed. */
const writing: Readonly<Record<string, Road>> = {
  ...Object.fromEntries(
    ["insert", "update", "insertOrUpdate", "delete"].map((operation) => [
      operation,
      {
        service: "xtk:persist",
        method: "Write",
        body: (id: string) =>
          `<d><${element(id)} xtkschema="${id}" _operation="${operation}" id="1" name="x" internalName="x"/></d>`,
      },
    ]),
  ),
  "an empty row": {
    service: "xtk:persist",
    method: "Write",
    body: (id) => `<d><${element(id)} xtkschema="${id}"/></d>`,
  },
  "a collection": {
    service: "xtk:persist",
    method: "WriteCollection",
    body: (id) => `<d><c xtkschema="${id}"><x id="1"/><x name="x"/></c></d>`,
  },
  "a deletion": {
    service: "xtk:persist",
    method: "Delete",
    body: (id) => `<d><${element(id)} xtkschema="${id}" id="1"/></d>`,
  },
  "deletions by a condition": {
    service: "xtk:session",
    method: "DeleteCollection",
    body: (id) => `<schema>${id}</schema><w><where><condition expr="1 = 1"/></where></w><b>true</b>`,
  },
};

async function ask(road: Road, id: string, tokens = few): Promise<string> {
  const answer = await web.call(road.method, road.body(id), tokens, road.service);
  assert.equal(answer.status, 200);
  return answer.text;
}

/** The answer as it would be for any other schema. */
const nameless = (text: string, id: string): string => text.replaceAll(id, "?").replaceAll(`<${element(id)}`, "<?");

test("S-14: a schema that an operator may not read answers on every road of SOAP as one that does not exist", async () => {
  assert.ok(unreadable.length > 10);
  for (const [name, road] of Object.entries({ ...reading, ...writing })) {
    const nothing = nameless(await ask(road, absent), absent);
    assert.doesNotMatch(nothing, /Response/, name);
    for (const schema of unreadable) {
      const id = schemaId(schema);
      assert.equal(nameless(await ask(road, id), id), nothing, `${name} of ${id}`);
    }
  }
  await assertUnchanged();
});

test("S-15: what an operator may only read, he changes by no method that writes", async () => {
  assert.ok(unwritable.length > 30);
  for (const schema of unwritable)
    for (const [name, road] of Object.entries(writing)) {
      const answer = await ask(road, schemaId(schema));
      assert.match(answer, /XSV-350023 /, `${name} of ${schemaId(schema)}: ${answer}`);
      assert.doesNotMatch(answer, /Response/);
    }
  await assertUnchanged();
});

const guarded = services.flatMap(({ name: service, methods }) =>
  methods.flatMap((method) =>
    method.access === "session" || method.access === "anonymous" ? [] : [{ service, name: method.name }],
  ),
);

test("S-16: a method that needs a right is refused to who lacks it, by a call, as a job and by REST", async () => {
  assert.ok(guarded.length > 50);
  const document = `<d><x xtkschema="nms:delivery" id="1"/></d>`;
  for (const { service, name } of guarded) {
    const what = `${service}#${name}`;
    assert.match((await web.call(name, document, few, service)).text, /SOP-330110 .* needs the right '/, what);
    const jobs = `xtk:jobInterface|${service}`;
    const soapCall = `${document}<soapCall><soapCall name="${name}" service="${service}"/></soapCall>`;
    for (const answer of [
      await web.call("SubmitSoapCall", soapCall, few, jobs),
      await web.call("Submit", `${document}<methodName>${name}</methodName>`, few, jobs),
      await web.call("Execute", `${document}<methodName>${name}</methodName>`, few, jobs),
    ]) {
      assert.match(answer.text, /<faultcode>/, what);
      assert.doesNotMatch(answer.text, /Response/, what);
    }
  }
  await assertUnchanged();
});

type Operations = Record<string, Record<string, { readonly description?: string }>>;

/** Every method by REST, with the service and the method that it is in SOAP. */
async function restMethods(): Promise<{ path: string; service: string; name: string }[]> {
  const { paths } = (await rest.call("GET", "/openapi.json")).json as { paths: Operations };
  return Object.entries(paths).flatMap(([path, { post }]) => {
    const [, service = "", name = ""] = /In SOAP: (\S+)#(\w+)\./.exec(post?.description ?? "") ?? [];
    return service === "" ? [] : [{ path: path.replace("/api/v1", "").replace("{id}", "1"), service, name }];
  });
}

const headersOf = ({ session, security }: Tokens): Record<string, string> => ({
  "x-session-token": session,
  "x-security-token": security,
});

test("I10: a method that SOAP refuses to an operator is refused to him by REST", async () => {
  const refused = (await restMethods()).filter(({ service, name }) =>
    guarded.some((method) => method.service === service && method.name === name),
  );
  assert.ok(refused.length >= guarded.length, `${refused.length} of ${guarded.length}`);
  for (const { path } of refused) {
    const answer = await rest.call("POST", path, {}, headersOf(few));
    // What is not available to anyone is said before who asks is looked at.
    const isMissing = answer.status === 422 && answer.json["code"] === "SOP-330005";
    assert.ok(isMissing || [403, 404].includes(answer.status), `${path}: ${answer.status} ${answer.text}`);
  }
  await assertUnchanged();
});

/** How REST calls a schema. */
async function restNames(): Promise<ReadonlyMap<string, string>> {
  const { entities } = (await rest.call("GET", "")).json as { entities: { name: string; schema: string }[] };
  return new Map(entities.map(({ name, schema }) => [schema, name]));
}

const requests: readonly (readonly [method: string, path: string, body?: unknown])[] = [
  ["GET", ""],
  ["GET", "?count=true"],
  ["GET", "/1"],
  ["POST", "", { name: "x" }],
  ["PATCH", "/1", { label: "x" }],
  ["DELETE", "/1"],
  ["POST", "/bulk", [{ name: "x" }]],
];

test("I10: a schema that an operator may not read is by REST, too, as one that does not exist", async () => {
  const names = await restNames();
  const told = (answer: Answer): object => ({ ...(JSON.parse(answer.text) as object), requestId: "" });
  for (const schema of unreadable)
    for (const [method, path, body] of requests) {
      const name = names.get(schemaId(schema)) ?? schemaId(schema);
      const answer = await rest.call(method, `/${name}${path}`, body, headersOf(few));
      const nothing = await rest.call(method, `/nothing-of-the-kind${path}`, body, headersOf(few));
      assert.equal(answer.status, 404, `${method} ${name}${path}`);
      assert.deepEqual(told(answer), told(nothing), `${method} ${name}${path}`);
    }
  await assertUnchanged();
});

test("I10: what an operator may only read he does not change by REST, whether the row is there or not", async () => {
  const names = await restNames();
  for (const schema of unwritable)
    for (const [method, path, body] of requests.filter(([name]) => name !== "GET")) {
      const address = `/${names.get(schemaId(schema)) ?? "?"}${path}`;
      const answer = await rest.call(method, address, body, headersOf(few));
      assert.ok([403, 404].includes(answer.status), `${method} ${address}: ${answer.status} ${answer.text}`);
    }
  await assertUnchanged();
});

/** Links of schemas to others. */
function linksFrom(schemas: readonly Schema[], to: readonly Schema[]): { id: string; link: string; target: Schema }[] {
  return schemas.flatMap((schema) =>
    Object.entries(schema.links ?? {}).flatMap(([link, { target: id }]) => {
      const target = to.find((one) => schemaId(one) === id);
      return target === undefined ? [] : [{ id: schemaId(schema), link, target }];
    }),
  );
}

const readable = all.filter((schema) => admits(schema, "read"));

/** Every place of a query where a link can stand. */
const placesOfLinks: Readonly<Record<string, (id: string, link: string) => string>> = {
  select: (id, link) => aQuery(id, `<select><node expr="[${link}/@id]"/></select>`),
  "the link itself": (id, link) => aQuery(id, `<select><node expr="${link}"/></select>`),
  "a nested select": (id, link) => aQuery(id, `<select><node expr="${link}"><node expr="@id"/></node></select>`),
  "its text": (id, link) => aQuery(id, `<select><node expr="[${link}/@_cs]"/></select>`),
  where: (id, link) => aQuery(id, `<where><condition expr="[${link}/@id] = 1"/></where>`),
  "is null": (id, link) => aQuery(id, `<where><condition expr="[${link}/@id] IS NULL"/></where>`),
  exists: (id, link) => aQuery(id, `<where><condition expr="${link}" setOperator="EXISTS"/></where>`),
  "not exists": (id, link) => aQuery(id, `<where><condition expr="${link}" setOperator="NOT EXISTS"/></where>`),
  "order by": (id, link) => aQuery(id, `<orderBy><node expr="[${link}/@id]"/></orderBy>`),
  "group by": (id, link) =>
    aQuery(id, `<select><node expr="[${link}/@id]" groupBy="1"/><node expr="Count(1)" alias="@c"/></select>`),
  aggregate: (id, link) => aQuery(id, `<select><node expr="Max([${link}/@id])" alias="@m"/></select>`),
  having: (id, link) =>
    aQuery(
      id,
      `<select><node expr="Count(1)" alias="@c"/></select><having><condition expr="Count([${link}/@id]) &gt; 0"/></having>`,
    ),
};

function aQuery(id: string, parts: string): string {
  const select = parts.startsWith("<select>") ? "" : `<select><node expr="@created"/></select>`;
  return `<d><queryDef schema="${id}" operation="select" lineCount="1">${select}${parts}</queryDef></d>`;
}

test("S-14: a link to a schema that an operator may not read is in no place of a query but as one that does not exist", async () => {
  const links = linksFrom(readable, unreadable);
  assert.ok(links.length > 0);
  for (const { id, link } of links)
    for (const [place, queryOf] of Object.entries(placesOfLinks)) {
      const told = async (name: string): Promise<string> => {
        const { text } = await web.call("ExecuteQuery", queryOf(id, name), few, "xtk:queryDef");
        return text.replaceAll(name, "?");
      };
      assert.equal(await told(link), await told("noSuchLink"), `${place} of ${id}#${link}`);
    }
});

const keyNames = ({ keys }: Schema): readonly string[] => keys[0].attributes;

test("S-15: nothing is written through a link to what an operator may not write", async () => {
  const links = linksFrom(writable, [...unwritable, ...unreadable]);
  assert.ok(links.length > 10);
  for (const { id, link, target } of links)
    for (const operation of ["insert", "insertOrUpdate", "update", "delete"]) {
      const values = [
        ...keyNames(target),
        ...["name", "internalName", "label"].filter((name) => name in target.attributes),
      ];
      const key = keyNames(target).map((name) => `@${name}`);
      const row = `<${link} _operation="${operation}" _key="${key.join(",")}" ${[...new Set(values)].map((name) => `${name}="1"`).join(" ")}/>`;
      const document = `<d><${element(id)} xtkschema="${id}" _operation="insertOrUpdate" _key="@id" id="1">${row}</${element(id)}></d>`;
      const { text } = await web.call("Write", document, few, "xtk:persist");
      assert.match(text, /XSV-350023|XTK-17093[248]/, `${operation} by ${id}#${link}: ${text}`);
    }
  await assertUnchanged();
});

/** What a token without any scope is answered, as whoever has none is, and what it is itself. */
const openToTokens = [
  "get /api/v1",
  "get /api/v1/openapi.json",
  "get /api/v1/session",
  "post /api/v1/persist/get-entity-if-more-recent",
  "post /api/v1/session/bearer-token-logon",
  "post /api/v1/session/get-server-time",
];

type Headers = Readonly<Record<string, string | undefined>>;

async function aToken(scopes: readonly string[]): Promise<Headers> {
  const operator = await requireOperator(web.context.db, "admin");
  const { text } = await createApiToken(web.context, { operator, label: "", scopes });
  return { "x-session-token": undefined, "x-security-token": undefined, authorization: `Bearer ${text}` };
}

test("S-16: a token without scopes does nothing and sees nothing, though it is an administrator's", async () => {
  const { paths } = (await rest.call("GET", "/openapi.json")).json as { paths: Operations };
  const answered = new Set<string>();
  for (const headers of [await aToken([]), await aToken(["nothing-of-the-kind"])])
    for (const [path, item] of Object.entries(paths))
      for (const method of Object.keys(item).filter((name) => name !== "parameters")) {
        const body = method === "get" || method === "delete" ? undefined : bodyOf(path);
        const address = path.replace("/api/v1", "").replace("{id}", "1");
        const answer = await rest.call(method.toUpperCase(), address, body, headers);
        if (![403, 404].includes(answer.status)) answered.add(`${method} ${path}`);
      }
  assert.deepEqual([...answered].toSorted(), openToTokens);
  assert.deepEqual((await rest.call("GET", "", undefined, await aToken([]))).json["entities"], []);
  await assertUnchanged();
});

function bodyOf(path: string): unknown {
  if (path.endsWith("/bulk")) return [{}];
  return path.endsWith("-if-more-recent") ? { pk: "xtk:schema|xtk:session" } : {};
}

test("S-16: a token for one entity reaches no other by the methods of that one", async () => {
  const headers = await aToken(["deliveries", "jobs", "persist:read"]);
  const call = `<soapCall service="xtk:persist" name="Write"><param name="doc"><value><option xtkschema="xtk:option" name="s16"/></value></param></soapCall>`;
  for (const [path, body] of [
    ["/deliveries/1/submit-soap-call", { soapCall: call }],
    ["/persist/get-entity-if-more-recent", { pk: "xtk:javascript|cus:a.js" }],
    ["/persist/get-entity-if-more-recent", { pk: "xtk:schema|nms:recipient" }],
    ["/persist/write", { doc: `<option xtkschema="xtk:option" name="s16"/>` }],
    ["/query-def/execute-query", { document: `<queryDef schema="nms:recipient" operation="count"/>` }],
    ["/session/delete-collection", { schema: "nms:recipient" }],
  ] as const) {
    const answer = await rest.call("POST", path, body, headers);
    assert.equal(answer.status, 403, `${path} ${answer.status} ${answer.text}`);
  }
  const soap = await web.soap(envelopeOf("TestCnx"), { authorization: String(headers["authorization"]) });
  assert.match(soap.text, /<faultcode>/);
});

const envelopeOf = (method: string): string =>
  `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><${method} xmlns="urn:xtk:session"><t/></${method}></e:Body></e:Envelope>`;
