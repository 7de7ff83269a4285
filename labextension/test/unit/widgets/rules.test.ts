/** The lint rule that keeps markup from being made of texts. */
import { ESLint } from 'eslint';
import { expect, test } from 'vitest';

test.each([
  'document.body.innerHTML = "";',
  'document.body.outerHTML = "";',
  'document.body.insertAdjacentHTML("beforeend", "");',
  'document.write("");',
  'new DOMParser().parseFromString("", "text/html");',
  'eval("");'
])('%s is refused', { timeout: 60_000 }, async source => {
  const [found] = await new ESLint().lintText(source, { filePath: 'src/widgets/dom.ts' });
  expect(
    found?.messages
      .map(({ ruleId }) => ruleId)
      .filter(rule => /no-restricted-properties|no-eval/.test(rule ?? ''))
  ).toHaveLength(1);
});
