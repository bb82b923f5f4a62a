// The kinds of fields in a configuration file: how each is checked, and what is said when it is wrong.

import { z } from 'zod';
import { closest } from './closest.ts';
import { formatDuration, parseDuration } from './duration.ts';
import { formatSize, parseSize } from './size.ts';

/** A field, or a part of one. */
export type Field<T> = z.ZodType<T, unknown>;

/** A map with these fields and no others. A field that is there but empty counts as not there. */
export function section<Shape extends Record<string, z.ZodType>>(
  shape: Shape,
): z.ZodType<z.output<z.ZodObject<Shape>>, unknown> {
  return z.preprocess(withoutNulls, objectOf(shape));
}

/** One of several sections; the field `type` says which one. */
export function sectionByType<Shapes extends readonly Record<string, z.ZodType>[]>(
  what: string,
  shapes: Shapes,
): z.ZodType<{ [I in keyof Shapes]: z.output<z.ZodObject<Shapes[I]>> }[number], unknown> {
  const types = shapes.map((shape) => (shape['type'] as z.ZodLiteral).value as string);
  const variants = shapes.map(objectOf) as unknown as [z.ZodObject<Shapes[number]>];
  return z.preprocess(
    withoutNulls,
    z.discriminatedUnion('type', variants, {
      error: (issue) => {
        if (!isMap(issue.input)) return `must be a map of names and values, not ${show(issue.input)}`;
        const type = issue.input['type'];
        return type === undefined ? `is missing; one of ${list(types)}` : notOneOf(what, type, types);
      },
    }),
  ) as z.ZodType<{ [I in keyof Shapes]: z.output<z.ZodObject<Shapes[I]>> }[number], unknown>;
}

function objectOf<Shape extends Record<string, z.ZodType>>(shape: Shape): z.ZodObject<Shape, z.core.$loose> {
  const known = Object.keys(shape);
  return z.looseObject(shape, { error: mustBe('a map of names and values') }).superRefine(
    (value, context) => {
      for (const key of Object.keys(value)) {
        if (!known.includes(key)) {
          context.addIssue({ code: 'custom', path: [key], message: unknownKey(key, known) });
        }
      }
    },
    // Without it, one wrong field would hide the unknown ones, and they would show only at the next try.
    { when: ({ value }) => isMap(value) },
  );
}

/**
 * When to run a check that looks at several fields: as soon as these are fine, whatever else is wrong, so that all
 * problems are told at once. `groups.[].name` stands for the names of all groups.
 */
export function whenFine(...fields: readonly string[]): { readonly when: Precondition } {
  return {
    when: ({ value, issues }) =>
      isMap(value) &&
      !issues.some(({ path = [] }) => {
        const wrong = `${path.map((part) => (typeof part === 'number' ? '[]' : String(part))).join('.')}.`;
        return fields.some((field) => wrong.startsWith(`${field}.`) || `${field}.`.startsWith(wrong));
      }),
  };
}

type Precondition = NonNullable<z.core.$ZodSuperRefineParams['when']>;

/** A map from any names to text; values that may be `secret` are never shown. */
export function textMap(values: 'public' | 'secret'): Field<Record<string, string>> {
  // Not `z.record`, which drops the name __proto__.
  return z.unknown().transform((input, context) => {
    if (!isMap(input)) {
      const message =
        values === 'secret' && input !== undefined ? 'must be a map' : mustBe('a map')({ input });
      context.addIssue({ code: 'custom', message: message.replace('a map', 'a map of names and text') });
      return z.NEVER;
    }
    for (const [name, value] of Object.entries(input)) {
      if (typeof value === 'string') continue;
      const what = values === 'secret' ? 'must be text' : mustBe('text')({ input: value });
      const quoted = values === 'secret' ? '' : `: "${value}"`;
      const message = isPlain(value) ? `${what}; put it in quotes${quoted}` : what;
      context.addIssue({ code: 'custom', path: [name], message });
    }
    return input as Record<string, string>;
  });
}

/** Text that is not empty. */
export function text(): Field<string> {
  return textThat((value) => value !== '', 'text');
}

/** Text that passes `isFine`; `what` says what it must be. */
export function textThat(isFine: (value: string) => boolean, what: string): Field<string> {
  const error = mustBe(what);
  return z.string({ error }).refine(isFine, { error });
}

export function flag(): Field<boolean> {
  return z.boolean({ error: mustBe('true or false') });
}

/** A whole number within these limits. */
export function wholeNumber(min: number, max: number): Field<number> {
  const error = mustBe(`a number from ${min} to ${max}`);
  return z.int({ error }).min(min, { error }).max(max, { error });
}

