/** Writes methods as a schema document declares them. */

import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { Method, MethodParameter } from "#schemas/schema.ts";
import type { Service } from "#schemas/service.ts";

/** `<methods>` of a schema's own service, or `<interface>` of one that others are called by. */
export function describeMethods(element: "methods" | "interface", service: Service): XmlElement {
  const [, name = ""] = service.name.split(":");
  const attributes = element === "interface" ? { name, label: service.label } : {};
  return anElement(element, attributes, ...service.methods.map((method) => describeMethod(name, method)));
}

/** The elements of structures that methods answer with: clients refuse a type that its schema does not declare. */
export function describeStructures({ structures }: Service): XmlElement[] {
  return Object.entries(structures).map(([name, label]) => anElement("element", { name, label }));
}

function describeMethod(
  schemaName: string,
  { name, label, description, isStatic, isConst, access, parameters }: Method,
): XmlElement {
  const params = parameters.map((parameter) => describeParameter(schemaName, parameter));
  return anElement(
    "method",
    {
      name,
      label,
      desc: description,
      static: isStatic ? true : undefined,
      const: isConst,
      access: access === "session" ? undefined : typeof access === "string" ? access : access.right,
    },
    ...(params.length === 0 ? [] : [anElement("parameters", {}, ...params)]),
  );
}

function describeParameter(
  schemaName: string,
  { name, type, structure, direction, description }: MethodParameter,
): XmlElement {
  return anElement("param", {
    name,
    // A structure is named by the schema's own element: sessionUserInfo is element userInfo of xtk:session.
    type: structure === undefined ? type : `${schemaName}${structure.replace(/^./, (first) => first.toUpperCase())}`,
    inout: direction,
    desc: description,
  });
}
