/** The methods that the interface offers, and the addresses they have: those of the services, by names with hyphens. */

import type { ServiceMethod } from "#schemas/service.ts";
import { services } from "#schemas/services.ts";
import { type Schema, schemaId } from "#schemas/schema.ts";

import { type EntityNames, inKebabCase } from "../entity-names.ts";

export type RestMethod = {
  /** `nms:delivery`, where it is declared. */
  readonly service: string;
  /** The schema that it is called for: its service, or `nms:delivery` for what an interface offers on deliveries. */
  readonly target: string;
  readonly declaration: ServiceMethod;
  /** `deliveries`, or `session` for a service without a table. */
  readonly resource: string;
  /** `prepare`. */
  readonly name: string;
  /** What it is called on, `POST /api/v1/deliveries/17/prepare`; undefined: `POST /api/v1/session/get-user-info`. */
  readonly schema: Schema | undefined;
  /** The parameter that says which row is meant, where it is not the document: the address says it. */
  readonly keyParameter: string | undefined;
};

/** Every method of every service, those included that are not available yet. */
export function restMethods(names: EntityNames): readonly RestMethod[] {
  const known = byNames.get(names) ?? listMethods(names);
  byNames.set(names, known);
  return known;
}

const byNames = new WeakMap<EntityNames, readonly RestMethod[]>();

function listMethods(names: EntityNames): RestMethod[] {
  const entityOf = (id: string): Schema | undefined => names.all.find(({ schema }) => schemaId(schema) === id)?.schema;
  const withRows = services.flatMap(({ name }) => entityOf(name) ?? []);
  const own = services.flatMap(({ name: service, methods, interfaceIn }) => {
    const schema = entityOf(service) ?? entityOf(interfaceIn ?? "");
    const resource = schema === undefined ? serviceName(names, service) : names.nameOf(schema);
    return methods.flatMap((declaration): RestMethod[] => {
      const keyParameter = schema && keyParameterOf(schema, declaration);
      const method = {
        service,
        target: service,
        declaration,
        resource,
        name: inKebabCase(declaration.name),
        keyParameter,
      };
      if (keyParameter !== undefined) return [{ ...method, schema }];
      if (declaration.isStatic || schema === undefined) return [{ ...method, schema: undefined }];
      // What an interface offers can be called on the rows of every entity that has methods.
      const rows = interfaceIn === undefined ? [schema] : withRows;
      return rows.map((row) => ({ ...method, target: schemaId(row), resource: names.nameOf(row), schema: row }));
    });
  });
  // An entity's own method comes before one of an interface that is called the same.
  const byAddress = new Map<string, RestMethod>();
  for (const method of own.sort((a, b) => Number(a.service !== a.target) - Number(b.service !== b.target))) {
    const address = `${method.resource}/${method.schema === undefined ? "" : "{id}/"}${method.name}`;
    if (!byAddress.has(address)) byAddress.set(address, method);
  }
  return [...byAddress.values()];
}

/** A static method whose first parameter is the id of a row is called on that row. */
function keyParameterOf({ name, keys }: Schema, { isStatic, parameters }: ServiceMethod): string | undefined {
  const [first] = parameters;
  const isKey = first?.direction === "in" && (first.name === "id" || first.name === `${name}Id`);
  return isStatic && isKey && keys[0].attributes.length === 1 ? first.name : undefined;
}

/** `xtk:queryDef` is `query-def`. */
function serviceName(names: EntityNames, service: string): string {
  const [namespace = "", name = ""] = service.split(":");
  const plain = inKebabCase(name);
  return names.find(plain) === undefined ? plain : `${inKebabCase(namespace)}-${plain}`;
}
