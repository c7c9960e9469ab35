/** Functions that choose, combine and ask. */

import { type SqlFragment, sql } from "#foundation/sql.ts";

import { folder } from "#schemas/folder.ts";
import { installedPackage } from "#schemas/package.ts";

import { unify } from "../kinds.ts";
import type { Kind, Typed } from "../typed.ts";

import { at, type FunctionDeclaration, type RefusedFunction, takes, takesAlike } from "./define-function.ts";
import { choose, chooseIfEqual } from "./texts.ts";

export const others: readonly FunctionDeclaration[] = [
  {
    name: "Case",
    usage: "Case(When(condition, value), ..., Else(value))",
    family: "other",
    answers: "The value of the first condition that holds, else that of Else, or null without one.",
    check: checkCase,
    toSql: (operands) => sql`case ${sql.join(operands, sql` `)} end`,
  },
  {
    name: "When",
    usage: "When(condition, value)",
    family: "other",
    answers: "One case of Case.",
    within: ["Case"],
    check: (operands) => branch(operands, ["boolean"]),
    toSql: (operands) => sql`when ${at(operands, 0)} then ${at(operands, 1)}`,
  },
  {
    name: "Else",
    usage: "Else(value)",
    family: "other",
    answers: "What Case answers when no condition holds.",
    within: ["Case"],
    check: (operands) => branch(operands, []),
    toSql: (operands) => sql`else ${at(operands, 0)}`,
  },
  {
    name: "ClearBit",
    usage: "ClearBit(number, flag)",
    family: "other",
    answers: "The number without the bits of the flag.",
    check: takes(["integer", "integer"], "integer"),
    toSql: (operands) => sql`(${at(operands, 0)} & ~ (${at(operands, 1)}))`,
  },
  {
    name: "Coalesce",
    usage: "Coalesce(value, otherwise)",
    family: "other",
    answers: "The value, or the other one when it is null, 0 or an empty text.",
    check: takesAlike([], 2),
    // Classic's numbers and texts are never null but 0 and empty.
    toSql: (operands, kinds) => {
      const [value, otherwise] = [at(operands, 0), at(operands, 1)];
      const nothing = nothingOf(kinds[0]);
      return nothing === undefined
        ? sql`coalesce(${value}, ${otherwise})`
        : sql`coalesce(nullif(${value}, ${nothing}), ${otherwise})`;
    },
  },
  {
    name: "Decode",
    usage: "Decode(value, compared, result, otherwise)",
    family: "other",
    answers: "The third when the first two are equal (compared as by =), else the fourth.",
    check: chooseIfEqual,
    toSql: choose,
  },
  {
    name: "DefaultFolder",
    usage: "DefaultFolder(model)",
    family: "other",
    answers: "The key of the first folder of a model such as 'nmsRecipient'; 0 when there is none.",
    check: takes(["text"], "integer"),
    toSql: (operands) => {
      const { id, model, isView } = folder.attributes;
      return sql`coalesce((select min(${sql.id("f", id.column)}) from ${sql.table(folder.table)} as f
        where ${sql.id("f", model.column)} = ${at(operands, 0)} and not ${sql.id("f", isView.column)}), 0)`;
    },
  },
  {
    name: "GetEmailDomain",
    usage: "GetEmailDomain(address)",
    family: "other",
    answers: "The domain of an e-mail address, in lower case; empty when there is none.",
    check: takes(["text"], "text"),
    toSql: (operands) => sql`lower(split_part(${at(operands, 0)}, '@', 2))`,
  },
  {
    name: "hasNamedRight",
    usage: "hasNamedRight('right')",
    family: "other",
    answers: "True when the operator who asks holds the named right, or admin.",
    check: (operands) => (rightOf(operands[0]) === undefined ? undefined : takes(["text"], "boolean")(operands)),
    toSql: (_, __, { hasRight }, typed) => sql`${hasRight?.(rightOf(typed[0]) ?? "") ?? true}::boolean`,
  },
  {
    name: "HasPackage",
    usage: "HasPackage(name)",
    family: "other",
    answers: "True when a package such as 'cus:offers' was installed, as xtk:package lists them.",
    check: takes(["text"], "boolean"),
    toSql: (operands) => {
      const { namespace, name } = installedPackage.attributes;
      return sql`exists (select from ${sql.table(installedPackage.table)} as p
        where ${sql.id("p", namespace.column)} || ':' || ${sql.id("p", name.column)} = ${at(operands, 0)})`;
    },
  },
  {
    name: "Iif",
    usage: "Iif(condition, value, otherwise)",
    family: "other",
    answers: "The value when the condition holds, else the other one.",
    check: takesAlike(["boolean"], 2),
    toSql: choose,
  },
  {
    name: "IsBitSet",
    usage: "IsBitSet(number, flag)",
    family: "other",
    answers: "True when the number has all bits of the flag.",
    check: takes(["integer", "integer"], "boolean"),
    toSql: (operands) => sql`((${at(operands, 0)} & ${at(operands, 1)}) = ${at(operands, 1)})`,
  },
  {
    name: "IsEmptyString",
    usage: "IsEmptyString(text, value, otherwise)",
    family: "other",
    answers: "The value when the text is null or empty, else the other one.",
    check: takesAlike(["memo"], 2),
    toSql: (operands) =>
      sql`case when coalesce(${at(operands, 0)}, '') = '' then ${at(operands, 1)} else ${at(operands, 2)} end`,
  },
  {
    name: "NoNull",
    usage: "NoNull(value)",
    family: "other",
    answers: "The value; for null an empty text, 0 or false.",
    check: (operands) => (nothingOf(operands[0]?.kind) === undefined ? undefined : takes(["value"], "same")(operands)),
    toSql: (operands, kinds) => sql`coalesce(${at(operands, 0)}, ${nothingOf(kinds[0])})`,
  },
  {
    name: "SetBit",
    usage: "SetBit(number, flag)",
    family: "other",
    answers: "The number with the bits of the flag.",
    check: takes(["integer", "integer"], "integer"),
    toSql: (operands) => sql`(${at(operands, 0)} | ${at(operands, 1)})`,
  },
  {
    name: "ToBoolean",
    usage: "ToBoolean(number)",
    family: "other",
    answers: "False for 0, true for any other number.",
    check: takes(["number"], "boolean"),
    toSql: (operands) => sql`(${at(operands, 0)} <> 0)`,
  },
];

