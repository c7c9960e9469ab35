/** The functions over numbers in memory, and those that need no choice of a kind. */

import { type FunctionModel, one, places } from "./function-model.ts";
import { type Around, cut, decimalOf, real, showDecimal, type Value, whole } from "./values.ts";

type Text = string | null;

/** `Abs` ... `Trunc`. */
export const numberModels: readonly FunctionModel[] = [
  { name: "Abs", takes: ["integer"], gives: "integer", of: ([x]: [bigint], around) => whole(x < 0n ? -x : x, around) },
  { name: "Abs", takes: ["double"], gives: "double", of: ([x]: [number]) => Math.abs(x) },
  { name: "Ceil", takes: ["integer"], gives: "integer", of: ([x]: [bigint]) => x },
  { name: "Ceil", takes: ["double"], gives: "double", of: ([x]: [number]) => Math.ceil(x) },
  { name: "Floor", takes: ["integer"], gives: "integer", of: ([x]: [bigint]) => x },
  { name: "Floor", takes: ["double"], gives: "double", of: ([x]: [number]) => Math.floor(x) },
  ...(["integer", "double", "date", "datetime"] as const).flatMap((kind): FunctionModel[] => [
    { name: "Greatest", takes: [kind, kind], gives: kind, isLenient: true, of: extreme((a, b) => a > b) },
    { name: "Least", takes: [kind, kind], gives: kind, isLenient: true, of: extreme((a, b) => a < b) },
  ]),
  {
    name: "Mod",
    takes: ["integer", "integer"],
    gives: "integer",
    of: ([x, y]: [bigint, bigint]) => (y === 0n ? null : x % y),
  },
  {
    name: "Percent",
    takes: ["double", "double"],
    gives: "double",
    of: ([x, y]: [number, number], around) => {
      const ratio = y === 0 ? null : real(x / y, around, x === 0);
      return ratio === null ? null : real(ratio * 100, around);
    },
  },
  ...(["Round", "Trunc"] as const).flatMap((name): FunctionModel[] => [
    {
      name,
      takes: ["double", "integer"],
      gives: "double",
      of: ([x, decimals]: [number, bigint], around) =>
        real(Number(showDecimal(cut(decimalOf(x, around), places(decimals), name === "Round"))), around),
    },
    {
      name,
      takes: ["integer", "integer"],
      gives: "integer",
      of: ([x, decimals]: [bigint, bigint], around) => {
        const kept = cut({ digits: x, scale: 0 }, Math.min(places(decimals), 0), name === "Round");
        return whole(kept.digits, around);
      },
    },
    { name, takes: ["integer"], gives: "integer", of: ([x]: [bigint]) => x },
  ]),
  { name: "Sign", takes: ["integer"], gives: "integer", of: ([x]: [bigint]) => (x > 0n ? 1n : x < 0n ? -1n : 0n) },
  { name: "Sign", takes: ["double"], gives: "integer", of: ([x]: [number]) => BigInt(Math.sign(x)) },
  { name: "ToDouble", takes: ["integer"], gives: "double", of: ([x]: [bigint]) => Number(x) },
  { name: "ToDouble", takes: ["text"], gives: "double", of: ([text]: [string]) => readNumber(text) },
  { name: "ToInteger", takes: ["double"], gives: "integer", of: ([x]: [number], around) => truncated(x, around) },
  { name: "ToInt64", takes: ["double"], gives: "integer", of: ([x]: [number], around) => truncated(x, around) },
  {
    name: "ToInteger",
    takes: ["text"],
    gives: "integer",
    of: ([text]: [string], around) => {
      const number = readNumber(text);
      if (number === null) return null;
      return Math.abs(number) < 1e15 ? BigInt(Math.trunc(number)) : overflow(around);
    },
  },
];

function extreme(isBetter: (a: Value, b: Value) => boolean): FunctionModel["of"] {
  return (values: (Value | null)[]) => {
    const [a = null, b = null] = values;
    if (a === null || b === null) return a ?? b;
    return isBetter(b, a) ? b : a;
  };
}

function truncated(value: number, around: Around): bigint | null {
  return whole(BigInt(Math.trunc(value)), around);
}

function overflow(around: Around): null {
  around.hasOverflow = true;
  return null;
}

function readNumber(text: string): number | null {
  return /^ *[+-]?\d{1,30}(\.\d{0,30})?([eE][+-]?\d{1,2})? *$/.test(text) ? Number(text) : null;
}

/** `ClearBit` ... `ToBoolean`. */
export const otherModels: readonly FunctionModel[] = [
  { name: "ClearBit", takes: ["integer", "integer"], gives: "integer", of: ([x, flag]: [bigint, bigint]) => x & ~flag },
  { name: "SetBit", takes: ["integer", "integer"], gives: "integer", of: ([x, flag]: [bigint, bigint]) => x | flag },
  {
    name: "IsBitSet",
    takes: ["integer", "integer"],
    gives: "boolean",
    of: ([x, flag]: [bigint, bigint]) => (x & flag) === flag,
  },
  one("GetEmailDomain", "text", (text) => (text.split("@")[1] ?? "").toLowerCase()),
  { name: "NoNull", takes: ["text"], gives: "text", isLenient: true, of: ([x]: [Text]) => x ?? "" },
  { name: "NoNull", takes: ["integer"], gives: "integer", isLenient: true, of: ([x]: [bigint | null]) => x ?? 0n },
  { name: "NoNull", takes: ["double"], gives: "double", isLenient: true, of: ([x]: [number | null]) => x ?? 0 },
  { name: "NoNull", takes: ["boolean"], gives: "boolean", isLenient: true, of: ([x]: [boolean | null]) => x ?? false },
  { name: "ToBoolean", takes: ["integer"], gives: "boolean", of: ([x]: [bigint]) => x !== 0n },
  { name: "ToBoolean", takes: ["double"], gives: "boolean", of: ([x]: [number]) => x !== 0 },
];
