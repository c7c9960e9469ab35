/** What the domain knows about writing its schemas: one file for each, one line here. */

import type { WriteRule, WriteRules } from "#datamodel/write/write-context.ts";
import { schemas } from "#schemas/index.ts";
import { schemaId } from "#schemas/schema.ts";

import { deliveryRule } from "./delivery-rule.ts";
import { documentRule } from "./document-rule.ts";
import { folderRule } from "./folder-rule.ts";
import { internalNameRule } from "./internal-name-rule.ts";
import { operatorRightsRule, operatorRule } from "./operator-rule.ts";
import { optionRule } from "./option-rule.ts";
import { recipientRule } from "./recipient-rule.ts";
import { mxRuleRule, warmUpRule } from "./sending-limits-rule.ts";
import { sourceSchemaRule } from "./source-schema-rule.ts";
import { subscriptionRule } from "./subscription-rule.ts";
import { workflowRule } from "./workflow-rule.ts";

const rules: readonly (readonly [schema: string, rule: WriteRule])[] = [
  ...schemas.flatMap((schema) =>
    schema.documentAttribute === undefined ? [] : [[schemaId(schema), documentRule] as const],
  ),
  ["nms:budget", internalNameRule("internalName", "BDG")],
  ["nms:delivery", deliveryRule],
  ["nms:group", internalNameRule("name", "GRP")],
  ["nms:includeView", internalNameRule("name", "IVW")],
  ["nms:mxRule", mxRuleRule],
  ["nms:operation", internalNameRule("internalName", "OP")],
  ["nms:plan", internalNameRule("internalName", "PLN")],
  ["nms:program", internalNameRule("internalName", "PRG")],
  ["nms:recipient", recipientRule],
  ["nms:seedMember", internalNameRule("internalName", "SM")],
  ["nms:service", internalNameRule("name", "SVC")],
  ["nms:subscription", subscriptionRule],
  ["nms:typology", internalNameRule("name", "TYP")],
  ["nms:typologyRule", internalNameRule("name", "TYR")],
  ["nms:warmUp", warmUpRule],
  ["xtk:export", internalNameRule("internalName", "EXP")],
  ["xtk:fileRes", internalNameRule("internalName", "RES")],
  ["xtk:folder", folderRule],
  ["xtk:groupRight", operatorRightsRule],
  ["xtk:import", internalNameRule("internalName", "IMP")],
  ["xtk:operator", operatorRule],
  ["xtk:operatorGroup", operatorRightsRule],
  ["xtk:operatorGroupRel", operatorRightsRule],
  ["xtk:operatorRight", operatorRightsRule],
  ["xtk:option", optionRule],
  ["xtk:rights", operatorRightsRule],
  ["xtk:srcSchema", sourceSchemaRule],
  ["xtk:workflow", workflowRule],
];

/** The rules that the writer follows, by schema. */
export const writeRules: WriteRules = new Map(rules);
