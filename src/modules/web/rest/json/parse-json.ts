/**
 * Reads JSON from strangers: within limits of depth and size, each name once in an object, no number that would lose digits.
 * `JSON.parse` knows none of these limits, and of a name that comes twice it silently takes the last.
 */

import { bodyTooLarge, jsonUnreadable } from "../errors.ts";
import { refuse } from "../refusal.ts";
import type { Json, JsonObject } from "./json.ts";

export type JsonLimits = {
  readonly maxDepth: number;
  /** Most items of one list. */
  readonly maxItems: number;
  /** Most members of one object. */
  readonly maxMembers: number;
};

export const jsonLimits: JsonLimits = { maxDepth: 20, maxItems: 10_000, maxMembers: 1_000 };

const space = /[ \t\n\r]*/y;
// eslint-disable-next-line no-control-regex -- these are the characters that JSON excludes
const control = /[\u0000-\u001f]/;
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const word = /true|false|null/y;

/**
 * Reads one document.
 * @throws jsonUnreadable, bodyTooLarge
 */
export function parseJson(source: string, limits: JsonLimits = jsonLimits): Json {
  const reader = new Reader(source, limits);
  const value = reader.readValue(0);
  reader.skipSpace();
  if (reader.at < source.length) throw reader.fail("there is something after its end");
  return value;
}

class Reader {
  at = 0;
  readonly source: string;
  readonly limits: JsonLimits;

  constructor(source: string, limits: JsonLimits) {
    this.source = source;
    this.limits = limits;
  }

  readValue(depth: number): Json {
    this.skipSpace();
    const first = this.source[this.at];
    if (first === "{") return this.readObject(depth + 1);
    if (first === "[") return this.readList(depth + 1);
    if (first === '"') return this.readText();
    const found = this.take(word);
    if (found !== undefined) return found === "null" ? null : found === "true";
    return this.readNumber();
  }

  readObject(depth: number): JsonObject {
    this.enter(depth);
    const members = new Map<string, Json>();
    while (!this.takeCharacter("}")) {
      if (members.size > 0 && !this.takeCharacter(",")) throw this.fail("a comma or } is missing");
      this.skipSpace();
      const start = this.at;
      const name = this.readText();
      if (members.has(name)) throw this.fail(`the name ${JSON.stringify(name.slice(0, 100))} comes twice`, start);
      if (!this.takeCharacter(":")) throw this.fail("a colon is missing");
      members.set(name, this.readValue(depth));
      if (members.size > this.limits.maxMembers)
        throw tooLarge(`an object has more than ${this.limits.maxMembers} members`);
    }
    return members;
  }

  readList(depth: number): Json[] {
    this.enter(depth);
    const items: Json[] = [];
    while (!this.takeCharacter("]")) {
      if (items.length > 0 && !this.takeCharacter(",")) throw this.fail("a comma or ] is missing");
      items.push(this.readValue(depth));
      if (items.length > this.limits.maxItems) throw tooLarge(`a list has more than ${this.limits.maxItems} items`);
    }
    return items;
  }

  readText(): string {
    const start = this.at;
    if (this.source[start] !== '"') throw this.fail("a text in double quotes was expected");
    this.at = endOfText(this.source, start + 1) + 1;
    if (this.at === 0) throw this.fail("a text is not closed", start);
    const value = unescape(this.source.slice(start, this.at));
    if (value === undefined) throw this.fail("a text holds a control character or an escape that means nothing", start);
    if (!value.isWellFormed()) throw this.fail("a text holds half a character (a lone surrogate)", start);
    if (value.includes("\0")) throw this.fail("a text holds a NUL character", start);
    return value;
  }

  readNumber(): number {
    const start = this.at;
    const found = this.take(number);
    if (found === undefined) throw this.fail(start < this.source.length ? "a value was expected" : "it ends too early");
    const value = Number(found);
    const isWhole = !/[.eE]/.test(found);
    if (!Number.isFinite(value) || (isWhole && !Number.isSafeInteger(value)))
      throw this.fail(`the number ${found.slice(0, 40)} is too large`, start);
    return value === 0 ? 0 : value;
  }

  skipSpace(): void {
    this.take(space);
  }

  fail(problem: string, at = this.at): Error {
    return refuse(jsonUnreadable({ problem, at }), { status: 400 });
  }

  private enter(depth: number): void {
    this.at += 1;
    if (depth > this.limits.maxDepth) throw this.fail(`it is nested more than ${this.limits.maxDepth} deep`);
  }

  private takeCharacter(character: string): boolean {
    this.skipSpace();
    if (this.source[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }
}

/** The place of the quote that ends a text, or -1. No pattern is used: one would run out of stack on a very long text. */
function endOfText(source: string, from: number): number {
  for (let end = source.indexOf('"', from); end >= 0; end = source.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (end - backslashes > from && source[end - backslashes - 1] === "\\") backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

function unescape(quoted: string): string | undefined {
  if (control.test(quoted)) return undefined;
  if (!quoted.includes("\\")) return quoted.slice(1, -1);
  try {
    return JSON.parse(quoted) as string;
  } catch {
    return undefined;
  }
}

function tooLarge(limit: string): Error {
  return refuse(bodyTooLarge({ limit }), { status: 413 });
}
