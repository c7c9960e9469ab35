/** Random requests for the operations of an OpenAPI description: right ones, nearly right ones and nonsense. */

import fc from "fast-check";

import { type Description, type Operation, resolve, type Schema } from "./openapi-answers.ts";

export type RandomRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
};

type Parameter = { name: string; in: "path" | "query" | "header"; schema: Schema };

/** @param ids what may stand in the place of an id, percent-encoded */
export function requestsOf(
  description: Description,
  path: string,
  method: string,
  operation: Operation,
  ids: readonly string[],
): fc.Arbitrary<RandomRequest> {
  const shared = (description.paths[path]?.["parameters"] ?? []) as unknown as Schema[];
  const parameters = [...shared, ...(operation.parameters ?? [])].map(
    (parameter) => resolve(description, parameter) as unknown as Parameter,
  );
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  const inHeader = parameters.filter((parameter) => parameter.in === "header");
  return fc
    .record({
      id: fc.oneof(
        { weight: 4, arbitrary: fc.constantFrom(...ids) },
        { weight: 1, arbitrary: someText.map(encodeURIComponent) },
      ),
      query: pairs(description, inQuery),
      headers: pairs(description, inHeader),
      body: bodies(description, operation),
    })
    .map(({ id, query, headers, body }) => {
      const search = query.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join("&");
      const [type, text] = body ?? [undefined, undefined];
      const sendable = headers.filter(([, value]) => /^[\x20-\x7e]*$/.test(value));
      return {
        method: method.toUpperCase(),
        path: path.replace("{id}", id === "" ? "%20" : id) + (search === "" ? "" : `?${search}`),
        headers: { ...Object.fromEntries(sendable), ...(type === undefined ? {} : { "content-type": type }) },
        body: text,
      };
    });
}

/** Anything that UTF-8 can hold, with what parsers stumble over. */
const someText = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 30 }).map((text) => text.toWellFormed()),
  fc.constantFrom(
    "",
    "'",
    "%",
    "*",
    "null",
    "-1",
    "1e9",
    "../..",
    "a,b",
    "a=b",
    "\u0000",
    "@id = 1",
    "[folder/@name]",
    "#2024-99-99#",
    "9".repeat(30),
    "x".repeat(2_000),
    "Ünïcödé",
  ),
);

function pairs(description: Description, parameters: readonly Parameter[]): fc.Arbitrary<[string, string][]> {
  const unknown = fc.tuple(fc.constant("x"), someText);
  if (parameters.length === 0)
    return fc.integer({ min: 0, max: 9 }).chain((die) => fc.array(unknown, { maxLength: die === 0 ? 1 : 0 }));
  const one = fc.constantFrom(...parameters).chain(({ name, schema }) => {
    const value = fc.oneof(
      { weight: 3, arbitrary: values(description, schema, 0).map(textOf) },
      { weight: 1, arbitrary: someText },
    );
    return fc.tuple(
      fc.constant(name),
      name === "filter" ? fc.oneof(conditions, value) : name === "equals" ? someText : value,
    );
  });
  return fc.array(one, { maxLength: 3 });
}

const conditions = fc.constantFrom(
  "@id > 1000",
  "@id IN (1, 2) AND NOT (@id = 2)",
  "@label LIKE 'a%' OR @name IS NULL",
  "Lower(@name) = 'x'",
  "@created > DaysAgo(3)",
  "Count(@id) > 1",
  "@id = 'x'",
  "1/0 = 1",
  "@id / (@id - @id) = 1",
  "ToInteger(@name) = 1",
);

function bodies(description: Description, { requestBody }: Operation): fc.Arbitrary<[string, string] | undefined> {
  const schema = requestBody?.content["application/json"]?.schema;
  if (schema === undefined)
    return fc.oneof(
      { weight: 9, arbitrary: fc.constant(undefined) },
      { weight: 1, arbitrary: fc.constant<[string, string]>(["application/json", "{}"]) },
    );
  const good = values(description, schema, 0);
  const nearly = fc
    .tuple(good, someText, fc.jsonValue({ maxDepth: 3 }))
    .map(([value, name, odd]) => spoil(value, name, odd));
  const json = (value: unknown): [string, string] => ["application/json", JSON.stringify(value) ?? "null"];
  return fc.oneof(
    { weight: 5, arbitrary: good.map(json) },
    { weight: 3, arbitrary: nearly.map(json) },
    { weight: 1, arbitrary: fc.jsonValue().map(json) },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom("application/json", "text/plain", "application/x-ndjson", "x"), someText),
    },
  );
}

