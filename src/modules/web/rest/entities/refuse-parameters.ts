/** Refuses parameters that mean nothing, so that a mistyped one is not silently without effect. */

import { refuseFields } from "../refusal.ts";

/** @throws requestInvalid naming those that are not known, or are given twice */
export function refuseParameters(query: URLSearchParams, known: readonly string[]): void {
  const errors = [...new Set(query.keys())].flatMap((name) => {
    const field = name.slice(0, 100);
    if (!known.includes(name)) return [{ field, message: "There is no parameter of this name." }];
    return query.getAll(name).length > 1 ? [{ field, message: "It is given more than once." }] : [];
  });
  if (errors.length > 0) throw refuseFields(errors);
}
