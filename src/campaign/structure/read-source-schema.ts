/** Reads a schema as operators write it, in Classic's XML dialect. What would be silently without effect is refused. */

import { extensionInvalid } from "#datamodel/extension/errors.ts";
import type {
  SourceAttribute,
  SourceIndex,
  SourceKey,
  SourceLink,
  SourceSchema,
} from "#datamodel/extension/source-schema.ts";
import { childrenOf, textOf, type XmlElement } from "#protocols/soap/xml-element.ts";
import type { Enumeration } from "#schemas/enumeration.ts";
import type { ComputedField, DataField, Link, SystemFilter } from "#schemas/schema.ts";

import { readSourceAttribute } from "./read-source-attribute.ts";
import { readSourceEnumeration } from "./read-source-enumeration.ts";
import { type SourceWord, unknownWord } from "./source-words.ts";

/** A schema while it is read. */
export type Reading = {
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly extendedSchema: string | undefined;
  readonly enumerations: Map<string, Enumeration>;
  /** Enumerations of other schemas, by `nms:recipient:gender`. */
  findEnumeration(name: string): Enumeration | undefined;
  readonly attributes: Map<string, SourceAttribute>;
  readonly dataFields: Map<string, DataField>;
  readonly computedFields: Map<string, ComputedField>;
  readonly links: Map<string, SourceLink>;
  readonly removed: string[];
};

/** More levels of elements than this is no record. */
const deepest = 6;

/** Tables have room for 1,600 columns, and the fields of all extensions share it. */
const mostMembers = 1_000;

/**
 * Reads `<srcSchema>`.
 * @param findEnumeration finds enumerations of other schemas by their full name, such as `nms:recipient:gender`
 * @throws extensionInvalid naming the element and what is wrong with it
 */
export function readSourceSchema(
  root: XmlElement,
  findEnumeration: (name: string) => Enumeration | undefined,
): SourceSchema {
  const [namespace, name] = [given(root, "namespace"), given(root, "name")];
  const id = `${namespace}:${name}`;
  if (!/^[a-z][a-z0-9]{1,9}$/.test(namespace))
    throw extensionInvalid({
      schema: id,
      problem: "its namespace must be two to ten small letters and digits, such as cus",
    });
  if (!isName(name))
    throw extensionInvalid({ schema: id, problem: "its name must be letters and digits, such as store" });
  const extendedSchema = given(root, "extendedSchema") || undefined;
  const reading: Reading = {
    id,
    namespace,
    name,
    extendedSchema,
    findEnumeration,
    enumerations: new Map(),
    attributes: new Map(),
    dataFields: new Map(),
    computedFields: new Map(),
    links: new Map(),
    removed: [],
  };
  checkWords(reading, "srcSchema", root);
  for (const child of childrenOf(root)) if (child.name === "enumeration") readEnumeration(reading, child);
  const main = mainElement(reading, root);
  const children = main === undefined ? [] : childrenOf(main);
  const kept = children.filter((child) => !isRemoved(reading, child));
  for (const child of children) readMember(reading, child, "", 1);
  const { attributes, dataFields, computedFields, links, removed } = reading;
  if (attributes.size + dataFields.size + computedFields.size + links.size + removed.length > mostMembers)
    throw extensionInvalid({ schema: id, problem: `it has more than ${mostMembers} fields and links` });
  return {
    namespace,
    name,
    extendedSchema,
    label: given(root, "label") || (extendedSchema === undefined ? name : ""),
    labelSingular: given(root, "labelSingular") || given(root, "label") || name,
    description: given(root, "desc") || undefined,
    hasOwnKey: main !== undefined && isYes(main, "autopk"),
    attributes: reading.attributes,
    dataFields: reading.dataFields,
    computedFields: reading.computedFields,
    links: reading.links,
    keys: kept.filter(({ name: kind }) => kind === "key").map((key) => readKey(reading, key)),
    indexes: kept.filter(({ name: kind }) => kind === "dbindex").map((index) => readIndex(reading, index)),
    enumerations: [...reading.enumerations.values()],
    computeString: children
      .filter(({ name: kind }) => kind === "compute-string")
      .map((child) => given(child, "expr"))[0],
    systemFilters: children.flatMap((child) => (child.name === "sysFilter" ? readFilter(reading, child) : [])),
    removedFilters: children
      .filter((child) => child.name === "sysFilter" && given(child, "_operation") === "delete")
      .map((child) => filterName(reading, child)),
    isAudited: isYes(root, "isAudited"),
    folderLink: (main && given(main, "folderLink")) || undefined,
    removed: reading.removed,
  };
}

