// How the sources are checked: as strictly as typescript-eslint can, with types.
import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import { configs } from 'typescript-eslint';

export default defineConfig(
  globalIgnores(['build/']),
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [configs.strictTypeChecked, configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: { '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }] }
  },
  {
    files: ['src/api/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['@jupyter*', '@lumino/*', '../jupyter/*'] }]
    }
  },
  // Markup is never made of what somebody wrote: elements are made one by one, and texts go in as texts.
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-restricted-properties': [
        'error',
        ...[
          'createContextualFragment',
          'innerHTML',
          'insertAdjacentHTML',
          'outerHTML',
          'parseFromString',
          'setHTMLUnsafe',
          'srcdoc',
          'write',
          'writeln'
        ].map(property => ({ property, message: 'Make elements, and set their textContent.' })),
        { property: 'randomUUID', message: 'Pages over plain HTTP lack it: see src/widgets/ids.ts.' }
      ]
    }
  },
  // It lets through only what views are made of.
  { files: ['src/widgets/markup.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/widgets/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['@jupyter*', '@lumino/*', '../jupyter/*'] }]
    }
  },
  // It is as openapi-typescript writes it.
  {
    files: ['src/api/schema.ts'],
    rules: { '@typescript-eslint/consistent-indexed-object-style': 'off' }
  },
  { files: ['**/*.mjs'], languageOptions: { globals: { process: 'readonly', URL: 'readonly' } } }
);
