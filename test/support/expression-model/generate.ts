/** Random expressions of every kind, each with what it is worth in memory. */

import fc from "fast-check";

import { chain } from "./chains.ts";
import { choices } from "./choices.ts";
import { conditions } from "./conditions.ts";
import type { FunctionModel } from "./function-model.ts";
import { functionModels } from "./functions.ts";
import {
  clockOf,
  days,
  literal,
  momentLiterals,
  parenthesized,
  quote,
  readable,
  seconds,
  showWrittenDay,
  shown,
  smallNumbers,
  spaced,
  timezones,
  words,
} from "./literals.ts";
import { type ValueKind, whole } from "./values.ts";
import { equal, lenient, strict, type Tie, type Written } from "./written.ts";

type Arbitraries = { [K in ValueKind]: fc.Arbitrary<Written<K>> };

/** Random expressions over attributes. */
export function expressionsOver(attributes: readonly Written[]): Arbitraries {
  return fc.letrec<{ [K in ValueKind]: Written<K> }>((tie) => {
    const of = tie as Tie;
    const kind = <K extends ValueKind>(
      name: K,
      literals: fc.Arbitrary<Written<K>>,
      more: readonly fc.Arbitrary<Written<K>>[] = [],
    ): fc.Arbitrary<Written<K>> => {
      const known = attributes.filter((attribute): attribute is Written<K> => attribute.kind === name);
      const calls = functionModels.filter(({ gives }) => gives === name).map((model) => callOf(model, of));
      return fc.oneof(
        { maxDepth: 3, depthIdentifier: "expression", withCrossShrink: true },
        { weight: 30, arbitrary: known.length === 0 ? literals : fc.oneof(fc.constantFrom(...known), literals) },
        ...[...calls, ...choices(name, of), ...more].map((arbitrary) => ({
          weight: calls.includes(arbitrary as never) ? 1 : 3,
          arbitrary: arbitrary as fc.Arbitrary<Written<K>>,
        })),
      );
    };
    return {
      text: kind(
        "text",
        fc.oneof(words, words, readable).map((word) => literal("text", quote(word), word)),
        [
          fc
            .tuple(of("text"), of("text"))
            .map(([a, b]) => strict("text", `(${a.text} + ${b.text})`, [a, b], ([x, y]: [string, string]) => x + y)),
        ],
      ),
      integer: kind(
        "integer",
        fc.oneof(smallNumbers, seconds).map((value) => literal("integer", String(value), value)),
        [
          chain(of, false).map(parenthesized),
          of("integer").map((x) =>
            strict("integer", `(-${spaced(x)})`, [x], ([value]: [bigint], around) => whole(-value, around)),
          ),
          fc
            .tuple(of("integer"), of("text"), of("text"))
            .map(([key, a, b]) =>
              lenient(
                "integer",
                `VirtualLink(${key.text}, ${a.text}, ${b.text})`,
                [key, equal(a, b)],
                ([value, held]) => (held === true ? (value as bigint | null) : 0n),
              ),
            ),
        ],
      ),
      double: kind(
        "double",
        fc.constantFrom(0.5, -2.25, 0.1, 2.675, 1e15, 123_456.789, 1e-7).map((x) => literal("double", shown(x), x)),
        [chain(of, true).map(parenthesized)],
      ),
      boolean: kind(
        "boolean",
        fc.boolean().map((value) => literal("boolean", value ? "TRUE" : "false", value)),
        conditions(of),
      ),
      date: kind(
        "date",
        days.map((day) => literal("date", `#${showWrittenDay(day)}#`, day)),
      ),
      datetime: kind("datetime", momentLiterals(), [truncatedInZone(of)]),
      time: kind(
        "time",
        fc.integer({ min: 0, max: 86_399 }).map((second) => literal("time", `#${clockOf(second)}#`, second * 1000)),
      ),
    };
  });
}

/** The clock of another time zone than the query's. */
function truncatedInZone(of: Tie): fc.Arbitrary<Written<"datetime">> {
  const truncate = functionModels.find(({ name }) => name === "TruncDate");
  return fc.tuple(of("datetime"), seconds, fc.constantFrom(...timezones)).map(([moment, precision, timezone]) =>
    strict("datetime", `TruncDateTZ(${moment.text}, ${precision}, '${timezone}')`, [moment], ([ms], around) => {
      const there = { ...around, timezone };
      return (truncate?.of([ms ?? null, precision], there) ?? null) as number | null;
    }),
  );
}

function callOf(model: FunctionModel, of: Tie): fc.Arbitrary<Written> {
  const operands = model.takes.map((kind, index) =>
    // A precision is a number of seconds that makes sense somewhere.
    model.name.startsWith("Trunc") && kind === "integer" && index === 1 && model.gives !== "double"
      ? fc.oneof(
          seconds.map((value) => literal("integer", String(value), value)),
          of("integer"),
        )
      : of(kind),
  );
  return fc.tuple(...operands).map((values): Written => {
    const text = `${model.name}(${values.map((value) => value.text).join(", ")})`;
    const build = model.isLenient === true ? lenient : strict;
    return build(model.gives, text, values, model.of as () => never);
  });
}