/** The element that bears the schema's name: the table. */
function mainElement(reading: Reading, root: XmlElement): XmlElement | undefined {
  const extended = reading.extendedSchema?.split(":")[1];
  const mains = childrenOf(root).filter(({ name }) => name === "element");
  const other = childrenOf(root).find(({ name }) => !["element", "enumeration", "help"].includes(name));
  if (other !== undefined)
    throw problem(
      reading,
      `<${other.name}> has no effect here${other.name === "methods" ? "; methods in JavaScript are not available" : ""}`,
    );
  const main = mains.find((element) => given(element, "name") === reading.name || given(element, "name") === extended);
  if (mains.length > 1 || (main === undefined && mains.length > 0))
    throw problem(reading, `it must hold one <element>, named ${extended ?? reading.name}`);
  if (main === undefined && reading.extendedSchema === undefined)
    throw problem(reading, `it needs <element name="${reading.name}">`);
  if (main !== undefined) {
    checkWords(reading, "element", main);
    for (const word of ["sqltable", "sqlname", "pkSequence"])
      if (main.attributes.has(word))
        throw problem(reading, `${word} has no effect here: tables are named after the schema`);
  }
  return main;
}

function readMember(reading: Reading, element: XmlElement, prefix: string, depth: number): void {
  const isField = element.name === "attribute" || element.name === "element";
  if (!isField) {
    if (["key", "dbindex", "compute-string", "sysFilter", "help", "default"].includes(element.name) && prefix === "")
      return;
    if (["join", "help", "default", "translatedDefault"].includes(element.name)) return;
    throw problem(reading, `<${element.name}> has no effect here`);
  }
  checkWords(reading, element.name === "attribute" ? "attribute" : "element", element);
  const name = given(element, "name");
  if (isRemoved(reading, element)) {
    reading.removed.push(`${prefix}${name}`);
    return;
  }
  if (!/^[A-Za-z][\w]*(-id)?$/.test(name) || name.length > 40)
    throw problem(reading, `'${name.slice(0, 50)}' is no name for a field: letters, digits and _, at most 40`);
  const path = `${prefix}${name}`;
  if (given(element, "type") === "link") return readLink(reading, element, path);
  const members = childrenOf(element).filter((child) => child.name === "element" || child.name === "attribute");
  if (element.name === "element" && members.length > 0 && !isYes(element, "xml")) {
    if (depth >= deepest) throw problem(reading, `${path} stands too deep`);
    if (isYes(element, "unbound"))
      throw problem(
        reading,
        `${path} is a collection: write xml="true" to keep it as a document, or a schema of its own with a link`,
      );
    for (const member of members) readMember(reading, member, `${path}/`, depth + 1);
    return;
  }
  readSourceAttribute(reading, element, path);
}

function readLink(reading: Reading, element: XmlElement, path: string): void {
  if (path.includes("/")) throw problem(reading, `the link ${path} must stand directly in the table's element`);
  if (isYes(element, "unbound"))
    throw problem(reading, `declare the link ${path} on the other side, in the schema that holds the key`);
  const reverse = given(element, "revLink");
  const joins = childrenOf(element).filter(({ name }) => name === "join");
  for (const join of joins) checkWords(reading, "join", join);
  const join = joins.map((pair) => ({
    from: fieldName(given(pair, "xpath-src")),
    to: fieldName(given(pair, "xpath-dst")),
  }));
  const label = given(element, "label") || path;
  const integrity = integrityOf(reading, element, "integrity");
  const reverseIntegrity = integrityOf(reading, element, "revIntegrity");
  reading.links.set(path, {
    label,
    target: given(element, "target"),
    join: join.length === 0 ? undefined : join,
    reverse: reverse === "_NONE_" ? undefined : reverse || reading.extendedSchema?.split(":")[1] || reading.name,
    reverseLabel: given(element, "revLabel") || label,
    isReverseSingle: given(element, "revCardinality") === "single",
    integrity,
    reverseIntegrity,
  });
}

