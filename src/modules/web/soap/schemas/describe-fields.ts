/** Writes the fields of a schema as the tree of attributes and elements that clients know. */

import { anElement, type XmlElement } from "#protocols/soap/xml-element.ts";
import { type Field, fieldsOf, isElementField } from "#schemas/fields.ts";
import type { Attribute, Schema } from "#schemas/schema.ts";

type Branch = { readonly fields: Field[]; readonly branches: Map<string, Branch> };

/** Every field clients may see; those below a common path stand within one element. */
export function describeFields(schema: Schema): XmlElement[] {
  const root = aBranch();
  for (const field of fieldsOf(schema)) {
    const steps = field.path.split("/").slice(0, -1);
    steps.reduce(within, root).fields.push(field);
  }
  return describeBranch(root);
}

function within(branch: Branch, name: string): Branch {
  const known = branch.branches.get(name) ?? aBranch();
  branch.branches.set(name, known);
  return known;
}

function aBranch(): Branch {
  return { fields: [], branches: new Map() };
}

function describeBranch({ fields, branches }: Branch): XmlElement[] {
  const leaves = fields.filter((field) => !isElementField(field)).map((field) => describeField("attribute", field, []));
  const elements = fields.filter(isElementField).map((field) => {
    const inner = branches.get(nameOf(field));
    return describeField("element", field, inner === undefined ? [] : describeBranch(inner));
  });
  const names = new Set(elements.map((element) => element.attributes.get("name")));
  const others = [...branches]
    .filter(([name]) => !names.has(name))
    .map(([name, inner]) => anElement("element", { name, label: inWords(name) }, ...describeBranch(inner)));
  return [...leaves, ...elements, ...others];
}

function describeField(tag: "attribute" | "element", field: Field, content: readonly XmlElement[]): XmlElement {
  const { declaration, type } = field;
  return anElement(
    tag,
    {
      name: nameOf(field),
      label: field.label,
      desc: declaration.description,
      // An element that holds others has no type of its own.
      type: type === "xml" || (type === "json" && tag === "element") ? undefined : type,
      enum: declaration.enumeration?.name,
      ...(field.kind === "computed"
        ? { expr: field.declaration.expression }
        : {
            ...describeStorage(field.declaration),
            sqlname: field.kind === "stored" ? field.declaration.column : undefined,
            xml: field.kind === "data" ? true : undefined,
          }),
    },
    ...content,
  );
}

function describeStorage(
  declaration: Omit<Attribute, "column">,
): Record<string, string | number | boolean | undefined> {
  return {
    length: declaration.length,
    required: declaration.required,
    default: declaration.default === undefined ? undefined : defaultExpression(declaration),
    userEnum: declaration.openEnumeration,
    readOnly: declaration.isReadOnly,
    defOnDuplicate: declaration.isResetByCopy,
  };
}

/** Defaults are expressions. */
function defaultExpression({ type, default: given }: Omit<Attribute, "column">): string {
  if (type === "datetime" && given === "now") return "GetDate()";
  if (typeof given !== "string") return String(given);
  return `'${given.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}

function nameOf({ path }: Field): string {
  return path.split("/").at(-1) ?? path;
}

function inWords(name: string): string {
  const words = name.replace(/(?<=[a-z0-9])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
