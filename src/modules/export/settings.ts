/** Settings of export; those of the export itself lie beside it, in campaign/transfer. */

import { exportSettings } from "#campaign/transfer/settings.ts";
import { moduleSettings } from "#foundation/common-settings.ts";
import type { Section } from "#foundation/settings.ts";

export const exportNodeSettings = moduleSettings("export", 10, {});

export const exportSections: readonly Section[] = [exportNodeSettings, exportSettings];
