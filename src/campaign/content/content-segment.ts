/** A part of the content after analysis: constant text, values with their place, links that are tracked. Types only. */

import type { ContentField } from "./content-field.ts";
import type { Place } from "./compiled-message.ts";

export type FieldSource = ContentField["source"];

export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly source: FieldSource; readonly place: Place }
  | {
      readonly kind: "link" /** As stored: values stand as `$(p1)`. */;
      readonly url: string;
      readonly values: readonly FieldSource[];
    }
  | { readonly kind: "unsubscribe" }
  | { readonly kind: "openPixel" };
