/** `postrider config`: reads and writes the settings, instances and databases. */

import { command } from "#channels/control/control.ts";
import { type Home, listInstances, locateHome, parseInstanceName, prepareHome } from "#foundation/home.ts";
import { unknownInstance } from "#foundation/home-errors.ts";

import { addInstance } from "./add-instance.ts";
import { invalidArgument } from "./errors.ts";
import type { Arguments } from "./parse-arguments.ts";
import { listChangedSettings, showSetting, writeSetting } from "./single-settings.ts";
import type { VerbRun } from "./verb.ts";

/** Does what the flags say, one after another; without any it lists the settings that differ from their defaults. */
export const config: VerbRun = async ({ words, flags }) => {
  const home = locateHome(process.env);
  prepareHome(home);
  const instance = chooseInstance(home, flags);
  const assignments = [
    ...(typeof flags["set"] === "string" ? [flags["set"]] : []),
    ...words.filter((word) => word.includes("=")),
  ];
  const names = words.filter((word) => !word.includes("="));

  if (flags["addinstance"] !== undefined)
    print(addInstance(home, readValue(flags, "addinstance", "-addinstance:NAME/MASKS[/LANG]")));
  if (flags["setdblogin"] !== undefined) {
    const { setDatabaseLogin } = await import("./set-database-login.ts");
    print(
      await setDatabaseLogin(
        home,
        instance,
        readValue(flags, "setdblogin", "-setdblogin:[dbms:]account[:db][/password]@server"),
      ),
    );
  }
  if (flags["internalpassword"] !== undefined) {
    const { setInternalPassword } = await import("./set-internal-password.ts");
    print(
      await setInternalPassword(home, typeof flags["internalpassword"] === "string" ? flags["internalpassword"] : ""),
    );
  }
  if (flags["operatorpassword"] !== undefined) {
    const { setPassword } = await import("./set-operator-password.ts");
    print(
      await setPassword(home, instance, typeof flags["operatorpassword"] === "string" ? flags["operatorpassword"] : ""),
    );
  }
  for (const assignment of assignments) print(writeSetting(home, instance, assignment));
  for (const name of names) print(showSetting(home, instance, name));
  if (flags["updatedb"] !== undefined) {
    const { updateDatabases } = await import("./update-databases.ts");
    const change = { isPlanOnly: flags["plan"] !== undefined, mayLose: flags["drop"] !== undefined };
    print(await updateDatabases(home, instance === undefined ? listInstances(home) : [instance], change));
  }
  if (flags["reload"] !== undefined) print(describeReload(await command(home, { kind: "reload" })));
  if (words.length === 0 && Object.keys(flags).every((name) => name === "instance" || name === "noconsole"))
    print(listChangedSettings(home, instance));
  return 0;
};

/** The instance that `-instance:` names; undefined for the host's own settings. */
function chooseInstance(home: Home, flags: Arguments["flags"]): string | undefined {
  const flag = flags["instance"];
  if (typeof flag !== "string") return undefined;
  const name = parseInstanceName(flag);
  const known = listInstances(home);
  if (!known.includes(name)) throw unknownInstance({ name, known });
  return name;
}

function readValue(flags: Arguments["flags"], name: string, form: string): string {
  const value = flags[name];
  if (typeof value !== "string" || value === "") throw invalidArgument({ argument: `-${name}`, form });
  return value;
}

function describeReload(changed: readonly string[]): string {
  return changed.length === 0
    ? "The settings have been read again; no process reads one that changed"
    : `The settings have been read again; started, restarted or stopped: ${changed.join(", ")}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
