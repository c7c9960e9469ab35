/**
 * Writes the methods of a schema as WSDL 1.1, document/literal: `{Method}In` and `{Method}Out`, the session's token first,
 * then for a method that is called on an entity its document.
 * @source https://www.w3.org/TR/2001/NOTE-wsdl-20010315
 */

import type { ParameterType } from "#protocols/soap/parameter-types.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { Method, MethodParameter } from "#schemas/schema.ts";

import { outputName, soapType } from "../parameter-names.ts";

/** Of XML Schema; a DOM parameter holds any one element. */
const schemaTypes: { readonly [T in Exclude<ParameterType, "DOMElement" | "DOMDocument">]: string } = {
  string: "string",
  memo: "string",
  primarykey: "string",
  boolean: "boolean",
  byte: "byte",
  short: "short",
  long: "int",
  int64: "long",
  float: "float",
  double: "double",
  datetime: "dateTime",
  date: "date",
};

export type WsdlSource = {
  /** `xtk:session`. */
  readonly service: string;
  readonly methods: readonly Method[];
  /** Where requests are sent. */
  readonly url: string;
};

/** Writes the whole document. */
export function writeWsdl({ service, methods, url }: WsdlSource): string {
  const name = service.replace(":", "").replace(/^./, (first) => first.toLowerCase());
  const port = `${service.replace(":", "")}MethodsSoap`;
  const target = `urn:${service}`;
  const definitions = anElement(
    "definitions",
    {
      name,
      targetNamespace: target,
      xmlns: "http://schemas.xmlsoap.org/wsdl/",
      "xmlns:s": "http://www.w3.org/2001/XMLSchema",
      "xmlns:soap": "http://schemas.xmlsoap.org/wsdl/soap/",
      "xmlns:tns": target,
    },
    anElement("types", {}, writeTypes(target, methods)),
    ...methods.flatMap(writeMessages),
    anElement("portType", { name: port }, ...methods.map(writeOperation)),
    anElement(
      "binding",
      { name: port, type: `tns:${port}` },
      anElement("soap:binding", { style: "document", transport: "http://schemas.xmlsoap.org/soap/http" }),
      ...methods.map((method) => writeBinding(service, method)),
    ),
    anElement(
      "service",
      { name },
      anElement("port", { name: port, binding: `tns:${port}` }, anElement("soap:address", { location: url })),
    ),
  );
  return `<?xml version='1.0' encoding='UTF-8'?>\n${writeXml(definitions)}\n`;
}

function writeTypes(target: string, methods: readonly Method[]): XmlElement {
  return anElement(
    "s:schema",
    { elementFormDefault: "qualified", targetNamespace: target },
    ...methods.flatMap((method) => [writeRequest(method), writeResponse(method)]),
  );
}

function writeRequest({ name, isStatic, parameters }: Method): XmlElement {
  const taken = parameters.filter(({ direction }) => direction !== "out");
  return aSequence(name, [
    anElement("s:element", { name: "sessiontoken", type: "s:string" }),
    ...(isStatic ? [] : [anyWithin("document", 1)]),
    ...taken.map((parameter) => writeParameterType(parameter, parameter.name)),
  ]);
}

function writeResponse({ name, isStatic, isConst, parameters }: Method): XmlElement {
  const given = parameters.filter(({ direction }) => direction !== "in");
  return aSequence(`${name}Response`, [
    ...(isStatic || isConst === true ? [] : [anyWithin("entity", 0)]),
    ...given.map((parameter) => writeParameterType(parameter, outputName(parameter))),
  ]);
}

function writeParameterType({ type }: MethodParameter, name: string): XmlElement {
  const travelling = soapType(type);
  return travelling === "DOMDocument" || travelling === "DOMElement"
    ? anyWithin(name, 1)
    : anElement("s:element", { name, type: `s:${schemaTypes[travelling]}` });
}

function anyWithin(name: string, minOccurs: number): XmlElement {
  const any = anElement("s:any", { processContents: "lax", minOccurs: 0 });
  return anElement(
    "s:element",
    { name, minOccurs },
    anElement("s:complexType", { mixed: true }, anElement("s:sequence", {}, any)),
  );
}

function aSequence(name: string, elements: readonly XmlElement[]): XmlElement {
  return anElement("s:element", { name }, anElement("s:complexType", {}, anElement("s:sequence", {}, ...elements)));
}

function writeMessages({ name }: Method): XmlElement[] {
  return [
    anElement("message", { name: `${name}In` }, anElement("part", { name: "parameters", element: `tns:${name}` })),
    anElement(
      "message",
      { name: `${name}Out` },
      anElement("part", { name: "parameters", element: `tns:${name}Response` }),
    ),
  ];
}

function writeOperation({ name, label }: Method): XmlElement {
  return anElement(
    "operation",
    { name },
    anElement("documentation", {}, label),
    anElement("input", { message: `tns:${name}In` }),
    anElement("output", { message: `tns:${name}Out` }),
  );
}

function writeBinding(service: string, { name }: Method): XmlElement {
  const body = anElement("soap:body", { use: "literal" });
  return anElement(
    "operation",
    { name },
    anElement("soap:operation", { soapAction: `${service}#${name}`, style: "document" }),
    anElement("input", {}, body),
    anElement("output", {}, body),
  );
}
