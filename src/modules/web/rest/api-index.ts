/** `GET /api/v1/`: what the caller finds here, as a first look and for programs that explore. */

import { version } from "#foundation/version.ts";
import { schemaId } from "#schemas/schema.ts";

import { answerJson } from "./answer-json.ts";
import { reachOf } from "./entities/reach.ts";
import type { Handlers } from "./entities/entity-handlers.ts";
import { refuseParameters } from "./entities/refuse-parameters.ts";
import { type RestMethod, restMethods } from "./methods/rest-methods.ts";
import type { RestAnswer, RestCall } from "./rest-call.ts";

export const indexHandlers: Handlers = {
  GET: async (call) => {
    refuseParameters(call.query, []);
    return answerJson(call, describeInterface(call));
  },
};

function describeInterface({ names, data, identity }: RestCall): RestAnswer {
  const reach = reachOf(data, names, identity.scopes);
  const methods = restMethods(names);
  const methodsOf = (resource: string): object[] =>
    methods.filter((method) => method.resource === resource).map(describeMethod);
  const entities = names.all
    .filter(({ schema }) => reach.sees(schema))
    .map(({ name, schema }) => ({
      name,
      href: `/api/v1/${name}`,
      schema: schemaId(schema),
      label: schema.label,
      ...(schema.description === undefined ? {} : { description: schema.description }),
      keys: schema.keys.map(({ attributes }) => attributes),
      links: reach.linksOf(schema).map((link) => ({
        name: link.name,
        label: link.label,
        cardinality: link.cardinality,
        entity: names.nameOf(link.target),
      })),
      methods: methodsOf(name),
    }));
  const known = new Set(names.all.map(({ name }) => name));
  const services = [...new Set(methods.map(({ resource }) => resource))].filter((resource) => !known.has(resource));
  return {
    status: 200,
    body: {
      name: "Postrider",
      version,
      documentation: "/api/v1/docs",
      openapi: "/api/v1/openapi.json",
      session: "/api/v1/session",
      apiTokens: "/api/v1/api-tokens",
      entities,
      services: services.map((name) => ({ name, href: `/api/v1/${name}`, methods: methodsOf(name) })),
    },
  };
}

function describeMethod({ declaration, resource, name, schema }: RestMethod): object {
  return {
    name,
    label: declaration.label,
    href: schema === undefined ? `/api/v1/${resource}/${name}` : `/api/v1/${resource}/{id}/${name}`,
    isAvailable: declaration.notYet === undefined,
    ...(declaration.notYet === undefined ? {} : { reason: declaration.notYet }),
  };
}
