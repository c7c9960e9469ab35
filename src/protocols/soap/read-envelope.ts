/** Reads a SOAP 1.1 request in the shapes that clients of Classic send. */

import { SoapError } from "./soap-error.ts";
import { defaultXmlLimits, readXml, type XmlLimits } from "./read-xml.ts";
import { childOf, childrenOf, textOf, type XmlElement } from "./xml-element.ts";

export type Envelope = {
  /** `xtk:session`, or `xtk:persist|nms:delivery`: an interface and the schema of the entity. */
  readonly service: string;
  readonly method: string;
  /** Of the method element's first child; empty when the client has none. */
  readonly sessionToken: string;
  /** Of the SOAP header, or undefined. */
  readonly securityToken: string | undefined;
  /** Positional: their names differ between clients. */
  readonly parameters: readonly XmlElement[];
};

const soapNamespace = "http://schemas.xmlsoap.org/soap/envelope/";
const servicePattern = /^[a-zA-Z][\w-]{0,63}:[a-zA-Z][\w-]{0,63}(\|[a-zA-Z][\w-]{0,63}:[a-zA-Z][\w-]{0,63})?$/;
const knownHeaders = new Set(["Cookie", "X-Security-Token", "X-Session-Token"]);

/**
 * Reads a request.
 * @param soapAction the HTTP header, quoted or not, or undefined; it may name the service where the body does not, and
 *   must not contradict the body, which decides
 * @throws SoapError
 */
export function readEnvelope(
  text: string,
  soapAction: string | undefined,
  limits: XmlLimits = defaultXmlLimits,
): Envelope {
  const root = readXml(text, limits);
  if (root.name !== "Envelope") throw new SoapError("invalid", "its root is not an Envelope");
  if (root.namespace !== soapNamespace)
    throw new SoapError("version", `its envelope is not one of SOAP 1.1 (${soapNamespace})`);
  const parts = childrenOf(root);
  const header = parts.find((part) => part.name === "Header");
  const bodies = parts.filter((part) => part.name === "Body");
  if (bodies.length !== 1 || parts.length !== (header === undefined ? 1 : 2)) {
    throw new SoapError("invalid", "an Envelope holds at most one Header and exactly one Body");
  }
  if (header !== undefined) refuseUnknownDuties(header);

  const methods = bodies.flatMap(childrenOf);
  const [method] = methods;
  if (method === undefined || methods.length !== 1)
    throw new SoapError("invalid", "its Body must hold exactly one method");
  const [token, ...parameters] = childrenOf(method);
  return {
    service: resolveService(method, soapAction),
    method: method.name,
    sessionToken: token === undefined ? "" : textOf(token).trim(),
    securityToken: readSecurityToken(header),
    parameters,
  };
}

function refuseUnknownDuties(header: XmlElement): void {
  const duty = childrenOf(header).find(
    (entry) => /^(1|true)$/.test(entry.attributes.get("mustUnderstand") ?? "") && !knownHeaders.has(entry.name),
  );
  if (duty !== undefined)
    throw new SoapError("duty", `the header '${duty.name}' must be understood, and is not known here`);
}

function readSecurityToken(header: XmlElement | undefined): string | undefined {
  const element = header === undefined ? undefined : childOf(header, "X-Security-Token");
  return element === undefined ? undefined : textOf(element).trim();
}

function resolveService(method: XmlElement, soapAction: string | undefined): string {
  const action = readAction(soapAction);
  if (action !== undefined && action.method !== method.name)
    throw new SoapError("invalid", "its SOAPAction names another method than its Body");
  const urn = /^urn:(.+)$/.exec(method.namespace)?.[1];
  if (method.namespace !== "" && method.namespace !== soapNamespace && urn === undefined) {
    throw new SoapError("invalid", "the namespace of its method is not a service, such as urn:xtk:session");
  }
  const service = urn ?? action?.service ?? "";
  if (!servicePattern.test(service))
    throw new SoapError("invalid", "it does not say which service is called, such as urn:xtk:session");
  if (action !== undefined && !haveCommonPart(service, action.service)) {
    throw new SoapError("invalid", "its SOAPAction names another service than its Body");
  }
  return service;
}

function readAction(soapAction: string | undefined): { service: string; method: string } | undefined {
  const found = /^\s*"?([^"#]+)#([^"#]+)"?\s*$/.exec(soapAction ?? "");
  return found === null ? undefined : { service: found[1] ?? "", method: found[2] ?? "" };
}

/** `xtk:persist` and `xtk:persist|nms:delivery` name the same service; `xtk:session` is another. */
function haveCommonPart(service: string, other: string): boolean {
  const parts = new Set(other.split("|"));
  return service.split("|").some((part) => parts.has(part));
}
