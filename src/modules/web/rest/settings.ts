/** Settings of the REST interface. */

import { declareSettings, integer, list } from "#foundation/settings.ts";

export const webRestSettings = declareSettings("web.rest", {
  allowedOrigins: list({
    default: [],
    pattern: /^https?:\/\/[^\s/?#@*]+$/,
    accepts: "a list of origins such as https://shop.example",
    description:
      "Sites whose scripts may call the REST interface from a browser, with an API token, never with a session's cookie.",
  }),
  maxRequestMb: integer({
    default: 10,
    min: 1,
    max: 200,
    description: "Largest request of the REST interface, in MB.",
  }),
  largestPage: integer({
    default: 10_000,
    min: 100,
    max: 100_000,
    description: "Most rows that one page of a list may hold, whatever limit= asks for.",
  }),
});
