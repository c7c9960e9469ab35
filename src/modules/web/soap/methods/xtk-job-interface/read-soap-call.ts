/** Reads the call that a job shall make: `<soapCall name="Prepare" service="nms:delivery"><param name type value/>...`. */

import { type ParameterValue, readParameter } from "#protocols/soap/parameter-types.ts";
import { anElement, childOf, childrenOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import type { SoapMethod } from "../../define-method.ts";
import { soapType } from "../../parameter-names.ts";

/** Names that clients give to what is no input of the method: the entity, and whether to begin at once. */
const notInputs = ["this", "bStart"];

/**
 * The inputs of a method, from the parameters of a call in their order.
 * @throws SoapError
 */
export function readCallInputs({ declaration }: SoapMethod, soapCall: XmlElement): ParameterValue[] {
  const given = childrenOf(soapCall).filter(({ name, attributes }) => {
    const called = attributes.get("name") ?? "";
    return name === "param" && (declaration.isStatic || !notInputs.includes(called));
  });
  const taken = declaration.parameters.filter(({ direction }) => direction !== "out");
  return taken.map(({ name, type }, index) => readParameter(soapType(type), name, contentOf(given[index])));
}

/** A value is an attribute, or text, or the one element within. */
function contentOf(param: XmlElement | undefined): XmlElement | undefined {
  if (param === undefined) return undefined;
  const value = param.attributes.get("value");
  if (value !== undefined) return anElement("value", {}, value);
  const wrapped = childOf(param, "value");
  if (wrapped === undefined) return param;
  return wrapped.attributes.size > 0 || textOf(wrapped).trim() !== ""
    ? anElement("value", {}, ...inner(wrapped))
    : wrapped;
}

/** A document that is called `value` is the value itself; a text is its text. */
function inner(wrapped: XmlElement): readonly (XmlElement | string)[] {
  return wrapped.attributes.size > 0 ? [wrapped] : wrapped.content;
}
