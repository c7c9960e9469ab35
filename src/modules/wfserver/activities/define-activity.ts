/** Joins an activity's definition and its operation, and reads the settings for it. */

import { compileWhere } from "#datamodel/compile-where.ts";
import { describeError, isPostriderError } from "#foundation/errors.ts";
import type { SchemaSet } from "#schemas/schema-set.ts";
import type { ActivityNode } from "#campaign/workflow/workflow-definition.ts";

import { settingsInvalid } from "../errors.ts";
import type { Activity, ActivityCall, ActivityDefinition, Field, Outcome, SettingsOf } from "./activity.ts";

/** Declares the definition of an activity; the names and choices of its fields stay known to the compiler. */
export function describeActivity<const D extends ActivityDefinition>(definition: D): D {
  return definition;
}

/**
 * Registers an activity.
 * @param checkMore finds faults that need more than one field
 */
export function defineActivity<D extends ActivityDefinition>(
  definition: D,
  run: (call: ActivityCall<SettingsOf<D>>) => Promise<Outcome>,
  checkMore: (settings: SettingsOf<D>) => readonly string[] = () => [],
): Activity {
  const read = (node: ActivityNode, schemas: SchemaSet): { settings: SettingsOf<D>; faults: readonly string[] } => {
    const faults: string[] = [];
    const values = Object.entries(definition.fields).map(([name, field]) => [
      name,
      readField(name, { field, given: node.settings[name], schemas }, faults),
    ]);
    const unknown = Object.keys(node.settings).filter((name) => !Object.hasOwn(definition.fields, name));
    faults.push(...unknown.map((name) => `there is no setting '${name}'`));
    // The fields that gave the type were the ones that read the values.
    const settings = Object.fromEntries(values) as SettingsOf<D>;
    return {
      settings,
      faults: faults.length > 0 ? faults : [...checkTransitions(definition, node), ...checkMore(settings)],
    };
  };
  return {
    definition,
    check: (node, schemas) => read(node, schemas).faults,
    run: (call) => {
      const { settings, faults } = read(call.node, call.schemas);
      if (faults.length > 0) throw settingsInvalid({ activity: call.node.name, faults });
      return run({ ...call, settings });
    },
  };
}

/** Clients who write a workflow as XML have texts only. */
function readText(field: Field, raw: unknown): unknown {
  if (typeof raw !== "string") return raw;
  if (field.kind === "flag") return { true: true, "1": true, false: false, "0": false }[raw.trim()] ?? raw;
  if (field.kind === "number") return /^-?\d{1,15}(\.\d{1,15})?$/.test(raw.trim()) ? Number(raw) : raw;
  return raw;
}

function readField(
  name: string,
  { field, given, schemas }: { readonly field: Field; readonly given: unknown; readonly schemas: SchemaSet },
  faults: string[],
): string | number | boolean {
  const raw = readText(field, given);
  const isGiven = raw !== undefined && raw !== null && raw !== "";
  if (!isGiven && field.isRequired === true) faults.push(`'${name}' (${field.label}) is missing`);
  switch (field.kind) {
    case "text":
    case "memo":
    case "expression":
      if (isGiven && typeof raw !== "string") faults.push(`'${name}' is no text`);
      if (typeof raw === "string" && (raw.includes("\0") || !raw.isWellFormed()))
        faults.push(`'${name}' holds a character that cannot be stored`);
      else if (field.kind === "expression" && typeof raw === "string")
        faults.push(...checkExpression(name, { schemas, schema: field.schema, expression: raw }));
      return typeof raw === "string" ? raw : "";
    case "flag":
      if (isGiven && typeof raw !== "boolean") faults.push(`'${name}' is neither true nor false`);
      return typeof raw === "boolean" ? raw : field.default;
    case "number":
      if (isGiven && (typeof raw !== "number" || !Number.isFinite(raw) || raw < field.min || raw > field.max)) {
        faults.push(`'${name}' is no number from ${field.min} to ${field.max}`);
      }
      return typeof raw === "number" ? raw : field.default;
    case "choice": {
      const found = field.choices.find(({ value }) => value === raw);
      if (isGiven && found === undefined)
        faults.push(`'${name}' is none of ${field.choices.map(({ value }) => value).join(", ")}`);
      return found?.value ?? field.default;
    }
  }
}

/** Parameters have their values only when the activity runs, so that an expression that names one is checked then. */
function checkExpression(
  name: string,
  about: { readonly schemas: SchemaSet; readonly schema: string; readonly expression: string },
): string[] {
  const { schemas, expression } = about;
  const schema = schemas.find(about.schema);
  if (schema === undefined) return [`'${name}' is about ${about.schema}, which does not exist`];
  if (/\$\w*\(/.test(expression)) return [];
  try {
    compileWhere(schema, expression, { schemas });
    return [];
  } catch (error) {
    if (isPostriderError(error)) return [`'${name}': ${describeError(error)}`];
    throw error;
  }
}

function checkTransitions({ outbound }: ActivityDefinition, node: ActivityNode): string[] {
  if (outbound === "any") return [];
  const known = outbound.map(({ name }) => name);
  return node.transitions
    .filter(({ name }) => !known.includes(name))
    .map(
      ({ name }) =>
        `it has no transition '${name}'${known.length === 0 ? "; it ends a branch" : `, only ${known.join(", ")}`}`,
    );
}
