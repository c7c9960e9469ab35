/** Settings of import; those of the import itself lie beside it, in campaign/transfer. */

import { importSettings } from "#campaign/transfer/settings.ts";
import { moduleSettings } from "#foundation/common-settings.ts";
import type { Section } from "#foundation/settings.ts";

export const importNodeSettings = moduleSettings("import", 10, {});

export const importSections: readonly Section[] = [importNodeSettings, importSettings];
