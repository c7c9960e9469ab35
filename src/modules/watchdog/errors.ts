/** Errors of watchdog. */

import { defineError } from "#foundation/errors.ts";

export const noSuchTask = defineError<{ mask: string; known: readonly string[] }>("WDG-100001", {
  message: ({ mask, known }) => `No task corresponds to the mask ${mask} (there are: ${known.join(", ")})`,
});

export const sharedDatabase = defineError<{ instances: readonly string[]; where: string }>("WDG-100002", {
  message: ({ instances, where }) =>
    `The instances ${instances.join(" and ")} name the same database, ${where}. Each needs its own: set database.url in their conf/instance-<name>.toml.`,
});

export const platformStopping = defineError("WDG-100003", {
  message: () => "The platform is stopping.",
});

export const moduleWithoutSettings = defineError<{ module: string }>("WDG-100004", {
  message: ({ module }) => `The module ${module} declares no settings with moduleSettings.`,
});
