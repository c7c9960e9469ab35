/** Uploaded files, as `uploadFile.jsp` and a row of xtk:fileRes leave them. */

import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { instanceFolder } from "#foundation/home.ts";
import type { Context } from "#foundation/module.ts";

/**
 * Puts a file on the disk of the instance and names it; one that is there already gets another content.
 * @returns its MD5
 */
export async function anUpload(
  { db, home, instance }: Pick<Context, "db" | "home" | "instance">,
  internalName: string,
  fileName: string,
  content: string,
): Promise<string> {
  const md5 = md5Of(content);
  const folder = instanceFolder(home, instance, "upload");
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${md5}.${fileName.split(".").at(-1) ?? ""}`), content);
  await db.run`
    insert into xtk_file_res (internal_name, file_name, md5) values (${internalName}, ${fileName}, ${md5.toUpperCase()})
    on conflict (internal_name) do update set file_name = excluded.file_name, md5 = excluded.md5`;
  return md5;
}

/** The MD5 of a text, in hexadecimal digits. */
export function md5Of(text: string): string {
  return createHash("md5").update(text).digest("hex");
}
