/** Writes a service as the compiled schema document that clients read its methods from. */

import { createHash } from "node:crypto";

import { writeXml } from "#protocols/soap/write-xml.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { Method } from "#schemas/schema.ts";
import type { Service } from "#schemas/service.ts";

/** The document, with the md5 that tells a client whether its copy is still good. */
export function describeService(service: Service): XmlElement {
  const [namespace = "", name = ""] = service.name.split(":");
  const content = [
    ...Object.entries(service.structures).map(([structure, label]) => anElement("element", { name: structure, label })),
    anElement("element", { name, label: service.label }),
    anElement("methods", {}, ...service.methods.map(describeMethod)),
  ];
  const attributes = {
    namespace,
    name,
    label: service.label,
    labelSingular: service.label,
    library: `${service.name}.js`,
    xtkschema: "xtk:schema",
  };
  const md5 = createHash("md5")
    .update(writeXml(anElement("schema", attributes, ...content)))
    .digest("hex")
    .toUpperCase();
  return anElement("schema", { ...attributes, md5 }, ...content);
}

function describeMethod({ name, label, isStatic, access, parameters }: Method): XmlElement {
  const params = parameters.map((parameter) =>
    anElement("param", {
      name: parameter.name,
      // A structure is named by the service's own element: sessionUserInfo is element userInfo of xtk:session.
      type:
        parameter.structure === undefined
          ? parameter.type
          : `session${parameter.structure.replace(/^./, (first) => first.toUpperCase())}`,
      inout: parameter.direction,
      desc: parameter.description,
    }),
  );
  const attributes = { name, label, static: isStatic ? true : undefined, access: accessWord(access) };
  return anElement("method", attributes, ...(params.length === 0 ? [] : [anElement("parameters", {}, ...params)]));
}

function accessWord(access: Method["access"]): string | undefined {
  if (access === "session") return undefined;
  return typeof access === "string" ? access : access.right;
}
