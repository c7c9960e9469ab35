/** Calls a method on the road that SOAP calls it on, with the same rights. */

import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";

import { methodNotYet } from "../../errors.ts";
import { findMethod } from "../../soap/find-method.ts";
import { invokeMethod } from "../../soap/invoke-method.ts";
import { credentialsMissing } from "../errors.ts";
import { readKey } from "../entities/entity-key.ts";
import { findPrimaryKey } from "../entities/read-entity.ts";
import { refuseParameters } from "../entities/refuse-parameters.ts";
import type { JsonObject } from "../json/json.ts";
import { readObjectBody } from "../read-body.ts";
import { refuse, refuseFields } from "../refusal.ts";
import type { OpenCall, RestAnswer, RestCall } from "../rest-call.ts";
import { requireScope } from "../scopes.ts";
import { readInputs, writeOutputs } from "./method-parameters.ts";
import type { RestMethod } from "./rest-methods.ts";

/**
 * Answers 200 with the outputs by name, and 204 when there are none.
 * @param segment names the row that the method is called on
 */
export async function callMethod(
  call: OpenCall | RestCall,
  method: RestMethod,
  segment: string | undefined,
): Promise<RestAnswer> {
  const { declaration, service, resource, schema, target } = method;
  const { context, request } = call;
  const identified = "identity" in call ? call : undefined;
  const requireIdentity = (): RestCall["identity"] => {
    if (identified === undefined) throw refuse(credentialsMissing(), { status: 401 });
    requireScope(identified.identity.scopes, callsAny(method) ? "*" : resource, "methods");
    return identified.identity;
  };
  if (declaration.access !== "anonymous") requireIdentity();
  if (declaration.notYet !== undefined)
    throw methodNotYet({ service, method: declaration.name, reason: declaration.notYet });
  refuseParameters(new URLSearchParams(request.url.split("?", 2)[1] ?? ""), []);
  const { given, document } = await readTarget(method, readObjectBody(call, "mayBeEmpty"), identified, segment ?? "");
  const takesDocument = !declaration.isStatic && schema === undefined;
  const read = readInputs(declaration, given, takesDocument);
  const result = await invokeMethod({
    context,
    client: request.client,
    method: findMethod(service, declaration.name).method,
    target,
    document: document ?? read.document,
    inputs: read.inputs,
    // A method that is open to everyone asks for its caller before it answers more than everyone gets.
    findCaller: async () => requireIdentity().caller,
  });
  const outputs = writeOutputs(declaration, result.outputs);
  const body = result.entity === undefined ? outputs : { ...outputs, document: writeXml(result.entity) };
  return Object.keys(body).length === 0 ? { status: 204 } : { status: 200, body };
}

/** True of what calls any other method: a scope for the methods of one entity is none for it. */
function callsAny({ service, declaration }: RestMethod): boolean {
  return service === "xtk:jobInterface" && declaration.name === "SubmitSoapCall";
}

/** The row that the address names, as the document or as the parameter that the method takes it as. */
async function readTarget(
  { schema, keyParameter }: RestMethod,
  given: JsonObject,
  call: RestCall | undefined,
  segment: string,
): Promise<{ given: JsonObject; document: XmlElement | undefined }> {
  if (schema === undefined || call === undefined) return { given, document: undefined };
  // A row that the caller does not see is not there, whatever the method would say.
  const key = await findPrimaryKey(call.data, schema, readKey(schema, segment));
  if (keyParameter === undefined) {
    const names = schema.keys[0].attributes;
    const attributes = Object.fromEntries(names.map((name, index) => [name, key[index]]));
    return { given, document: anElement(schema.name, attributes) };
  }
  if (given.has(keyParameter)) throw refuseFields([{ field: keyParameter, message: "The address says it already." }]);
  return { given: new Map([...given, [keyParameter, key[0] ?? null]]), document: undefined };
}
