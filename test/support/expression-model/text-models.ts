/** The functions over texts in memory. */

import { createHash } from "node:crypto";

import { dayOfClock, toClock } from "./clocks.ts";
import { clip, type FunctionModel, one, places, showDay } from "./function-model.ts";
import { characters, cut, decimalOf, showDecimal } from "./values.ts";

type Text = string | null;

/** `AllNonNull2` ... `Upper`. */
export const textModels: readonly FunctionModel[] = [
  {
    name: "AllNonNull2",
    takes: ["text", "text"],
    gives: "boolean",
    isLenient: true,
    of: (values: Text[]) => values.every(Boolean),
  },
  {
    name: "AllNonNull3",
    takes: ["text", "text", "text"],
    gives: "boolean",
    isLenient: true,
    of: (values: Text[]) => values.every(Boolean),
  },
  one("Ascii", "integer", (text) => BigInt(text.codePointAt(0) ?? 0)),
  {
    name: "Char",
    takes: ["integer"],
    gives: "text",
    of: ([code]: [bigint]) =>
      code < 1n || code > 0x10ffffn || (code >= 0xd800n && code <= 0xdfffn) ? null : String.fromCodePoint(Number(code)),
  },
  {
    name: "Charindex",
    takes: ["text", "text"],
    gives: "integer",
    of: ([text, part]: [string, string]) => {
      const at = text.indexOf(part);
      return at < 0 ? 0n : BigInt(characters(text.slice(0, at)).length + 1);
    },
  },
  one("dataLength", "integer", (text) => BigInt(Buffer.byteLength(text))),
  {
    name: "GetLine",
    takes: ["text", "integer"],
    gives: "text",
    of: ([text, number]: [string, bigint]) =>
      number < 1n ? null : (text.replaceAll("\r\n", "\n").split("\n")[clip(number) - 1] ?? ""),
  },
  { name: "IsMemoNull", takes: ["text"], gives: "boolean", isLenient: true, of: ([text]: [Text]) => !text },
  {
    name: "JuxtWords",
    takes: ["text", "text"],
    gives: "text",
    isLenient: true,
    of: (values: Text[]) => values.filter(Boolean).join(" "),
  },
  {
    name: "JuxtWords3",
    takes: ["text", "text", "text"],
    gives: "text",
    isLenient: true,
    of: (values: Text[]) => values.filter(Boolean).join(" "),
  },
  {
    name: "Left",
    takes: ["text", "integer"],
    gives: "text",
    of: ([text, count]: [string, bigint]) => characters(text).slice(0, clip(count)).join(""),
  },
  {
    name: "Right",
    takes: ["text", "integer"],
    gives: "text",
    of: ([text, count]: [string, bigint]) => (clip(count) === 0 ? "" : characters(text).slice(-clip(count)).join("")),
  },
  one("Length", "integer", (text) => BigInt(characters(text).length)),
  one("Lower", "text", (text) => text.toLowerCase()),
  one("uPPER", "text", (text) => text.toUpperCase()),
  { name: "LPad", takes: ["text", "integer", "text"], gives: "text", of: pad((text, filling) => filling + text) },
  { name: "RPad", takes: ["text", "integer", "text"], gives: "text", of: pad((text, filling) => text + filling) },
  one("Ltrim", "text", (text) => text.replace(/^ +/, "")),
  one("Rtrim", "text", (text) => text.replace(/ +$/, "")),
  one("Md5Digest", "text", (text) => createHash("md5").update(text).digest("hex")),
  {
    name: "MemoContains",
    takes: ["text", "text"],
    gives: "boolean",
    of: ([memo, text]: [string, string]) => memo.includes(text),
  },
  one("Smart", "text", (text) =>
    text.replace(/[\p{Alphabetic}\p{Nd}]+/gu, (word) => {
      const [first = "", ...rest] = characters(word);
      return first.toUpperCase() + rest.join("").toLowerCase();
    }),
  ),
  {
    name: "Substring",
    takes: ["text", "integer", "integer"],
    gives: "text",
    of: ([text, from, count]: [string, bigint, bigint]) =>
      characters(text)
        .slice(Math.max(clip(from), 1) - 1)
        .slice(0, clip(count))
        .join(""),
  },
  one("ToString", "text", (text) => text),
  { name: "ToString", takes: ["integer"], gives: "text", of: ([value]: [bigint]) => String(value) },
  { name: "ToString", takes: ["boolean"], gives: "text", of: ([value]: [boolean]) => (value ? "1" : "0") },
  {
    name: "ToString",
    takes: ["double"],
    gives: "text",
    of: ([value]: [number], around) => showDecimal(decimalOf(value, around)),
  },
  { name: "ToString", takes: ["date"], gives: "text", of: ([day]: [number], around) => showDay(day, around) },
  {
    name: "ToString",
    takes: ["datetime"],
    gives: "text",
    of: ([ms]: [number], around) => {
      const clock = toClock(ms, around.timezone);
      const day = showDay(dayOfClock(clock), around);
      return day && `${day} ${new Date(clock).toISOString().slice(-13, -5)}`;
    },
  },
  {
    name: "ToString",
    takes: ["double", "integer"],
    gives: "text",
    of: ([value, decimals]: [number, bigint], around) =>
      showDecimal(cut(decimalOf(value, around), places(decimals), true)),
  },
  {
    name: "ToString",
    takes: ["integer", "integer"],
    gives: "text",
    of: ([value, decimals]: [bigint, bigint]) => showDecimal(cut({ digits: value, scale: 0 }, places(decimals), true)),
  },
];

function pad(join: (text: string, filling: string) => string): FunctionModel["of"] {
  return ([text, length, filler]: [string, bigint, string]) => {
    if (length > 10_000n) return null;
    const [kept, wanted] = [characters(text), clip(length)];
    if (kept.length >= wanted || filler === "") return kept.slice(0, wanted).join("");
    const missing = wanted - kept.length;
    const fillers = characters(filler);
    return join(text, Array.from({ length: missing }, (_, index) => fillers[index % fillers.length]).join(""));
  };
}
