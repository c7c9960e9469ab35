/**
 * The diagram of a workflow: `<activities><start name="start" label="Start"><transitions><initial name="initial"
 * target="end"/></transitions></start>...`. The tag is the type; attributes and further elements are the settings.
 */

import { parseWorkflowDefinition } from "#campaign/workflow/parse-workflow-definition.ts";
import { type ActivityNode, layoutNames, type Transition } from "#campaign/workflow/workflow-definition.ts";
import { isPostriderError } from "#foundation/errors.ts";
import { anElement, childOf, childrenOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { readConditions, writeConditions } from "./condition-text.ts";
import type { DocumentForm } from "./documents.ts";

export const activitiesDocument: DocumentForm = {
  toXml: (name, value) => anElement(name, {}, ...readStored(value).map(writeActivity)),
  fromXml: (element) => {
    const activities = childrenOf(element).map(readActivity);
    return activities.length === 0 ? {} : { activities };
  },
};

/** Attributes of an activity that are no settings of it. */
const ownAttributes: readonly string[] = ["name", "label", ...layoutNames];

function readStored(value: unknown): readonly ActivityNode[] {
  try {
    return parseWorkflowDefinition("", value).activities;
  } catch (error) {
    if (isPostriderError(error)) return [];
    throw error;
  }
}

function writeActivity({ type, name, label, settings, transitions, layout }: ActivityNode): XmlElement {
  const entries = Object.entries(settings);
  const attributes = entries.filter(([key, value]) => isAttribute(key, value));
  const elements = entries.filter(([key, value]) => !isAttribute(key, value));
  return anElement(
    type,
    { name, label, ...layout, ...Object.fromEntries(attributes.map(([key, value]) => [key, String(value)])) },
    ...elements.map(([key, value]) => writeSetting(key, value)),
    anElement("transitions", {}, ...transitions.map(writeTransition)),
  );
}

/** Short values are attributes; what has lines, or the name of something else, is an element. */
function isAttribute(key: string, value: unknown): boolean {
  if (ownAttributes.includes(key) || key === "where" || key === "transitions") return false;
  if (typeof value === "string") return value.length <= 255 && !/[\n\r<]/.test(value);
  return typeof value === "number" || typeof value === "boolean";
}

function writeSetting(key: string, value: unknown): XmlElement {
  if (key === "where" && typeof value === "string") return writeConditions(key, value);
  if (typeof value === "string") return anElement(key, {}, value);
  return anElement(key, { format: "json" }, JSON.stringify(value ?? null));
}

function writeTransition({ name, target, label, isDisabled }: Transition): XmlElement {
  return anElement(name, { name, label, enabled: isDisabled !== true, target });
}

function readActivity(element: XmlElement): unknown {
  const { attributes } = element;
  const settings = [...attributes].filter(([name]) => !ownAttributes.includes(name));
  const layout = layoutNames.flatMap((name) => {
    const value = attributes.get(name) ?? "";
    return value === "" ? [] : [[name, value] as const];
  });
  const elements = childrenOf(element).filter(({ name }) => name !== "transitions");
  const transitions = childOf(element, "transitions");
  return {
    type: element.name,
    name: attributes.get("name") ?? "",
    label: attributes.get("label") ?? "",
    settings: Object.fromEntries([...settings, ...elements.map((child) => [child.name, readSetting(child)])]),
    transitions: transitions === undefined ? [] : childrenOf(transitions).map(readTransition),
    ...(layout.length === 0 ? {} : { layout: Object.fromEntries(layout) }),
  };
}

function readSetting(element: XmlElement): unknown {
  if (element.name === "where" && childOf(element, "condition") !== undefined) return readConditions(element);
  const text = textOf(element);
  if (element.attributes.get("format") !== "json") return text;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Classic writes `#` before the name of an activity. */
function readTransition({ name, attributes }: XmlElement): unknown {
  const label = attributes.get("label") ?? "";
  return {
    name: attributes.get("name") || name,
    target: (attributes.get("target") ?? "").replace(/^#/, ""),
    ...(label === "" ? {} : { label }),
    ...(["false", "0"].includes(attributes.get("enabled") ?? "") ? { isDisabled: true } : {}),
  };
}
