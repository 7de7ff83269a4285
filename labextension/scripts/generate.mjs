// Makes src/api/schema.ts: reads the server's OpenAPI document, writes the types, the operations, and where
// numbers stand that may come as the texts "nan", "inf" and "-inf".
import { text } from 'node:stream/consumers';
import openapiTS, { astToString } from 'openapi-typescript';
import { format, resolveConfig } from 'prettier';

const HEAD = `/** What the server's OpenAPI document says; made by \`make schema\`, not by hand. */

import type { Operation, Shape } from './shapes.js';
`;
const COMPONENT = '#/components/schemas/';

/** Whether a schema is what the document makes of a number: one, or a text that stands for one that is not finite. */
function isNumber(schema) {
  const [first, second] = schema.anyOf ?? [];
  return first?.type === 'number' && second?.enum?.includes('nan') === true;
}

/** Says every number as a number: that is what the client gives. */
function withPlainNumbers(schema) {
  if (Array.isArray(schema)) return schema.map(withPlainNumbers);
  if (schema === null || typeof schema !== 'object') return schema;
  if (isNumber(schema)) {
    const { anyOf, ...rest } = schema;
    return { ...anyOf[0], ...rest };
  }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withPlainNumbers(value)]));
}

/** Leaves out the errors: they are the same everywhere. */
function withoutErrors(paths) {
  const good = ([status]) => status.startsWith('2');
  const kept = operation => ({
    ...operation,
    responses: Object.fromEntries(Object.entries(operation.responses).filter(good))
  });
  const verbs = path => Object.fromEntries(Object.entries(path).map(([verb, one]) => [verb, kept(one)]));
  return Object.fromEntries(Object.entries(paths).map(([path, one]) => [path, verbs(one)]));
}

/** Says where in a schema numbers stand; undefined if nowhere. What may hold any text is left as it is. */
function shapeOf(schema) {
  if (isNumber(schema)) return 'number';
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(COMPONENT.length);
    return shapeOf(schemas[name]) && { of: name };
  }
  if (schema.anyOf !== undefined) return shapeOfChoice(schema.anyOf.filter(one => one.type !== 'null'));
  const every = schema.items ?? schema.additionalProperties;
  if (typeof every === 'object') {
    const shape = shapeOf(every);
    return shape && { each: shape };
  }
  const parts = shapesOf(schema.properties ?? schema.prefixItems ?? {});
  return Object.keys(parts).length === 0 ? undefined : { parts };
}

function shapeOfChoice(choices) {
  if (choices.some(one => one.type === 'string' && one.enum === undefined)) return undefined;
  const shapes = choices.map(shapeOf);
  if (choices.length > 1 && shapes.some(shape => shape !== undefined)) {
    throw new Error(`It cannot be told which of these holds numbers: ${JSON.stringify(choices)}`);
  }
  return shapes[0];
}

function shapesOf(schemas) {
  const found = Object.entries(schemas).map(([name, schema]) => [name, shapeOf(schema)]);
  return Object.fromEntries(found.filter(([, shape]) => shape !== undefined));
}

function operationsOf(paths) {
  const found = Object.entries(paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, { operationId, responses }]) => {
      const schema = (responses['200'] ?? responses['201']).content['application/json']?.schema;
      const shape = schema && shapeOf(schema);
      return [operationId, { verb: verb.toUpperCase(), path: path.slice(1), ...(shape && { shape }) }];
    })
  );
  return Object.fromEntries(found);
}

const document = JSON.parse(await text(process.stdin));
const { schemas } = document.components;
const types = await openapiTS(withPlainNumbers({ ...document, paths: withoutErrors(document.paths) }), {
  emptyObjectsUnknown: true
});
const source = [
  HEAD,
  astToString(types.filter(type => ['components', 'operations'].includes(type.name.text))),
  '/** How each operation is asked for. */',
  `export const OPERATIONS = ${JSON.stringify(operationsOf(document.paths))} satisfies Record<keyof operations, Operation>;`,
  '\n/** Where numbers stand in what the operations give. */',
  `export const SHAPES: Record<string, Shape> = ${JSON.stringify(shapesOf(schemas))};`
].join('\n');
const path = new URL('../src/api/schema.ts', import.meta.url).pathname;
process.stdout.write(await format(source, { ...(await resolveConfig(path)), filepath: path }));
