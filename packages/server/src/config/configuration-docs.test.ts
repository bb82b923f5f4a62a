// Keeps docs/configuration.md, the example files and the table of settings in step with the schema. The tables in
// the document are made here: `npx vitest run configuration-docs --update` writes them.

import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { parseCommandLine } from './command-line.ts';
import { fileSchema } from './file-schema.ts';
import { loadConfig } from './load-config.ts';
import { flagOf, SETTING_SECTIONS, type Setting, variableOf } from './settings.ts';

const ROOT = fileURLToPath(new URL('../../../../', import.meta.url));
const DOCUMENT = join(ROOT, 'docs/configuration.md');
const EXAMPLES = join(ROOT, 'configs');
const SETTINGS = SETTING_SECTIONS.flatMap(({ settings }) => settings);

const dir = mkdtempSync(join(tmpdir(), 'hgcache-docs-'));
afterAll(() => rmSync(dir, { recursive: true }));

function load(file: string, args: readonly string[] = []) {
  const commandLine = parseCommandLine([`--config=${file}`, ...args]);
  return loadConfig({ commandLine, variables: {}, workingDir: ROOT });
}

function row(setting: Setting): string {
  const code = (text: string) => (text === '' ? '' : `\`${text}\``);
  const flag = setting.kind ? `${code(`--${flagOf(setting)}`)}<br>${code(variableOf(setting))}` : '';
  return `| ${code(setting.path)} | ${flag} | ${code(setting.default)} | ${setting.help} |`;
}

function tables(): string {
  return SETTING_SECTIONS.map(({ title, settings }) =>
    [
      `### ${title}`,
      '',
      '| key | flag, variable | default | |',
      '|---|---|---|---|',
      ...settings.map(row),
    ].join('\n'),
  ).join('\n\n');
}

/** The keys of a JSON schema, `groups[].name` and the like. */
function keysOf(schema: z.core.JSONSchema.BaseSchema, path = ''): string[] {
  const variants = (schema.oneOf ?? schema.anyOf ?? []) as z.core.JSONSchema.BaseSchema[];
  if (variants.length > 0) return [...new Set(variants.flatMap((variant) => keysOf(variant, path)))];
  if (schema.type === 'array') return keysOf(schema.items as z.core.JSONSchema.BaseSchema, `${path}[]`);
  const fields = Object.entries(schema.properties ?? {}) as [string, z.core.JSONSchema.BaseSchema][];
  if (fields.length === 0) return [path.replace(/\[\]$/, '')];
  return fields.flatMap(([key, field]) => keysOf(field, path === '' ? key : `${path}.${key}`));
}

describe('the table of settings', () => {
  test('has every key of the schema, and no other', () => {
    const schema = z.toJSONSchema(fileSchema, { io: 'input', unrepresentable: 'any' });
    // The fields of a group's own source are those of the shared one.
    const keys = keysOf(schema).map((key) => key.replace(/^groups\[\]\.source\..*/, 'groups[].source'));
    expect(SETTINGS.map(({ path }) => path).sort()).toEqual([...new Set(keys)].sort());
  });

  test('has the defaults of the schema', () => {
    const smallest = { app: { is_start_http: true }, groups: [{ name: 'a', maxBytes: 1 }] };
    const source = { type: 'http', url: 'http://o/{key}' };
    const given: Record<string, unknown> = {};
    for (const { path, default: text } of SETTINGS) {
      const [section = '', ...rest] = path.replace('[]', '').split('.');
      const [field, inner] = rest;
      const value: unknown = parse(text);
      if (text === '' || path === 'app.is_start_http') continue;
      const fields = ((given[section] as Record<string, unknown> | undefined) ?? {}) as Record<
        string,
        unknown
      >;
      if (field === undefined) given[section] = value;
      else if (inner === undefined) given[section] = { ...fields, [field]: value };
      else
        given[section] = { ...fields, [field]: { ...(fields[field] as object | undefined), [inner]: value } };
    }
    const { groups, source: sourceDefaults, app, peers, ...others } = given;
    const spelledOut = {
      ...others,
      app: { ...(app as object), is_start_http: true },
      groups: [{ ...smallest.groups[0], ...(groups as object) }],
      source: { ...source, ...(sourceDefaults as object) },
    };
    const implied = { ...smallest, source };
    expect(fileSchema.parse(spelledOut)).toEqual(fileSchema.parse(implied));
    const members = { self: 'http://a:1', members: ['http://a:1'] };
    expect(fileSchema.parse({ ...implied, peers: { ...members, ...(peers as object) } })).toEqual(
      fileSchema.parse({ ...implied, peers: members }),
    );
  });
});

describe('docs/configuration.md', () => {
  const text = readFileSync(DOCUMENT, 'utf8');

  test('has the table of settings as it is', async () => {
    const block = `<!-- settings -->\n\n${tables()}\n\n<!-- /settings -->`;
    const current = text.replace(/<!-- settings -->[\s\S]*<!-- \/settings -->/, () => block);
    expect(current).toContain(block);
    await expect(current).toMatchFileSnapshot(DOCUMENT);
  });

  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map(([, yaml = '']) => yaml);
  test.each(blocks)('has configurations that are correct (%#)', (yaml) => {
    writeFileSync(join(dir, 'example.yaml'), yaml);
    expect(load(join(dir, 'example.yaml')).warnings).toEqual([]);
  });

  test('names every example file', () => {
    for (const name of readdirSync(EXAMPLES)) expect(text).toContain(`(../configs/${name})`);
  });
});

describe('the example files', () => {
  test.each(readdirSync(EXAMPLES))('%s is correct', (name) => {
    const args = name === 'cluster.yaml' ? ['--peers.self=http://127.0.0.1:8002'] : [];
    expect(load(join(EXAMPLES, name), args).warnings).toEqual([]);
  });
});
