/** An object with this field, or without it where there is no value. */
export function ifSome<Name extends string, Value>(
  name: Name,
  value: Value | undefined,
): { readonly [Key in Name]?: Value } {
  const object: { [Key in Name]?: Value } = {};
  if (value !== undefined) object[name] = value;
  return object;
}
