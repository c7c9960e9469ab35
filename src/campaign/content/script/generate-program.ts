/** Writes the program that renders the parts of a delivery which hold scripts. */

import { createHash } from "node:crypto";

import type { AttributeType } from "#schemas/schema.ts";

import type { CompiledScript, ProgramLine } from "./compiled-script.ts";
import { calendarNames, programPrelude } from "./program-prelude.ts";
import type { ScriptCode } from "./script-code.ts";
import type { ScriptStep } from "./split-script.ts";

/** A field of the recipient that scripts read. */
export type ScriptField = {
  /** Its name in scripts, such as `location.city`. */
  readonly path: string;
  readonly column: string;
  readonly type: AttributeType;
};

export type ScriptPart = { readonly name: string; readonly steps: readonly ScriptStep[] };

export type ProgramDraft = {
  readonly parts: readonly ScriptPart[];
  readonly fields: readonly ScriptField[];
  /** What scripts find as `delivery`. */
  readonly delivery: Readonly<Record<string, unknown>>;
  /** Of the names of months and days. */
  readonly language: string;
};

/**
 * Generates the program. Each part is a function; what it does between an author's pieces of code is to note which constant comes next,
 * so that only what differs leaves the sandbox.
 */
export function generateProgram({
  parts,
  fields,
  delivery,
  language,
}: ProgramDraft): Pick<CompiledScript, "program" | "lines"> {
  const lines: (ProgramLine | undefined)[] = [];
  const text: string[] = [];
  /** @param origin the author's code that the lines serve */
  const own = (source: string, origin?: ProgramLine): void => {
    for (const line of source.split("\n")) {
      text.push(line);
      lines.push(origin);
    }
  };
  const authors = (part: string, { code, place }: ScriptCode): void => {
    for (const [index, line] of code.split(/\r\n|[\r\n\u2028\u2029]/).entries()) {
      text.push(line);
      lines.push({
        part,
        place: { ...place, line: place.line + index, column: index === 0 ? place.column : 1 },
        isOwn: false,
      });
    }
  };

  own("(() => {");
  own(programPrelude(calendarNames(language)));
  own(`const $$delivery = Object.freeze(${scriptJson(delivery)});`);
  own("const $$parts = [");
  for (const { name, steps } of parts) {
    own("function ($$out, recipient, message, delivery) {");
    for (const step of steps) {
      if (step.kind === "code") {
        // An endless loop may name no line of its own: the piece that it stands in is noted. Nothing may stand before `else` or `case`.
        if (!/^\s*(?:else|case|default|catch|finally)\b/.test(step.code.code)) own(`;$$main.at = ${lines.length + 2};`);
        authors(name, step.code);
        own(";");
        continue;
      }
      own(`;$$out.push(${step.entry}`);
      for (const value of step.values) {
        const origin: ProgramLine = { part: name, place: value.place, isOwn: true };
        own(", $$text((", origin);
        authors(name, value);
        own("))", origin);
      }
      own(");");
    }
    own("},");
  }
  own("];");
  own(main(fields));
  own("})()");
  const source = text.join("\n");
  return { program: { key: createHash("sha256").update(source).digest("hex"), source }, lines };
}

/** Variables that a script left on the global object would else be there for the next recipient. */
function main(fields: readonly ScriptField[]): string {
  return `const $$main = ($$json) => {
  const { f: $$f, m: $$m } = $$parse($$json);
  const recipient = ${recipientLiteral(fields)};
  const message = { id: $$m[0], mimeMessageId: $$m[1], deliveryId: $$delivery.id, delivery: $$delivery };
  const $$all = [];
  try {
    for (let $$n = 0; $$n < $$parts.length; $$n += 1) {
      const $$out = [];
      $$parts[$$n]($$out, recipient, message, $$delivery);
      $$all.push($$out);
    }
    return $$stringify($$all);
  } finally {
    for (const $$name in globalThis) delete globalThis[$$name];
  }
};
$$main.at = 0;
return $$main;`;
}

type Branch = Map<string, Branch | string>;

/** The recipient as an object literal, `location.city` as an object within. */
function recipientLiteral(fields: readonly ScriptField[]): string {
  const root: Branch = new Map();
  for (const [index, { path, type }] of fields.entries()) {
    const names = path.split(".");
    let branch = root;
    for (const name of names.slice(0, -1)) {
      const next = branch.get(name);
      const inner: Branch = next instanceof Map ? next : new Map();
      branch.set(name, inner);
      branch = inner;
    }
    branch.set(names.at(-1) ?? path, `${conversions[type]}($$f[${index}])`);
  }
  return literal(root);
}

function literal(branch: Branch): string {
  const entries = [...branch].map(
    ([name, value]) => `${JSON.stringify(name)}: ${typeof value === "string" ? value : literal(value)}`,
  );
  return `{ ${entries.join(", ")} }`;
}

/** Functions of the prelude that make values of what the database answers as text. */
const conversions: { readonly [T in AttributeType]: string } = {
  boolean: "$$boolean",
  byte: "$$number",
  short: "$$number",
  long: "$$number",
  int64: "$$number",
  double: "$$number",
  timespan: "$$number",
  date: "$$date",
  datetime: "$$moment",
  string: "$$string",
  memo: "$$string",
  time: "$$string",
  uuid: "$$string",
  blob: "$$string",
  json: "$$string",
  xml: "$$string",
};

/** JSON that is one line of a script. */
function scriptJson(value: unknown): string {
  return JSON.stringify(value).replace(/[\u2028\u2029]/g, (character) => `\\u${character.charCodeAt(0).toString(16)}`);
}
