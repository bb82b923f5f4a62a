// The configuration file: YAML 1.2, and where in it each key stands.

import { readFileSync } from 'node:fs';
import { isCollection, isNode, isPair, LineCounter, parseDocument } from 'yaml';
import type { Problem } from './config-problems.ts';

/** A configuration file that has been read. */
export interface ConfigFile {
  /** What stands in it; `undefined` for an empty file, and when there are problems. */
  readonly content: unknown;
  readonly problems: readonly Problem[];
  /** The file and the line of a key, or of the nearest key around it that is there. */
  locate(path: readonly PropertyKey[]): string;
}

const READ_PROBLEMS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  EISDIR: 'it is a directory',
  EACCES: 'this user may not read it',
  ERR_ENCODING_INVALID_ENCODED_DATA: 'it is not UTF-8 text',
};

/** Reads a file; `name` is how it is called in messages. What is wrong is listed and never thrown. */
export function readConfigFile(file: string, name: string): ConfigFile {
  let source: string;
  try {
    source = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file));
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = READ_PROBLEMS[code ?? ''] ?? message;
    return { content: undefined, problems: [{ message: `${name}: ${reason}` }], locate: () => name };
  }
  return parseConfigFile(source, name);
}

/** Parses what stands in a file. */
export function parseConfigFile(source: string, name: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const locate = (path: readonly PropertyKey[]) => {
    let node: unknown = document.contents;
    let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    for (const part of path) {
      if (!isCollection(node)) break;
      const items: readonly unknown[] = node.items;
      const next = items.find((item, index) =>
        isPair(item) ? String(item.key) === String(part) : index === part,
      );
      if (next === undefined) break;
      const anchor = isPair(next) ? next.key : next;
      if (isNode(anchor)) offset = anchor.range?.[0] ?? offset;
      node = isPair(next) ? next.value : next;
    }
    return `${name}:${lines.linePos(offset).line}`;
  };
  const problems = [...document.errors, ...document.warnings].map(({ code, message, pos }) => {
    const what = code === 'DUPLICATE_KEY' ? `the key ${keyAt(source, pos[0])} stands here twice` : message;
    return { message: `${at(pos[0])}: ${what.replaceAll(/\s*\n\s*/g, ' ')}` };
  });
  if (problems.length > 0) return { content: undefined, problems, locate };
  try {
    return { content: document.toJS() ?? undefined, problems, locate };
  } catch (error) {
    // Aliases that multiply, or that refer to nothing, show only now.
    return { content: undefined, problems: [{ message: `${name}: ${(error as Error).message}` }], locate };
  }
}

/** The text of the key that begins here. */
function keyAt(source: string, offset: number): string {
  return /^("[^"]*"|'[^']*'|[^\s:,{}[\]]+)?/.exec(source.slice(offset))?.[0] ?? '';
}
