/** How declared parameters are called and typed on the wire. */

import type { ParameterType } from "#protocols/soap/parameter-types.ts";
import type { MethodParameter } from "#schemas/schema.ts";

/** The declared type as it travels: some have no form of their own in SOAP. */
export function soapType(type: MethodParameter["type"]): ParameterType {
  if (type === "timespan") return "int64";
  return type === "blob" || type === "json" || type === "time" || type === "uuid" || type === "xml" ? "string" : type;
}

const prefixes: { readonly [T in ParameterType]?: string } = {
  string: "str",
  memo: "str",
  byte: "bt",
  long: "l",
  int64: "l",
  boolean: "b",
  datetime: "tm",
  DOMDocument: "dom",
  DOMElement: "dom",
};

/** The names that clients of Classic see: `pstrSessionToken`, `pSessionInfo`, `pdomDoc`. */
export function outputName({ name, type, structure }: MethodParameter): string {
  const prefix = structure === undefined ? (prefixes[soapType(type)] ?? "") : "";
  return `p${prefix}${name.replace(/^./, (first) => first.toUpperCase())}`;
}
