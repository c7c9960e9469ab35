/** Stores what a request asks for, with the caller's rights, and says which of its values are wrong. */

import { writeRules } from "#campaign/entities/write-rules.ts";
import type { EntityInput, WrittenEntity } from "#datamodel/write/entity-input.ts";
import { mayAccess } from "#datamodel/rights/may-access.ts";
import type { WriteContext, WriteRule } from "#datamodel/write/write-context.ts";
import { writeEntities } from "#datamodel/write/write-entities.ts";

import { type Schema, schemaId } from "#schemas/schema.ts";

import { writingRefused } from "../errors.ts";
import type { JsonObject } from "../json/json.ts";
import { type FieldError, refuse, refuseFields } from "../refusal.ts";
import type { RestCall } from "../rest-call.ts";
import { requireScope } from "../scopes.ts";
import { reachOf } from "./reach.ts";
import { readInput } from "./read-input.ts";

/**
 * Makes sure that the caller may write the entity at all.
 * @throws scopeMissing, writingRefused
 */
export function admitWriting({ identity, names, data }: RestCall, schema: Schema): void {
  requireScope(identity.scopes, names.nameOf(schema), "write");
  if (!mayAccess(schema, data.viewer, "write")) throw refuse(writingRefused(), { status: 403 });
}

/** @throws requestInvalid naming each value that cannot be stored */
export function readInputs(
  call: RestCall,
  schema: Schema,
  objects: readonly JsonObject[],
  isBulk: boolean,
): EntityInput[] {
  const errors: FieldError[] = [];
  const reach = reachOf(call.data, call.names, call.identity.scopes);
  const extrasOf = (each: Schema): NonNullable<WriteRule["extras"]> => writeRules.get(schemaId(each))?.extras ?? {};
  const inputs = objects.map((object, item) => {
    const report = (error: FieldError): void => void errors.push(isBulk ? { ...error, item } : error);
    return readInput({ reach, extrasOf, report }, schema, object);
  });
  if (errors.length > 0) throw refuseFields(errors);
  return inputs;
}

/** All or nothing. */
export function writeAll(
  call: RestCall,
  inputs: readonly EntityInput[],
  db = call.context.db,
): Promise<WrittenEntity[]> {
  const { data, context, request } = call;
  const writing: WriteContext = {
    db,
    schemas: data.schemas,
    viewer: data.viewer,
    rules: writeRules,
    secrets: context.secrets,
    remoteAddress: request.client.address,
  };
  return writeEntities(writing, inputs);
}
