/** The variables of a workflow: `<variables a="1"/>`. */

import type { VariableValue, Variables } from "#campaign/workflow/workflow.ts";
import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";

import type { DocumentForm } from "./documents.ts";
import { documentRefused } from "./errors.ts";

const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]{0,99}$/;
const mostVariables = 200;
const longestText = 100_000;

export const variablesDocument: DocumentForm = {
  toXml: (name, value) =>
    anElement(
      name,
      Object.fromEntries(
        Object.entries(isObject(value) ? value : {}).flatMap(([key, item]) =>
          namePattern.test(key) && isPlain(item) ? [[key, item ?? ""]] : [],
        ),
      ),
    ),
  fromXml: readVariables,
};

/**
 * The variables that an element carries as attributes; all of them are texts.
 * @param element undefined = none
 * @throws documentRefused
 */
export function readVariables(element: XmlElement | undefined): Variables {
  const entries = [...(element?.attributes ?? [])].filter(([name]) => name !== "xtkschema");
  if (entries.length > mostVariables)
    throw documentRefused({ what: "The variables", reason: `there are more than ${mostVariables}` });
  for (const [name, value] of entries) {
    if (!namePattern.test(name))
      throw documentRefused({ what: "The variables", reason: `'${name.slice(0, 100)}' is no name of a variable` });
    if (value.length > longestText || value.includes("\0"))
      throw documentRefused({ what: "The variables", reason: `the value of '${name}' is too long, or no text` });
  }
  return Object.fromEntries(entries);
}

function isPlain(value: unknown): value is VariableValue {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
