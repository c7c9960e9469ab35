/** How a SOAP method of a service gets its handler: the types of its inputs and outputs follow from its declaration. */

import type { XmlElement } from "#protocols/soap/xml-element.ts";
import type { ParameterType, ParameterValue, ValueOf } from "#protocols/soap/parameter-types.ts";
import type { Method, MethodParameter } from "#schemas/schema.ts";
import type { Service, ServiceMethod } from "#schemas/service.ts";

import { methodNotDeclared } from "../errors.ts";
import type { SoapCall } from "./soap-call.ts";

/** What a method answers: the entity it was called on as it is now, where it has changed, and the outputs. */
export type SoapResult = { readonly entity?: XmlElement; readonly outputs: readonly ParameterValue[] };

export type SoapMethod = {
  readonly service: string;
  readonly declaration: ServiceMethod;
  run(call: SoapCall, inputs: readonly ParameterValue[]): Promise<SoapResult>;
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
type NameOf<S extends Service, Static extends boolean> = Extract<S["methods"][number], { isStatic: Static }>["name"];
export type Inputs<M extends Method> = Selected<M["parameters"], "in" | "inout">;
export type Outputs<M extends Method> = Selected<M["parameters"], "out" | "inout">;

/**
 * Pairs a static method that a service declares with what it does.
 * @param run takes the inputs in declared order, answers the outputs in declared order
 */
export function defineMethod<S extends Service, N extends NameOf<S, true>>(
  service: S,
  name: N,
  run: (call: SoapCall, ...inputs: Inputs<MethodNamed<S, N>>) => Promise<Outputs<MethodNamed<S, N>>>,
): SoapMethod {
  return {
    service: service.name,
    declaration: declarationOf(service, name),
    // The caller has read each input by the type that its declaration gives it.
    run: async (call, inputs) => ({ outputs: await run(call, ...(inputs as Inputs<MethodNamed<S, N>>)) }),
  };
}

/**
 * Pairs a method that is called on an entity with what it does.
 * @param run is handed the entity's document beside the inputs; answers the outputs, and the entity where it has changed
 */
export function defineEntityMethod<S extends Service, N extends NameOf<S, false>>(
  service: S,
  name: N,
  run: (
    call: SoapCall,
    document: XmlElement,
    ...inputs: Inputs<MethodNamed<S, N>>
  ) => Promise<{ readonly entity?: XmlElement; readonly outputs: Outputs<MethodNamed<S, N>> }>,
): SoapMethod {
  return {
    service: service.name,
    declaration: declarationOf(service, name),
    run: async (call, inputs) => run(call, call.document(), ...(inputs as Inputs<MethodNamed<S, N>>)),
  };
}

function declarationOf(service: Service, name: string): ServiceMethod {
  const declaration = service.methods.find((method) => method.name === name);
  if (declaration === undefined) throw methodNotDeclared({ service: service.name, method: name });
  return declaration;
}
