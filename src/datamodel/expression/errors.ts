/** Errors of the expression language. */

import { defineError } from "#foundation/errors.ts";

type Problem = { readonly expression: string; readonly problem: string };

export const expressionSyntax = defineError<Problem & { readonly at: number }>("XTK-170006", {
  message: ({ expression, problem, at }) =>
    `Unable to parse expression '${shown(expression)}': ${problem} (at character ${at + 1}).`,
});

export const expressionMeaning = defineError<Problem>("XTK-170036", {
  message: ({ expression, problem }) => `Unable to parse expression '${shown(expression)}'. ${problem}`,
});

export const expressionTooLarge = defineError<{ readonly problem: string }>("XTK-170901", {
  message: ({ problem }) =>
    `The expression is too large: ${problem}. Split it, or put long lists of values into a group.`,
});

export const expressionNotComputable = defineError<Problem>("XTK-170902", {
  message: ({ expression, problem }) =>
    `The expression '${shown(expression)}' cannot be computed for the data that is there: ${problem}. Change the expression or the data.`,
});

function shown(expression: string): string {
  const text = expression.toWellFormed().replaceAll("\0", "\\0");
  return text.length <= 200 ? text : `${text.slice(0, 200)}...`;
}
