/** The values that are stored as JSON and that clients of Classic know as XML: one line each. */

import type { XmlElement } from "#protocols/soap/xml-element.ts";

import { targetsDocument } from "./targets-document.ts";
import { variablesDocument } from "./variables-document.ts";
import { activitiesDocument } from "./activities-document.ts";

export type DocumentForm = {
  /** The value as an element of this name. What is stored is shown as well as it can be read, and never refused. */
  readonly toXml: (name: string, value: unknown) => XmlElement;
  /**
   * The value that an element stands for.
   * @throws documentRefused, conditionRefused, and the errors of the domain
   */
  readonly fromXml: (element: XmlElement) => unknown;
};

/** By schema and path: `nms:delivery#targets`. */
export const documentForms: ReadonlyMap<string, DocumentForm> = new Map([
  ["nms:delivery#targets", targetsDocument],
  ["xtk:workflow#activities", activitiesDocument],
  ["xtk:workflow#variables", variablesDocument],
]);
