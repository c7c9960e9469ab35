/** What a service is: SOAP methods that belong to no table. */

import type { Method } from "./schema.ts";

export type Service = {
  /** `xtk:session`. */
  readonly name: `${string}:${string}`;
  readonly label: string;
  /** Elements that the service's schema declares for the structures its methods answer with: name and label. */
  readonly structures: Readonly<Record<string, string>>;
  readonly methods: readonly Method[];
};

/** Declares a service; the types of its parameters stay known to the compiler. */
export function defineService<const S extends Service>(service: S): S {
  return service;
}
