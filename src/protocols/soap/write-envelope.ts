/**
 * Writes answers and faults as the public SDK of Classic reads them: it finds nodes by their literal qualified names
 * (`SOAP-ENV:Body`, an unprefixed `{Method}Response`, `xsi:type`), in declared order, and expects single quotes in some places.
 */

import {
  isDocumentType,
  type ParameterType,
  type ParameterValue,
  type ValueOf,
  writeParameter,
} from "./parameter-types.ts";
import { escapeText, writeXml } from "./write-xml.ts";

export type Output = { readonly name: string; readonly type: ParameterType; readonly value: ParameterValue };

export type FaultCode = "VersionMismatch" | "MustUnderstand" | "Client" | "Server";
export type Fault = {
  readonly code: FaultCode;
  /** Begins with the error's code: clients take it from here. */
  readonly text: string;
  /** The chain of errors, innermost first. */
  readonly detail: readonly string[];
};

const open =
  "<?xml version='1.0'?>\n<SOAP-ENV:Envelope xmlns:xsd='http://www.w3.org/2001/XMLSchema' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'" +
  " xmlns:ns='http://xml.apache.org/xml-soap' xmlns:SOAP-ENV='http://schemas.xmlsoap.org/soap/envelope/'><SOAP-ENV:Body>";
const close = "</SOAP-ENV:Body></SOAP-ENV:Envelope>\n";

/**
 * Writes an answer.
 * @param service as the client named it, such as `xtk:persist|nms:delivery`
 */
export function writeAnswer(service: string, method: string, outputs: readonly Output[]): string {
  const body = outputs.map(writeOutput).join("");
  return `${open}<${method}Response xmlns='urn:${escapeText(service)}' SOAP-ENV:encodingStyle='http://schemas.xmlsoap.org/soap/encoding/'>${body}</${method}Response>${close}`;
}

/** Writes a fault; it goes out with HTTP status 200, where clients read its code. */
export function writeFault(fault: Fault): string {
  return (
    `${open}<SOAP-ENV:Fault><faultcode>SOAP-ENV:${fault.code}</faultcode><faultstring>${escapeText(fault.text)}</faultstring>` +
    `<detail>${escapeText(fault.detail.join("\n"))}</detail></SOAP-ENV:Fault>${close}`
  );
}

function writeOutput({ name, type, value }: Output): string {
  // An output pairs a type with a value of that type; the declaration of its method has checked it.
  const { xsiType, content } = writeParameter(type, value as ValueOf<typeof type>);
  const encoding = isDocumentType(type) ? " SOAP-ENV:encodingStyle='http://xml.apache.org/xml-soap/literalxml'" : "";
  return `<${name} xsi:type='${xsiType}'${encoding}>${typeof content === "string" ? escapeText(content) : writeXml(content)}</${name}>`;
}
