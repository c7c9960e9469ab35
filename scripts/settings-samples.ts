/** Builds the commented settings files that a first start copies: every setting with its meaning, bounds and default. */

import { indexSettings, type Section, type Setting } from "#foundation/settings.ts";
import { allSections, roster } from "#modules/roster.ts";

const introductionOfHost = `# Settings of this host, for all instances. An instance's own file, conf/instance-<name>.toml, overrides them.
# A line that begins with # shows a default. To change one, write it without the #, then: postrider config -reload
# Or let the command do it: postrider config web.port=8081
# Every setting has an environment variable, which overrides both files: POSTRIDER_WEB_PORT=8081`;

const introductionOfInstance = `# Settings of one instance: its database, how it shows itself, and its own modules. They override conf/server.toml.
# A line that begins with # shows a default. To change one, write it without the #, then: postrider config -reload
# Or let the command do it: postrider config -instance:NAME mta.route=mx`;

/** File names and texts of the samples. */
export function buildSettingsSamples(): Record<string, string> {
  const ofInstance = new Set([
    "instance",
    "database",
    ...roster.filter(({ scope }) => scope === "instance").map(({ name }) => name),
  ]);
  const instanceSections = allSections.filter(({ path }) => ofInstance.has(path.split(".")[0] ?? ""));
  return {
    "conf/server.toml.sample": render(introductionOfHost, allSections),
    "conf/instance.toml.sample": render(introductionOfInstance, instanceSections),
  };
}

function render(introduction: string, sections: readonly Section[]): string {
  const tables = new Map<string, string[]>();
  for (const [path, setting] of indexSettings(sections)) {
    const dot = path.lastIndexOf(".");
    const table = path.slice(0, dot);
    tables.set(table, [...(tables.get(table) ?? []), ...renderSetting(path.slice(dot + 1), setting)]);
  }
  const blocks = [...tables].map(([table, lines]) => [`[${table}]`, ...lines].join("\n"));
  return `${[introduction, ...blocks].join("\n\n")}\n`;
}

function renderSetting(name: string, setting: Setting<unknown>): string[] {
  return [`# ${setting.description} Takes ${setting.accepts}.`, `# ${name} = ${JSON.stringify(setting.default)}`];
}
