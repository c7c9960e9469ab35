/** Tries a delivery's scripts before anybody is written to: they must compile, and render a message for one recipient of the target. */

import { createSecretKey, randomBytes } from "node:crypto";

import type { ContentPartName, ContentProblem } from "#campaign/content/analyze-content.ts";
import { compileDelivery } from "#campaign/content/compile-delivery.ts";
import type { CompiledDelivery } from "#campaign/content/compiled-message.ts";
import type { CompiledScript } from "#campaign/content/script/compiled-script.ts";
import { type DescribedFault, describeFault } from "#campaign/content/script/describe-fault.ts";
import { openContentSandbox } from "#campaign/content/script/open-content-sandbox.ts";
import { renderMessages } from "#campaign/content/script/render-messages.ts";
import { hasScript } from "#campaign/content/script/split-script.ts";
import type { Context } from "#foundation/module.ts";
import type { Sandbox } from "#foundation/sandbox/open-sandbox.ts";

import type { AnalyzedDelivery } from "./analyze-delivery.ts";
import type { Delivery } from "./delivery.ts";
import type { TargetCondition } from "./resolve-target.ts";
import { readSampleRecipient } from "./sample-recipient-store.ts";

/**
 * Rehearses the content; empty when it holds no scripts, or nothing is wrong with them.
 * @param target whose recipients are written to; with nobody in it, scripts are only compiled
 */
export async function rehearseContent(
  context: Pick<Context, "db" | "settings" | "log" | "instance">,
  delivery: Delivery,
  content: AnalyzedDelivery,
  target: TargetCondition,
): Promise<readonly ContentProblem[]> {
  const parts = [
    content.subject,
    content.fromName,
    content.replyToName,
    ...content.customHeaders.map(({ segments }) => segments),
  ];
  if (![...parts, content.html ?? [], content.text ?? []].some(hasScript)) return [];
  const compiled = compileForRehearsal(context, delivery, content);
  const { script } = compiled;
  if (script === undefined) return [];
  const sandbox = openContentSandbox(context);
  try {
    const fault = await rehearse(context, sandbox, { ...compiled, script }, target);
    return fault === undefined ? [] : [toProblem(fault)];
  } finally {
    await sandbox.close();
  }
}

async function rehearse(
  { db }: Pick<Context, "db">,
  sandbox: Sandbox,
  delivery: CompiledDelivery & { readonly script: CompiledScript },
  target: TargetCondition,
): Promise<DescribedFault | undefined> {
  const problem = await sandbox.check(delivery.script.program);
  if (problem !== undefined) return describeFault(delivery.script, problem);
  const sample = await readSampleRecipient(db, target, delivery.columns);
  if (sample === undefined) return undefined;
  const [result] = await renderMessages(sandbox, delivery, [{ broadLogId: 0, fields: sample.fields }]);
  return result === undefined || result.kind === "rendered" ? undefined : result.fault;
}

/** Links have no numbers yet, and nothing leaves that would be signed. */
function compileForRehearsal(
  { instance }: Pick<Context, "instance">,
  delivery: Delivery,
  content: AnalyzedDelivery,
): CompiledDelivery {
  return compileDelivery(
    content,
    { ...delivery, ...content.mail, ...content.sender, logDate: "2000-01-01", validUntil: undefined },
    {
      trackingUrls: content.links.map((url, index) => ({ id: index, type: 0, url })),
      identity: {
        instance,
        bounceDomain: "rehearsal.invalid",
        publicUrl: "http://rehearsal.invalid",
        linkKey: createSecretKey(randomBytes(32)),
        returnPathKey: createSecretKey(randomBytes(32)),
      },
      signingKeys: () => [],
      mailer: "",
      precedence: "none",
      formatRules: [],
      attachments: [],
      images: content.files.images,
    },
  );
}

function toProblem({ part, place, message }: DescribedFault): ContentProblem {
  const block = place?.block === undefined ? "" : `In the block ${place.block}: `;
  return {
    level: "error",
    part: partNames.find((name) => name === part) ?? "html",
    line: place?.line,
    column: place?.column,
    message: `${block}${message}`,
  };
}

const partNames: readonly ContentPartName[] = ["subject", "sender", "replyTo", "headers", "html", "text"];
