/** `postrider config -internalpassword:[old/new]`: sets the password of the account `internal`, which is in no database. */

import { hashPassword, isPasswordRight } from "#campaign/access/hash-password.ts";
import { parsePassword } from "#campaign/access/password.ts";
import { internalAccountSettings } from "#foundation/common-settings.ts";
import type { Home } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { readSettings } from "#foundation/settings.ts";
import { allSections } from "#modules/roster.ts";

import { askForSecret } from "./ask.ts";
import { invalidArgument, wrongPassword } from "./errors.ts";
import { writeSettings } from "./single-settings.ts";

const account = "internal";
const form =
  "-internalpassword:OLD/NEW, with nothing before the slash the first time; or -internalpassword alone, which asks";

/**
 * Stores the hash of the new password in the host's settings.
 * @param text `old/new`; empty = both are asked for
 * @throws wrongPassword, passwordRefused, invalidArgument
 */
export async function setInternalPassword(home: Home, text: string): Promise<string> {
  const { settings } = readSettings({
    home,
    sections: allSections,
    environment: process.env,
    secrets: loadSecrets(home),
  });
  const { internalPassword } = settings.of(internalAccountSettings);
  const { old, wanted } = text === "" ? await ask(internalPassword !== "") : split(text);
  if (internalPassword !== "" && !(await isPasswordRight(old, internalPassword))) throw wrongPassword();
  const hash = await hashPassword(parsePassword(wanted, account));
  const file = writeSettings(home, undefined, { "authentication.xtk.internalPassword": hash });
  return `The password of ${account} is set in ${file}; postrider config -reload brings it to the running modules`;
}

function split(text: string): { old: string; wanted: string } {
  const slash = text.indexOf("/");
  if (slash < 0) throw invalidArgument({ argument: "-internalpassword", form });
  return { old: text.slice(0, slash), wanted: text.slice(slash + 1) };
}

async function ask(isSet: boolean): Promise<{ old: string; wanted: string }> {
  const old = isSet ? await askForSecret(`Old password of ${account}: `) : "";
  return { old, wanted: await askForSecret(`New password of ${account}: `) };
}
