/** The place in a list where a page ended, as a client hands it back: signed, so that nothing else can be put into a query. */

import { isSignedBy, type Secrets, signText } from "#foundation/secrets.ts";

import { cursorInvalid } from "../errors.ts";
import { refuse } from "../refusal.ts";

/** The values of the order's expressions in the last row that was answered, as the database writes them. */
export type Position = readonly (string | null)[];

type Issuer = { readonly secrets: Secrets; readonly instance: string };

/** @param list names the list: entity, filter and order; a position of another one is refused */
export function writeCursor(issuer: Issuer, list: string, position: Position): string {
  const text = Buffer.from(JSON.stringify(position)).toString("base64url");
  return `${text}.${signText(keyOf(issuer), `${list}\n${text}`)}`;
}

/** @throws cursorInvalid */
export function readCursor(issuer: Issuer, list: string, cursor: string): Position {
  const [text = "", signature = ""] = cursor.split(".");
  if (!isSignedBy(keyOf(issuer), `${list}\n${text}`, signature)) throw refuse(cursorInvalid(), { status: 400 });
  return JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Position;
}

function keyOf({ secrets, instance }: Issuer): Buffer {
  return secrets.deriveKey("session", `${instance}|cursor`);
}
