// Checks that every `create…` function and constructor makes of its options, with errors that name the option.

import { ConfigError } from './errors.ts';

/** Throws {@link ConfigError} when `options` has a key that is not in `known`; `of` says whose options they are. */
export function rejectUnknownOptions(of: string, options: object, known: readonly string[]): void {
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ConfigError(`${of}: unknown option ${JSON.stringify(name)}; known are ${known.join(', ')}`);
    }
  }
}

/** The whole number that an option gives, or its default; throws {@link ConfigError} outside of `min` to `max`. */
export function integerOption(
  name: string,
  value: number | undefined,
  limits: { readonly default: number; readonly min: number; readonly max?: number },
): number {
  if (value === undefined) return limits.default;
  const max = limits.max ?? Number.MAX_SAFE_INTEGER;
  if (!Number.isSafeInteger(value) || value < limits.min || value > max) {
    const range = limits.max === undefined ? `of at least ${limits.min}` : `from ${limits.min} to ${max}`;
    throw new ConfigError(`${name} must be a whole number ${range}, not ${String(value)}`);
  }
  return value;
}
