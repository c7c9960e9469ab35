/** `postrider config -addinstance:NAME/MASKS[/LANG]`: makes the settings of a new instance. */

import {
  inboxAddress,
  inMailAddress,
  instanceSettings,
  statAddress,
  syslogdAddress,
  trackinglogdAddress,
  webAddress,
} from "#foundation/common-settings.ts";
import { type Home, listInstances, parseInstanceName } from "#foundation/home.ts";
import { loadSecrets } from "#foundation/secrets.ts";
import { readAllSettings, type Settings } from "#foundation/settings.ts";
import { createHostSettings, createInstanceSettings } from "#foundation/settings-files.ts";
import { allSections } from "#modules/roster.ts";

import { instanceExists, invalidArgument } from "./errors.ts";

const form = "-addinstance:NAME/MASKS[/LANG], such as -addinstance:shop/*.shop.example.org/fr";
const portsOfHost = [webAddress, syslogdAddress, trackinglogdAddress];
/** Modules of an instance that listen: each instance needs ports of its own. */
const portsOfInstance = { stat: statAddress, inbox: inboxAddress, inMail: inMailAddress };

/**
 * Creates `conf/instance-<name>.toml` from the sample, with host masks, language, and ports that no other instance has.
 * @returns a sentence that says what to do next
 * @throws invalidInstanceName, instanceExists, invalidArgument, invalidSettings when existing files have faults
 */
export function addInstance(home: Home, text: string): string {
  const [name = "", masks = "", lang] = text.split("/");
  parseInstanceName(name);
  if (name === "default")
    throw invalidArgument({
      argument: "-addinstance",
      form: `${form}; default is the name of what serves all instances`,
    });
  const instances = listInstances(home);
  if (instances.includes(name)) throw instanceExists({ name });
  const hosts = instanceSettings.settings.hosts.parse(masks);
  if (hosts === undefined || hosts.length === 0) throw invalidArgument({ argument: "-addinstance", form });
  const language = instanceSettings.settings.lang.parse(lang ?? instanceSettings.settings.lang.default);
  if (language === undefined) throw invalidArgument({ argument: "LANG", form: instanceSettings.settings.lang.accepts });

  createHostSettings(home);
  const settings = readAllSettings({
    home,
    sections: allSections,
    environment: process.env,
    secrets: loadSecrets(home),
    instances,
  });
  const ports = chooseFreePorts(settings.host, [...settings.instances.values()]);
  const file = createInstanceSettings(home, name, { "instance.hosts": hosts, "instance.lang": language, ...ports });
  return `The instance ${name} is in ${file}. Set its database with -setdblogin, or leave it to the embedded PostgreSQL; then: postrider config -reload`;
}

/** The first instance keeps the defaults; each further one gets the next ports that are free. */
function chooseFreePorts(host: Settings, instances: readonly Settings[]): Record<string, number> {
  if (instances.length === 0) return {};
  const taken = new Set(portsOfHost.map((section) => host.of(section).port));
  for (const settings of instances) {
    for (const section of Object.values(portsOfInstance)) taken.add(settings.of(section).port);
  }
  return Object.fromEntries(
    Object.entries(portsOfInstance).map(([module, section]) => {
      let port = section.settings.port.default;
      while (taken.has(port)) port += 1;
      taken.add(port);
      return [`${module}.port`, port];
    }),
  );
}
