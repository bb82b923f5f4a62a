// Tests of the search for parameters in SQL.

import { expect, test } from 'vitest';
import { sqlParameters } from './sql-parameters.ts';

test.each([
  ['SELECT score FROM scores WHERE name = ?', ['?']],
  ['SELECT 1', []],
  ['SELECT ? + ?', ['?', '?']],
  ['SELECT ?1, ?12', ['?1', '?12']],
  ['SELECT :key, @key, $key', [':key', '@key', '$key']],
  [`SELECT 'what?', 'it''s ?', "a?", \`b?\`, [c?] FROM t WHERE k = ?`, ['?']],
  ['SELECT 1 -- ?\n/* ? \n ? */ WHERE k = ?', ['?']],
  ['SELECT 1 /* never closed ?', []],
])('%j has %j', (query, parameters) => {
  expect(sqlParameters(query)).toEqual(parameters);
});
