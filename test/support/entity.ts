/** Builds what a client wants written. */

import type { EntityInput, Operation, RawValue } from "#datamodel/write/entity-input.ts";

type More = {
  readonly operation?: Operation;
  readonly key?: readonly string[];
  readonly links?: Readonly<Record<string, EntityInput>>;
  readonly collections?: Readonly<Record<string, readonly EntityInput[]>>;
};

/** An entity of a schema with values by path: `anEntity("nms:recipient", { email: "a@b.com" })`. */
export function anEntity(schema: string, values: Readonly<Record<string, RawValue>>, more: More = {}): EntityInput {
  return {
    schema,
    values: new Map(Object.entries(values)),
    links: new Map(Object.entries(more.links ?? {})),
    collections: new Map(Object.entries(more.collections ?? {})),
    ...(more.operation === undefined ? {} : { operation: more.operation }),
    ...(more.key === undefined ? {} : { key: more.key }),
  };
}
