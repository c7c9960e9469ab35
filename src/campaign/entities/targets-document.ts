/** The target of a delivery: `<targets><deliveryTarget><targetPart type="query"><where><condition expr="..."/></where></targetPart></deliveryTarget></targets>`. */

import { readTarget, type Target } from "#campaign/delivery/target.ts";
import { anElement, childOf, childrenOf, type XmlElement } from "#protocols/soap/xml-element.ts";

import { readConditions, writeConditions } from "./condition-text.ts";
import type { DocumentForm } from "./documents.ts";
import { documentRefused } from "./errors.ts";

export const targetsDocument: DocumentForm = {
  toXml: (name, value) => anElement(name, {}, ...writeTarget(isObject(value) ? value : {})),
  fromXml: readParts,
};

type Part = { readonly target: Target; readonly isExclusion: boolean };

function writeTarget({ all, group, where, workTable }: Record<string, unknown>): XmlElement[] {
  const part = (type: string, ...content: readonly XmlElement[]): XmlElement[] => [
    anElement("deliveryTarget", {}, anElement("targetPart", { type, exclusion: false }, ...content)),
  ];
  if (all === true) return part("all");
  const content = [
    ...(typeof group === "string" ? [anElement("group", { name: group })] : []),
    ...(typeof workTable === "string" ? [anElement("workTable", { name: workTable })] : []),
    ...(typeof where === "string" ? [writeConditions("where", where)] : []),
  ];
  if (content.length === 0) return [];
  return part(typeof group === "string" ? "group" : typeof workTable === "string" ? "workTable" : "query", ...content);
}

/** An empty target is one that is still to be chosen; what its condition means is judged when it is stored. */
function readParts(element: XmlElement): Target {
  const parts = childrenOf(element)
    .filter(({ name }) => name === "deliveryTarget" || name === "targetPart")
    .flatMap((child) => (child.name === "targetPart" ? [child] : targetParts(child)))
    .map(readPart);
  const target = joinParts(parts);
  return Object.keys(target).length === 0 ? {} : readTarget(target);
}

function targetParts(deliveryTarget: XmlElement): XmlElement[] {
  const parts = childrenOf(deliveryTarget).filter(({ name }) => name === "targetPart");
  return parts.length === 0 ? [deliveryTarget] : parts;
}

function readPart(part: XmlElement): Part {
  const isExclusion = ["true", "1"].includes(part.attributes.get("exclusion") ?? "");
  const type = part.attributes.get("type") ?? "query";
  if (type === "all") return { target: { all: true }, isExclusion };
  if (!["query", "group", "workTable"].includes(type))
    throw refused(`a part is of the type '${type.slice(0, 40)}'; there are query, group, workTable and all`);
  const group = nameOf(childOf(part, "group"));
  const workTable = nameOf(childOf(part, "workTable"));
  // Classic's forms: the conditions stand in the part, or in a query within it.
  const query = childOf(part, "subQuery") ?? childOf(part, "query") ?? part;
  const schema = query.attributes.get("schema") ?? "nms:recipient";
  if (schema !== "nms:recipient") throw refused(`it asks ${schema.slice(0, 80)}; only recipients can be targeted`);
  const conditions = childOf(query, "where");
  const where = conditions === undefined ? "" : readConditions(conditions);
  const target: Target = {
    ...(group === "" ? {} : { group }),
    ...(workTable === "" ? {} : { workTable }),
    ...(where === "" ? {} : { where }),
  };
  if (Object.keys(target).length === 0) throw refused("a part selects nothing; to send to everybody write type='all'");
  return { target, isExclusion };
}

/** Parts stand for everybody whom one of them selects, but for those whom an exclusion selects. */
function joinParts(parts: readonly Part[]): Target {
  const [only] = parts;
  if (only === undefined) return {};
  if (parts.length === 1 && !only.isExclusion) return only.target;
  const wheres = (isExclusion: boolean): string[] =>
    parts.flatMap((part) => (part.isExclusion === isExclusion ? [whereOf(part, parts)] : []));
  const [included, excluded] = [wheres(false), wheres(true)];
  const base = parts.find((part) => !part.isExclusion);
  if (base === undefined) throw refused("all its parts are exclusions");
  const everyone = included.length === 1 && base.target.where === undefined;
  const conditions = [...(everyone ? [] : [joinBy(included, "OR")]), ...excluded.map((where) => `NOT (${where})`)];
  const where = conditions.length === 1 ? (conditions[0] ?? "") : conditions.map((text) => `(${text})`).join(" AND ");
  const { all: _, where: __, ...others } = base.target;
  return { ...others, where };
}

function whereOf({ target, isExclusion }: Part, parts: readonly Part[]): string {
  const { where, ...others } = target;
  const isBase = !isExclusion && parts.filter((part) => !part.isExclusion).length === 1;
  if (!isBase && Object.keys(others).length > 0)
    throw refused("of several parts only conditions can be joined; put groups into deliveries of their own");
  return where ?? "";
}

function joinBy(texts: readonly string[], word: string): string {
  return texts.length === 1 ? (texts[0] ?? "") : texts.map((text) => `(${text})`).join(` ${word} `);
}

function nameOf(element: XmlElement | undefined): string {
  return element?.attributes.get("name") ?? element?.attributes.get("internalName") ?? "";
}

function refused(reason: string): ReturnType<typeof documentRefused> {
  return documentRefused({ what: "The target of the delivery", reason });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