function integrityOf(reading: Reading, element: XmlElement, word: string): Link["integrity"] {
  const text = given(element, word);
  if (text === "") return undefined;
  if (text === "define" || text === "own" || text === "owncopy" || text === "normal" || text === "neutral") return text;
  throw problem(reading, `${word} is define, own, owncopy, normal or neutral, not '${text.slice(0, 20)}'`);
}

function readEnumeration(reading: Reading, element: XmlElement): void {
  checkWords(reading, "enumeration", element);
  for (const value of childrenOf(element)) if (value.name === "value") checkWords(reading, "value", value);
  const enumeration = readSourceEnumeration(reading, element);
  reading.enumerations.set(enumeration.name, enumeration);
}

function readKey(reading: Reading, element: XmlElement): SourceKey {
  checkWords(reading, "key", element);
  return {
    name: nameOf(reading, element),
    isPrimary: isYes(element, "internal"),
    fields: fieldsOfKey(reading, element),
  };
}

function readIndex(reading: Reading, element: XmlElement): SourceIndex {
  checkWords(reading, "dbindex", element);
  return { name: nameOf(reading, element), isUnique: isYes(element, "unique"), fields: fieldsOfKey(reading, element) };
}

function nameOf(reading: Reading, element: XmlElement): string {
  const name = given(element, "name");
  if (!isName(name)) throw problem(reading, `<${element.name}> needs a name of letters and digits`);
  return name;
}

function fieldsOfKey(reading: Reading, element: XmlElement): string[] {
  const fields = childrenOf(element).filter(({ name }) => name === "keyfield");
  for (const field of fields) checkWords(reading, "keyfield", field);
  if (fields.length === 0) throw problem(reading, `<${element.name} name="${given(element, "name")}"> names no field`);
  return fields.map((field) => fieldName(given(field, "xpath") || given(field, "xlink")));
}

function readFilter(reading: Reading, element: XmlElement): SystemFilter[] {
  checkWords(reading, "sysFilter", element);
  if (given(element, "_operation") === "delete") return [];
  const conditions = childrenOf(element).map((condition) => {
    if (condition.name !== "condition") throw problem(reading, `<${condition.name}> has no effect in a sysFilter`);
    checkWords(reading, "condition", condition);
    const enabledIf = given(condition, "enabledIf");
    return { expression: given(condition, "expr"), ...(enabledIf === "" ? {} : { enabledIf }) };
  });
  return [{ name: filterName(reading, element), conditions }];
}

function filterName(reading: Reading, element: XmlElement): SystemFilter["name"] {
  const name = given(element, "name");
  if (name === "readAccess" || name === "writeAccess") return name;
  throw problem(reading, "a sysFilter is named readAccess or writeAccess");
}

/** `[location/@city]` is `location/city`. */
function fieldName(xpath: string): string {
  return xpath
    .trim()
    .replace(/^\[(.*)\]$/, "$1")
    .replaceAll("@", "");
}

/** Written in a document that was sent again without it: as if it did not stand there. */
function isRemoved(reading: Reading, element: XmlElement): boolean {
  const operation = given(element, "_operation");
  if (operation === "" || operation === "delete") return operation === "delete";
  throw problem(reading, `_operation="${operation.slice(0, 20)}" has no effect here; delete is all there is`);
}

function checkWords(reading: Reading, kind: SourceWord, element: XmlElement): void {
  const unknown = unknownWord(
    kind,
    [...element.attributes.keys()].filter((name) => !name.startsWith("_")),
  );
  if (unknown !== undefined)
    throw problem(
      reading,
      `<${element.name} name="${given(element, "name")}"> has an attribute '${unknown.slice(0, 40)}', which has no effect here`,
    );
  if (textOf(element).trim() !== "" && kind !== "help" && kind !== "default")
    throw problem(reading, `there is text within <${element.name}>`);
}

function isName(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{0,39}$/.test(text);
}

function given(element: XmlElement, name: string): string {
  return element.attributes.get(name)?.trim() ?? "";
}

function isYes(element: XmlElement, name: string): boolean {
  return given(element, name) === "true" || given(element, name) === "1";
}

function problem({ id }: Reading, text: string): Error {
  return extensionInvalid({ schema: id, problem: text });
}