export const refusedOthers: readonly RefusedFunction[] = [
  {
    name: "CounterValue",
    usage: "CounterValue(name)",
    family: "other",
    refused: "It takes the next number of a counter, and reading must not change data; call xtk:counter#IncreaseValue",
  },
  {
    name: "GetMirrorURL",
    usage: "GetMirrorURL(value)",
    family: "other",
    refused:
      "The address of a mirror page is signed for its message when the message is made, and stands nowhere in the database",
  },
];

type Operands = Parameters<FunctionDeclaration["check"]>[0];
type Result = ReturnType<FunctionDeclaration["check"]>;

function branch(operands: Operands, before: readonly "boolean"[]): Result {
  const value = operands[before.length];
  if (value === undefined || operands.length !== before.length + 1) return undefined;
  const checked = takes([...before, "value"], value.kind)(operands);
  return checked;
}

/** What stands for nothing where there is no null; undefined for kinds that have only null. */
function nothingOf(kind: Kind | undefined): SqlFragment | undefined {
  if (kind === "text") return sql`''`;
  if (kind === "boolean") return sql`false`;
  return kind === "integer" || kind === "double" ? sql`0` : undefined;
}

/** The values of all cases are brought to one kind. */
function checkCase(operands: Operands): Result {
  const branches = operands.map((operand) => (operand.node === "call" ? operand : undefined));
  const names = branches.map((call) => call?.declaration.name);
  const last = names.length - 1;
  const isRight = names.every((name, index) => name === "When" || (name === "Else" && index === last && index > 0));
  const unified = unify(branches.flatMap((call) => call?.operands.at(-1) ?? []));
  if (last < 0 || !isRight || unified === undefined) return undefined;
  return {
    kind: unified.kind,
    operands: branches.flatMap((call, index) => (call === undefined ? [] : withValue(call, unified.values[index]))),
  };
}

function withValue(call: Typed & { node: "call" }, value: Typed | undefined): Typed {
  if (value === undefined) return call;
  return { ...call, kind: value.kind, operands: [...call.operands.slice(0, -1), value] };
}

/** The right must be written out: which rows are seen must not hang on the data. */
function rightOf(operand: Typed | undefined): string | undefined {
  return operand?.node === "constant" && operand.constant.kind === "text" ? operand.constant.value : undefined;
}
