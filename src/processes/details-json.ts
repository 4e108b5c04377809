import type { Details } from './details.ts';
import { type Field, isReadable } from './field.ts';
import { definitionOf, type FieldName, type Values } from './fields.ts';

/**
 * The document of `show --json`: each field as `{ path, value }` or `{ path, error }`. Sizes are in bytes
 * and say so in their names; secrets of the environment are masked unless they are to be revealed.
 */
export function detailsJson({ pid, fields }: Details, { reveal }: { reveal: boolean }): object {
  const names = Object.keys(fields) as FieldName[];
  return { pid, fields: Object.fromEntries(names.map((name) => [name, fieldJson(name, fields, reveal)])) };
}

function fieldJson<Name extends FieldName>(
  name: Name,
  fields: Details['fields'],
  reveal: boolean,
): object | undefined {
  const field = fields[name] as Field<Values[Name]> | undefined;
  if (!isReadable(field)) return field;
  return { ...field, ...definitionOf(name).json?.(field.value, reveal) };
}
