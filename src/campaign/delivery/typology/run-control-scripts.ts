/** Runs the scripts of control rules in the sandbox: each looks at the delivery and says whether it may go on. */

import { openContentSandbox } from "#campaign/content/script/open-content-sandbox.ts";
import type { Context } from "#foundation/module.ts";
import type { Sandbox } from "#foundation/sandbox/open-sandbox.ts";

import type { Checked } from "./check-delivery.ts";
import type { ControlRule, Finding, Phase, Typology } from "./rule.ts";

/**
 * What the scripts of a phase find. A script is the body of a function of `delivery`; it returns true when nothing is wrong, else false or
 * a sentence. One that fails, or runs into its limits, forbids the delivery: nobody knows what it would have said.
 */
export async function runControlScripts(
  context: Pick<Context, "settings" | "log">,
  { rules }: Typology,
  phase: Phase,
  checked: Checked,
): Promise<Finding[]> {
  const scripts = rules.filter(
    (rule): rule is ControlRule => rule.kind === "control" && rule.check === "script" && rule.phase === phase,
  );
  if (scripts.length === 0) return [];
  const sandbox = openContentSandbox(context);
  try {
    const findings: Finding[] = [];
    for (const rule of scripts) findings.push(...(await runScript(sandbox, rule, factsOf(checked))));
    return findings;
  } finally {
    await sandbox.close();
  }
}

async function runScript(sandbox: Sandbox, rule: ControlRule, facts: object): Promise<Finding[]> {
  const source = `(() => { const run = (delivery) => {\n${rule.script}\n}; return (text) => JSON.stringify(run(JSON.parse(text)) ?? null); })()`;
  const [answer] = await sandbox.call({ key: `rule ${rule.ruleId}`, source }, [facts]);
  const say = (level: Finding["level"], message: string): Finding[] => [
    { level, message: `${rule.label}: ${message}` },
  ];
  if (answer === undefined) return say("error", "its script gave no answer.");
  if ("fault" in answer) {
    const [place] = answer.fault.places;
    const line = place === undefined ? "" : ` in line ${place.line - 1}`;
    return say("error", `its script failed${line}: ${answer.fault.message}`);
  }
  if (answer.value === true) return [];
  return say(rule.level, typeof answer.value === "string" ? answer.value : "its script did not return true.");
}

/** What a script sees of the delivery; dates as ISO texts. */
function factsOf({ delivery, content, toDeliver, contactDate, validityDate }: Checked): object {
  return {
    id: delivery.deliveryId,
    internalName: delivery.internalName,
    label: delivery.label,
    priority: delivery.priority,
    isProof: delivery.isProof,
    subject: delivery.subject,
    senderAddress: delivery.fromAddress,
    senderName: delivery.fromName,
    html: delivery.htmlSource ?? "",
    text: delivery.textSource ?? "",
    links: content.links,
    toDeliver,
    contactDate: contactDate.toISOString(),
    validityDate: validityDate.toISOString(),
  };
}