/** One of these words. */
export function oneOf<const Word extends string>(what: string, words: readonly Word[]): Field<Word> {
  return z.enum(words as readonly [Word, ...Word[]], {
    error: ({ input }) => (input === undefined ? 'is missing' : notOneOf(what, input, words)),
  });
}

/** A list of at least `min` items. */
export function listOf<T>(item: Field<T>, min = 0): Field<T[]> {
  const error = ({ input }: { readonly input?: unknown }) => {
    const asList = typeof input === 'string' ? `; write [${show(input)}]` : '';
    return `${mustBe('a list')({ input })}${asList}`;
  };
  return z.array(item, { error }).min(min, { error: `must have at least ${min}, and has none` });
}

/** A size such as `64MiB`, or a number of bytes; the result is in bytes. */
export function size(min: number, max: number): Field<number> {
  return z.unknown().transform((input, context) =>
    checked(context, () => {
      const what = 'a size, e.g. 64MiB';
      const isText = typeof input === 'string';
      if (!isText && typeof input !== 'number') throw new SyntaxError(mustBe(what)({ input }));
      const bytes = isText ? parseSize(input) : input;
      if (Number.isSafeInteger(bytes) && bytes >= min && bytes <= max) return bytes;
      const limits =
        max === Number.MAX_SAFE_INTEGER
          ? `at least ${formatSize(min)}`
          : `${formatSize(min)} to ${formatSize(max)}`;
      throw new SyntaxError(mustBe(`a size of ${limits}`)({ input }));
    }),
  );
}

/** A duration such as `1m30s`; the result is in ms. A bare number is one only with `numbersAreSeconds`. */
export function duration(
  minMs: number,
  maxMs: number,
  options: { readonly numbersAreSeconds?: boolean } = {},
): Field<number> {
  return z.unknown().transform((input, context) =>
    checked(context, () => {
      const what = options.numbersAreSeconds
        ? 'a number of seconds, or a duration'
        : 'a duration with a unit';
      const ms =
        typeof input === 'string'
          ? parseDuration(input)
          : typeof input === 'number' && options.numbersAreSeconds
            ? input * 1000
            : input === 0
              ? 0
              : undefined;
      if (ms === undefined) throw new SyntaxError(mustBe(`${what}, e.g. 1m30s or 500ms`)({ input }));
      if (Number.isSafeInteger(ms) && ms >= minMs && ms <= maxMs) return ms;
      const limits =
        maxMs === Number.MAX_SAFE_INTEGER
          ? `at least ${formatDuration(minMs)}`
          : `${formatDuration(minMs)} to ${formatDuration(maxMs)}`;
      throw new SyntaxError(mustBe(`a duration of ${limits}`)({ input }));
    }),
  );
}

/** What is said of a value that is not there or not what it must be. */
function mustBe(what: string): (issue: { readonly input?: unknown }) => string {
  return ({ input }) => (input === undefined ? 'is missing' : `must be ${what}, not ${show(input)}`);
}

function checked<T>(context: z.RefinementCtx, parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    context.addIssue({ code: 'custom', message: (error as SyntaxError).message });
    return z.NEVER;
  }
}

function notOneOf(what: string, input: unknown, words: readonly string[]): string {
  const meant = typeof input === 'string' ? closest(input, words) : undefined;
  const hint = meant === undefined ? `one of ${list(words)}` : `did you mean ${meant}?`;
  return `${show(input)} is not ${what}; ${hint}`;
}

function unknownKey(key: string, known: readonly string[]): string {
  const meant = closest(key, known);
  return `unknown key; ${meant === undefined ? `known here: ${list(known)}` : `did you mean ${meant}?`}`;
}

function list(words: readonly string[]): string {
  return words.join(', ');
}

/** The value as it may stand in a message: on one line, not long, and of a URL not where secrets are. */
function show(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (isMap(value)) return 'a map';
  const text = typeof value === 'string' ? JSON.stringify(withoutSecrets(value)) : String(value);
  return text.length <= 80 ? text : `${text.slice(0, 79)}…`;
}

function withoutSecrets(text: string): string {
  return text.includes('://') ? text.replace(/:\/\/.*@/s, '://…@').replace(/\?.*/s, '?…') : text;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Whether somebody may have meant it as text: YAML reads 630 as a number and true as a boolean. */
function isPlain(value: unknown): value is number | boolean {
  return typeof value === 'number' || typeof value === 'boolean';
}

/** In YAML, `http:` with nothing below it is null; that means the same as leaving it out. */
function withoutNulls(value: unknown, context: z.RefinementCtx): unknown {
  if (!isMap(value)) return value;
  // Zod drops it before anybody could see that it is not known.
  if (Object.hasOwn(value, '__proto__')) {
    context.addIssue({ code: 'custom', path: ['__proto__'], message: 'unknown key' });
  }
  return Object.fromEntries(Object.entries(value).filter(([, field]) => field !== null));
}
