/** Describes the schemas for docs/reference/schemas.md. */

import { enumerationsOf } from "#schemas/enumerations-of.ts";
import { type Field, fieldsOf, findField, writtenPath } from "#schemas/fields.ts";
import { findSchema, schemas } from "#schemas/index.ts";
import { type Admission, type Link, type Schema, schemaId } from "#schemas/schema.ts";

/** Lines of the page: a list of all schemas, then each with its fields, links and keys. */
export function describeSchemas(): string[] {
  const visible = schemas
    .filter(({ isHidden }) => isHidden !== true)
    .toSorted((a, b) => schemaId(a).localeCompare(schemaId(b)));
  return [
    "| schema | holds | table |",
    "|---|---|---|",
    ...visible.map((schema) => {
      const id = schemaId(schema);
      return `| [${id}](#${id.toLowerCase().replace(":", "")}) | ${schema.label} | \`${schema.table}\` |`;
    }),
    "",
    ...visible.flatMap(describeSchema),
  ];
}

function describeSchema(schema: Schema): string[] {
  const links = Object.entries<Link>(schema.links ?? {});
  const enumerations = enumerationsOf(schema);
  return [
    `## ${schemaId(schema)}`,
    "",
    [`${schema.label}.`, schema.description ?? "", ...describeRights(schema)].filter((text) => text !== "").join(" "),
    "",
    "| field | type | label | notes |",
    "|---|---|---|---|",
    ...fieldsOf(schema).map(
      (field) => `| \`${writtenPath(field)}\` | ${field.type} | ${field.label} | ${notesOf(field)} |`,
    ),
    "",
    ...(links.length === 0
      ? []
      : [
          "| link | leads to | by | when this row is deleted |",
          "|---|---|---|---|",
          ...links.map((link) => describeLink(schema, link)),
          "",
        ]),
    `Keys: ${describeKeys(schema)}.`,
    "",
    ...enumerations.map(
      ({ name, values }) =>
        `- **${name}**: ${values.map((value) => `${value.value} ${String(value.value) === value.name ? "" : value.name}`.trim()).join(", ")}`,
    ),
    ...(enumerations.length === 0 ? [] : [""]),
  ];
}

/** A key over what clients never see is none for them. */
function describeKeys(schema: Schema): string {
  return schema.keys
    .filter(({ attributes }) => attributes.every((name) => findField(schema, name) !== undefined))
    .map(({ attributes }) => attributes.map((name) => written(schema, name)).join(" + "))
    .join(", ");
}

function describeRights({ access, folderAttribute, rightsThrough, isAudited }: Schema): string[] {
  return [
    ...(access?.read === undefined ? [] : [`Read by ${describeAdmission(access.read)}.`]),
    ...(access?.write === undefined ? [] : [`Written by ${describeAdmission(access.write)}.`]),
    ...(folderAttribute === undefined ? [] : [`Rights: those of the folder \`@${folderAttribute}\`.`]),
    ...(rightsThrough === undefined
      ? []
      : [`Rights: those of ${rightsThrough.map((name) => `\`${name}\``).join(" and ")}.`]),
    ...(isAudited === true ? ["Changes are kept in the audit trail."] : []),
  ];
}

function describeAdmission(admission: Admission): string {
  if (typeof admission === "object") return `holders of the right \`${admission.right}\``;
  return { session: "every session", admin: "administrators", server: "the server alone" }[admission];
}

function notesOf({ declaration, kind }: Field): string {
  const notes = [declaration.description ?? ""];
  if (declaration.enumeration !== undefined) notes.push(`One of ${declaration.enumeration.name}.`);
  if (kind === "computed") notes.push(`Computed: \`${declaration.expression.replaceAll("|", "\\|")}\`.`);
  else {
    if (kind === "stored" && declaration.computed !== undefined) notes.push("Computed by the database.");
    if (kind === "data") notes.push("Kept in the row's document.");
    if (declaration.required === true) notes.push("Required.");
    if (declaration.isSecret === true) notes.push("Secret.");
    if (declaration.stamp !== undefined) notes.push("Filled by the writer.");
    else if (declaration.isReadOnly === true) notes.push("Written by the server.");
    if (declaration.openEnumeration !== undefined) notes.push(`Values of the list \`${declaration.openEnumeration}\`.`);
    if (declaration.default !== undefined && declaration.default !== "" && declaration.stamp === undefined)
      notes.push(`Default ${String(declaration.default)}.`);
  }
  return notes
    .filter((note) => note !== "")
    .map((note) => (/[.!]$/.test(note) ? note : `${note}.`))
    .join(" ");
}

function describeLink(schema: Schema, [name, link]: readonly [string, Link]): string {
  const target = findSchema(link.target);
  const by = link.join.map(({ from, to }) => `${written(schema, from)} = ${written(target, to)}`).join(", ");
  const condition = link.where === undefined ? "" : `, where \`${link.where}\``;
  const count = link.cardinality === "many" ? "many" : "one";
  return `| \`${name}\` | ${count} \`${link.target}\` | ${by}${condition} | ${link.cardinality === "one" ? "" : whenDeleted[link.integrity ?? "normal"]} |`;
}

function written(schema: Schema | undefined, path: string): string {
  const field = schema === undefined ? undefined : findField(schema, path);
  return `\`${field === undefined ? path : writtenPath(field)}\``;
}

const whenDeleted = {
  define: "refused while there are any",
  own: "they go with it",
  owncopy: "they go with it; a copy of it gets copies of them",
  normal: "their key becomes 0",
  neutral: "they stay as they are",
} as const;
