/** Functions over places and amounts of money. */

import { sql } from "#foundation/sql.ts";

import { at, type FunctionDeclaration, type RefusedFunction, takes } from "./define-function.ts";

/** The mean radius of the earth in kilometers (IUGG). */
const earthRadius = 6371.0088;

export const places: readonly FunctionDeclaration[] = [
  {
    name: "Distance",
    usage: "Distance(longitude1, latitude1, longitude2, latitude2)",
    family: "geography",
    answers: "The distance of two points, given in degrees, over the surface of the earth: in kilometers.",
    check: takes(["double", "double", "double", "double"], "double"),
    toSql: (operands) => {
      const [longitude1, latitude1, longitude2, latitude2] = [0, 1, 2, 3].map((index) => at(operands, index));
      const haversine = sql`(power(sind((${latitude2} - ${latitude1}) / 2), 2)
        + cosd(${latitude1}) * cosd(${latitude2}) * power(sind((${longitude2} - ${longitude1}) / 2), 2))`;
      return sql`(${sql.raw(String(2 * earthRadius))} * asin(sqrt(least(1, ${haversine}))))`;
    },
  },
];

export const money: readonly RefusedFunction[] = [
  {
    name: "ConvertCurrency",
    usage: "ConvertCurrency(amount, from, to, date)",
    family: "currency",
    refused: "There is no table of exchange rates; keep the amount in the currency it is compared in",
  },
  {
    name: "FormatCurrency",
    usage: "FormatCurrency(amount, currency)",
    family: "currency",
    refused: "There is no table of currencies; write ToString(amount, 2) and add the currency as text",
  },
];
