/** Writes what a call has answered as one text, to be asked for when the job has ended. */

import { writeParameter } from "#protocols/soap/parameter-types.ts";
import { writeXml } from "#protocols/soap/write-xml.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";

import type { SoapMethod, SoapResult } from "../../define-method.ts";
import { soapType } from "../../parameter-names.ts";

/** One output alone is its text, or its element as XML; several are elements of a `<response>`. */
export function writeResponse({ declaration }: SoapMethod, { entity, outputs }: SoapResult): string {
  const given = declaration.parameters.filter(({ direction }) => direction !== "in");
  const named = given.map(({ name, type }, index) => ({
    name,
    content: writeParameter(soapType(type), outputs[index] ?? "").content,
  }));
  const all = entity === undefined ? named : [{ name: "entity", content: entity }, ...named];
  const [only] = all;
  if (only === undefined) return "";
  if (all.length === 1) return textOf(only.content);
  return writeXml(anElement("response", {}, ...all.map(({ name, content }) => anElement(name, {}, content))));
}

function textOf(content: XmlElement | string): string {
  return typeof content === "string" ? content : writeXml(content);
}
