// What can be said of an SQL query without a database, so that a wrong one is seen before the start.

// In the order of SQLite's tokenizer: what is quoted or commented out hides the question marks in it.
const TOKENS =
  /'(?:[^']|'')*'|"(?:[^"]|"")*"|`(?:[^`]|``)*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|\?\d*|[:@$]\w+/g;

/** The parameters as they stand there, e.g. `?` or `:name`, in their order. */
export function sqlParameters(query: string): string[] {
  return (query.match(TOKENS) ?? []).filter((token) => /^[?:@$]/.test(token));
}

/** Whether something stands behind the first statement, which SQLite would ignore without a word. */
export function hasSecondStatement(query: string): boolean {
  const plain = query.replace(TOKENS, (token) => (/^(--|\/\*)/.test(token) ? ' ' : 'x'));
  return /;[\s;]*[^\s;]/.test(plain);
}