/** Puts something odd in the place of a member, or beside the others. */
function spoil(value: unknown, name: string, odd: unknown): unknown {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return odd;
  const names = Object.keys(value);
  return { ...value, [names[name.length % (names.length + 1)] ?? name]: odd };
}

/** Values that fit a schema; of an object only some members, so that requests stay small. */
function values(description: Description, given: Schema, depth: number): fc.Arbitrary<unknown> {
  const schema = resolve(description, given);
  const { enum: enumerated, anyOf, allOf, type } = schema;
  if (Array.isArray(enumerated)) return fc.constantFrom(...(enumerated as unknown[]));
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((part) => values(description, part as Schema, depth)));
  if (Array.isArray(allOf))
    return fc
      .tuple(...allOf.map((part) => values(description, part as Schema, depth)))
      .map((parts) => Object.assign({}, ...parts) as unknown);
  const types = [type ?? "any"].flat() as string[];
  return fc.oneof(...types.map((each) => valuesOfType(description, schema, each, depth)));
}

function valuesOfType(description: Description, schema: Schema, type: string, depth: number): fc.Arbitrary<unknown> {
  switch (type) {
    case "null":
      return fc.constant(null);
    case "boolean":
      return fc.boolean();
    case "integer":
      return fc.oneof(
        fc.integer({ min: Math.max(-128, bound(schema["minimum"], -128)), max: 127 }),
        fc.integer({ min: bound(schema["minimum"], -(2 ** 31)), max: bound(schema["maximum"], 2 ** 31) }),
      );
    case "number":
      return fc.double({ noNaN: true, noDefaultInfinity: true });
    case "array":
      return fc.array(values(description, (schema["items"] ?? {}) as Schema, depth + 1), { maxLength: 3 });
    case "object":
      return objects(description, schema, depth);
    case "string":
      return texts(schema);
    default:
      return fc.jsonValue({ maxDepth: 2 });
  }
}

function objects(description: Description, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const properties = Object.entries((schema["properties"] ?? {}) as Record<string, Schema>);
  const required = (schema["required"] ?? []) as string[];
  if (properties.length === 0) {
    const free = fc.oneof(
      fc.constant({}),
      fc.record({ id: fc.integer({ min: 0, max: 2_000 }) }),
      fc.record({ name: someText }),
      fc.dictionary(fc.constantFrom("label", "id", "_operation", "_key"), someText),
    );
    return free.map((value) => ({ ...value, ...Object.fromEntries(required.map((name) => [name, `r${name}`])) }));
  }
  return fc.subarray(properties, { maxLength: Math.min(properties.length, depth === 0 ? 6 : 2) }).chain((some) => {
    const chosen = new Map([...some, ...properties.filter(([name]) => required.includes(name))]);
    return fc.record(
      Object.fromEntries([...chosen].map(([name, part]) => [name, member(description, name, part, depth)])),
    );
  });
}

/** Made-up ids and linked rows are refused, and hide what comes behind them: mostly they lead nowhere on purpose. */
function member(description: Description, name: string, schema: Schema, depth: number): fc.Arbitrary<unknown> {
  const any = values(description, schema, depth + 1);
  const isLink = schema["additionalProperties"] === true;
  if (name !== "id" && !name.endsWith("-id") && !isLink) return any;
  const nothing = fc.constant(isLink || name === "id" ? null : 0);
  return fc.oneof({ weight: 9, arbitrary: nothing }, { weight: 1, arbitrary: any });
}

const byPattern = new Map<string, fc.Arbitrary<string>>();

/** Texts that fit a pattern; to make them ready takes long, so that it is done once for each. */
function matching(pattern: string): fc.Arbitrary<string> {
  const known = byPattern.get(pattern) ?? fc.stringMatching(new RegExp(pattern));
  byPattern.set(pattern, known);
  return known;
}

function texts(schema: Schema): fc.Arbitrary<string> {
  const { format, pattern, contentEncoding, contentMediaType } = schema;
  if (format === "date-time")
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((moment) => moment.toISOString());
  if (format === "date")
    return fc
      .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
      .map((moment) => moment.toISOString().slice(0, 10));
  if (format === "uuid") return fc.uuid();
  if (contentEncoding === "base64") return fc.base64String({ maxLength: 20 });
  if (contentMediaType !== undefined) return fc.constantFrom("<a/>", '<a id="1"><b>x</b></a>', "", "<a>", "no xml");
  if (typeof pattern === "string") return matching(pattern);
  return fc.oneof({ weight: 4, arbitrary: matching("^[a-z]{1,8}$") }, { weight: 1, arbitrary: someText });
}

function bound(value: unknown, otherwise: number): number {
  return typeof value === "number" && Math.abs(value) < Math.abs(otherwise) ? value : otherwise;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
