/** Every service of the product, one line each. */

import { builderService } from "./builder-service.ts";
import { counterService } from "./counter-service.ts";
import { deliveryService } from "./delivery-service.ts";
import { batchEventService, rtEventService } from "./event-services.ts";
import { extAccountService } from "./ext-account-service.ts";
import { fileResService } from "./file-res-service.ts";
import { jobInterface } from "./job-interface.ts";
import { seedMemberService } from "./seed-member-service.ts";
import { sqlSchemaService } from "./sql-schema-service.ts";
import { subscriptionService } from "./subscription-service.ts";
import { workflowService } from "./workflow-service.ts";
import { persistService } from "./persist-service.ts";
import { queryDefService } from "./query-def-service.ts";
import type { Service } from "./service.ts";
import { sessionService } from "./session-service.ts";

export const services: readonly Service[] = [
  batchEventService,
  builderService,
  counterService,
  deliveryService,
  extAccountService,
  fileResService,
  jobInterface,
  persistService,
  queryDefService,
  rtEventService,
  seedMemberService,
  sessionService,
  sqlSchemaService,
  subscriptionService,
  workflowService,
];

const byName = new Map(services.map((service) => [service.name as string, service]));

/**
 * The service of a name such as `xtk:session`.
 * @returns undefined when there is none
 */
export function findService(name: string): Service | undefined {
  return byName.get(name);
}
