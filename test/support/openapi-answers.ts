/** Checks answers against an OpenAPI description: a small validator for the words of JSON Schema that ours uses. */

export type Schema = { readonly [word: string]: unknown };

export type Description = {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: Readonly<Record<string, Readonly<Record<string, Schema>>>>;
};

export type Operation = {
  readonly operationId: string;
  readonly parameters?: readonly Schema[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
  readonly responses: Readonly<Record<string, Schema>>;
};

/** What a `$ref` leads to, or the thing itself. */
export function resolve(description: Description, schema: Schema): Schema {
  const { $ref } = schema;
  if (typeof $ref !== "string") return schema;
  const [, , kind = "", name = ""] = $ref.split("/");
  const found = description.components[kind]?.[name];
  if (found === undefined) throw new Error(`${$ref} leads nowhere`);
  return resolve(description, found);
}

/**
 * What is wrong with an answer.
 * @param body undefined when there is none
 * @returns undefined when it is as the operation declares it
 */
export function faultOfAnswer(
  description: Description,
  operation: Operation,
  answer: { status: number; type: string | undefined; body: unknown },
): string | undefined {
  const declared = operation.responses[String(answer.status)];
  if (declared === undefined) return `the status ${answer.status} is not declared`;
  const { content } = resolve(description, declared) as { content?: Record<string, { schema: Schema }> };
  if (answer.body === undefined) return undefined;
  const type = (answer.type ?? "").split(";", 1)[0] ?? "";
  const expected = content?.[type];
  if (expected === undefined) return `${type} is not declared for ${answer.status}`;
  return faultOf(description, expected.schema, answer.body, "body");
}

function faultOf(description: Description, given: Schema, value: unknown, at: string): string | undefined {
  const schema = resolve(description, given);
  const below = (part: unknown, item: unknown, place: string): string | undefined =>
    faultOf(description, part as Schema, item, place);
  const { enum: values, anyOf, allOf, type, properties = {}, required = [], items, additionalProperties } = schema;
  if (Array.isArray(values) && !values.includes(value)) return `${at} is none of the enumeration: ${show(value)}`;
  if ("const" in schema && schema["const"] !== value) return `${at} is not ${show(schema["const"])}`;
  if (Array.isArray(anyOf) && anyOf.every((part) => below(part, value, at) !== undefined))
    return `${at} fits none: ${show(value)}`;
  for (const part of Array.isArray(allOf) ? allOf : []) {
    const fault = below(part, value, at);
    if (fault !== undefined) return fault;
  }
  if (
    type !== undefined &&
    ![type].flat().includes(typeOf(value)) &&
    !([type].flat().includes("number") && typeOf(value) === "integer")
  )
    return `${at} is ${typeOf(value)}, not ${show(type)}: ${show(value)}`;
  if (Array.isArray(value) && items !== undefined)
    return first(value, (item, index) => below(items, item, `${at}[${index}]`));
  if (typeOf(value) !== "object") return undefined;
  const object = value as Record<string, unknown>;
  const missing = (required as string[]).find((name) => !(name in object));
  if (missing !== undefined) return `${at} lacks ${missing}`;
  return first(Object.entries(object), ([name, member]) => {
    const known = (properties as Record<string, Schema>)[name] ?? additionalProperties;
    if (known === false) return `${at} has ${name}, which is not declared`;
    return typeof known === "object" && known !== null ? below(known, member, `${at}.${name}`) : undefined;
  });
}

function first<T>(items: readonly T[], find: (item: T, index: number) => string | undefined): string | undefined {
  for (const [index, item] of items.entries()) {
    const fault = find(item, index);
    if (fault !== undefined) return fault;
  }
  return undefined;
}

function typeOf(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 100) ?? "undefined";
}
