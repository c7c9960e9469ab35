/** What a service is: SOAP methods, of a schema of the same name, of an interface that many schemas have, or of no table at all. */

import type { Method } from "./schema.ts";

export type ServiceMethod = Method & {
  /** Why it cannot be called yet, in one sentence. Clients see that the method is there; calling it is a fault that says this. */
  readonly notYet?: string;
};

export type Service = {
  /** `xtk:session`. The methods of a service that is named like a schema are that schema's. */
  readonly name: `${string}:${string}`;
  readonly label: string;
  /** Elements that the service's schema declares for the structures its methods answer with: name and label. */
  readonly structures: Readonly<Record<string, string>>;
  readonly methods: readonly ServiceMethod[];
  /**
   * Its methods are called on other schemas' entities, as `xtk:persist|nms:recipient`; clients find them in the document
   * of this schema.
   */
  readonly interfaceIn?: `${string}:${string}`;
};

/** Declares a service; the types of its parameters stay known to the compiler. */
export function defineService<const S extends Service>(service: S): S {
  return service;
}
