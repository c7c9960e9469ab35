/** Finds the method that a service and a name mean, on the way that clients of Classic name them. */

import { builtInSchemas } from "#schemas/schema-set.ts";
import { findService, services } from "#schemas/services.ts";

import { methodNotYet, unknownMethod, unknownService } from "../errors.ts";
import type { SoapMethod } from "./define-method.ts";
import { soapMethods } from "./methods/index.ts";

export type FoundMethod = {
  readonly method: SoapMethod;
  /** The schema it is called for. */
  readonly target: string;
};

const byService = new Map(services.map(({ name }) => [name as string, new Map<string, SoapMethod>()]));
for (const method of [...soapMethods, ...methodsNotYet()])
  byService.get(method.service)?.set(method.declaration.name, method);

/** Every interface: its methods may be called on any schema, named alone or together with it. */
const interfaces = [...byService.keys()].filter((name) => findService(name)?.interfaceIn !== undefined);

/**
 * Finds a method. `interface|schema` says where it is declared and what it is called for; a schema alone stands for its own
 * methods and for those of every interface.
 * @throws unknownService, unknownMethod
 */
export function findMethod(service: string, name: string): FoundMethod {
  const [declared = "", applied] = service.split("|");
  const target = applied ?? declared;
  const found = byService.get(declared)?.get(name);
  if (found !== undefined) return { method: found, target };
  // Any schema has the methods of an interface: which schemas there are, the method itself finds out.
  const inherited =
    applied === undefined
      ? interfaces.map((id) => byService.get(id)?.get(name)).find((known) => known !== undefined)
      : undefined;
  if (inherited === undefined)
    throw byService.has(declared) || isOpenSchema(declared)
      ? unknownMethod({ service: declared, method: name.slice(0, 100) })
      : unknownService({ service: declared });
  return { method: inherited, target };
}

function isOpenSchema(id: string): boolean {
  const schema = builtInSchemas.find(id);
  return schema !== undefined && schema.isHidden !== true;
}

/** What is declared and cannot be called yet: it is found, so that whoever calls it learns why. */
function methodsNotYet(): SoapMethod[] {
  return services.flatMap(({ name, methods }) =>
    methods.flatMap((declaration) => {
      const { notYet } = declaration;
      if (notYet === undefined) return [];
      const run = (): never => {
        throw methodNotYet({ service: name, method: declaration.name, reason: notYet });
      };
      return [{ service: name, declaration, run }];
    }),
  );
}
