/** How a SOAP method of a schema gets its handler: the types of its inputs and outputs follow from its declaration. */

import type { Session } from "#campaign/access/find-session.ts";
import type { Context } from "#foundation/module.ts";
import type { ParameterType, ParameterValue, ValueOf } from "#protocols/soap/parameter-types.ts";
import type { Method, MethodParameter } from "#schemas/schema.ts";
import type { Service } from "#schemas/service.ts";

import { methodNotDeclared } from "../errors.ts";

export type SoapCall = {
  readonly context: Context;
  /** Of a method that needs one; undefined for a method that is open to everyone. */
  readonly session: Session | undefined;
  /**
   * The session, for a method that is open to everyone but does more for some.
   * @throws sessionInvalid
   */
  readonly requireSession: () => Promise<Session>;
  /** The client's address. */
  readonly address: string;
};

export type SoapMethod = {
  readonly service: string;
  readonly declaration: Method;
  run(call: SoapCall, inputs: readonly ParameterValue[]): Promise<readonly ParameterValue[]>;
};

type Selected<P extends readonly MethodParameter[], D extends MethodParameter["direction"]> = P extends readonly [
  infer Head extends MethodParameter,
  ...infer Rest extends readonly MethodParameter[],
]
  ? Head["direction"] extends D
    ? [Head["type"] extends ParameterType ? ValueOf<Head["type"]> : never, ...Selected<Rest, D>]
    : Selected<Rest, D>
  : [];
type MethodNamed<S extends Service, N extends string> = Extract<S["methods"][number], { name: N }>;
export type Inputs<M extends Method> = Selected<M["parameters"], "in" | "inout">;
export type Outputs<M extends Method> = Selected<M["parameters"], "out" | "inout">;

/**
 * Pairs a method that a service declares with what it does.
 * @param run takes the inputs in declared order, answers the outputs in declared order
 */
export function defineMethod<S extends Service, N extends S["methods"][number]["name"]>(
  service: S,
  name: N,
  run: (call: SoapCall, ...inputs: Inputs<MethodNamed<S, N>>) => Promise<Outputs<MethodNamed<S, N>>>,
): SoapMethod {
  const declaration = service.methods.find((method) => method.name === name);
  if (declaration === undefined) throw methodNotDeclared({ service: service.name, method: name });
  return {
    service: service.name,
    declaration,
    // The caller has read each input by the type that its declaration gives it.
    run: (call, inputs) => run(call, ...(inputs as Inputs<MethodNamed<S, N>>)),
  };
}
