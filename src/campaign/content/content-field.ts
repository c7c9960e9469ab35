/** The fields that content may insert: those of the recipient, of the delivery and of the message. */

import type { Attribute, Schema } from "#schemas/schema.ts";

export type ContentField = {
  readonly source:
    | { readonly object: "recipient"; readonly column: string }
    | { readonly object: "delivery"; readonly name: "id" | "label" | "internalName" }
    | { readonly object: "message"; readonly name: "id" | "mimeMessageId" | "errorAddress" };
  /** The author asks for a URL parameter wherever the value stands: `encodeURIComponent(...)`. */
  readonly isUrlParameter: boolean;
};

const deliveryFields = ["id", "label", "internalName"] as const;
const messageFields = ["id", "mimeMessageId"] as const;

/**
 * Reads what stands behind `<%=`, such as `recipient.firstName`, `recipient.location.city` or `escapeUrl(recipient.email)`.
 * Classic's escaping functions are understood; each value is escaped for its place anyway.
 * @param recipient the schema of recipients, with what operators have added
 */
export function parseContentField(
  expression: string,
  recipient: Schema,
): { readonly field: ContentField } | { readonly problem: string } {
  const call = /^(escapeXMLString|escapeUrl|encodeURIComponent)\s*\(\s*([^()]*?)\s*\)$/.exec(expression);
  const path = call?.[2] ?? expression;
  const isUrlParameter = call !== null && call[1] !== "escapeXMLString";
  // Classic's name of the address that bounces come back to: a word without an object before it.
  if (path === "errorAddress")
    return { field: { source: { object: "message", name: "errorAddress" }, isUrlParameter } };
  const steps = /^[A-Za-z]\w*(?:\.@?[A-Za-z]\w*)+$/.test(path) ? path.replaceAll("@", "").split(".") : undefined;
  if (steps === undefined) {
    return {
      problem: `The expression ${shorten(expression)} is not supported: insert one field, such as <%= recipient.firstName %>.`,
    };
  }
  const [object = "", ...rest] = steps;
  const name = rest.join(".");
  switch (object) {
    case "recipient": {
      const columns = columnsOf(recipient);
      const column = columns.get(name);
      if (column !== undefined) return { field: { source: { object, column }, isUrlParameter } };
      return { problem: `There is no field recipient.${name}. There are: ${[...columns.keys()].join(", ")}.` };
    }
    case "delivery": {
      const found = deliveryFields.find((field) => field === name);
      if (found !== undefined) return { field: { source: { object, name: found }, isUrlParameter } };
      return { problem: `There is no field delivery.${name}. There are: ${deliveryFields.join(", ")}.` };
    }
    case "message": {
      const found = messageFields.find((field) => field === name);
      if (found !== undefined) return { field: { source: { object, name: found }, isUrlParameter } };
      return { problem: `There is no field message.${name}. There are: ${messageFields.join(", ")}.` };
    }
    default:
      return { problem: `${shorten(object)} is not known here. Fields begin with recipient, delivery or message.` };
  }
}

/** True when names behind `recipient` begin with a field's name, or with a part of one: `location` of `location.city`. */
export function hasField(recipient: Schema, names: readonly string[]): boolean {
  const known = [...columnsOf(recipient).keys()];
  const path = names.join(".");
  return known.some((name) => path === name || path.startsWith(`${name}.`) || name.startsWith(`${path}.`));
}

/** Columns of nms_recipient by the name that content knows: `location/city` is `location.city`. */
export function columnsOf(recipient: Schema): ReadonlyMap<string, string> {
  const known = columnsBySchema.get(recipient);
  if (known !== undefined) return known;
  const columns = new Map(
    Object.entries<Attribute>(recipient.attributes)
      .filter(([path, { isInternal, isSecret }]) => /^\w+(\/\w+)*$/.test(path) && !isInternal && !isSecret)
      .map(([path, attribute]) => [path.replaceAll("/", "."), attribute.column]),
  );
  columnsBySchema.set(recipient, columns);
  return columns;
}

const columnsBySchema = new WeakMap<Schema, ReadonlyMap<string, string>>();

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
