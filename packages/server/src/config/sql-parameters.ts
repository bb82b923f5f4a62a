// Finds the parameters of an SQL statement without a database, so that a wrong query is seen before the start.

// In the order of SQLite's tokenizer: what is quoted or commented out hides the question marks in it.
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\?\d*|[:@$]\w+/g;

/** The parameters as they stand there, e.g. `?` or `:name`, in their order. */
export function sqlParameters(query: string): string[] {
  return (query.match(TOKENS) ?? []).filter((token) => /^[?:@$]/.test(token));
}
