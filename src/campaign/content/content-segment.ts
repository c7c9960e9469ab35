/** A part of the content after analysis: constant text, values with their place, links that are tracked. Types only. */

import type { ContentField } from "./content-field.ts";
import type { Place } from "./compiled-message.ts";
import type { ScriptCode } from "./script/script-code.ts";

export type FieldSource = ContentField["source"];
/** A value that an expression of the author gives. */
export type ScriptSource = { readonly object: "script"; readonly code: ScriptCode };

export type Segment =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "value"; readonly source: FieldSource | ScriptSource; readonly place: Place }
  /** Code of the author: what follows may come once, often or never. */
  | { readonly kind: "code"; readonly code: ScriptCode }
  | {
      readonly kind: "link" /** As stored: values stand as `$(p1)`. */;
      readonly url: string;
      readonly values: readonly (FieldSource | ScriptSource)[];
    }
  /** An address of an image that may be one of our own files: it may travel within the message. */
  | { readonly kind: "image"; readonly url: string }
  | { readonly kind: "unsubscribe" }
  | { readonly kind: "openPixel" };
