// The code blocks of a Markdown document that the tests run; CONTRIBUTING.md explains how they are marked.

/** What is done with a block. */
export type DocBlock =
  /** Written into the document's folder. */
  | { readonly kind: 'file'; readonly name: string; readonly text: string; readonly line: number }
  /** Type-checked and run; what it prints must be `output`, where that is given. */
  | {
      readonly kind: 'run';
      readonly language: 'ts' | 'sh';
      readonly text: string;
      readonly line: number;
      output?: string;
    }
  /** Started, and stopped at the end of the document. */
  | { readonly kind: 'server'; readonly text: string; readonly line: number };

const FENCE = /^(`{3,})(.*)$/;

/** The marked blocks in their order. Throws where a mark makes no sense, naming the line. */
export function parseDocBlocks(markdown: string): DocBlock[] {
  const blocks: DocBlock[] = [];
  const lines = markdown.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, fence, info = ''] = FENCE.exec(lines[at] ?? '') ?? [];
    if (fence === undefined) continue;
    const start = at + 1;
    const end = lines.indexOf(fence, start);
    if (end === -1) throw new Error(`line ${start}: the code block does not end`);
    at = end;
    const [language = '', mark] = info.trim().split(/\s+/);
    if (mark !== undefined) addBlock(blocks, language, mark, lines.slice(start, end).join('\n'), start);
  }
  return blocks;
}

function addBlock(blocks: DocBlock[], language: string, mark: string, text: string, line: number): void {
  if (mark === 'output') {
    const last = blocks.at(-1);
    if (last?.kind !== 'run') throw new Error(`line ${line}: there is no block before that could print this`);
    last.output = text;
  } else if (mark.startsWith('file=')) {
    blocks.push({ kind: 'file', name: mark.slice('file='.length), text, line });
  } else if (mark === 'run' && (language === 'ts' || language === 'sh')) {
    blocks.push({ kind: 'run', language, text, line });
  } else if (mark === 'server' && language === 'sh') {
    blocks.push({ kind: 'server', text, line });
  } else {
    throw new Error(`line ${line}: \`${language} ${mark}\` is not a mark that the tests know`);
  }
}
