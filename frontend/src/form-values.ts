/** A form's fields as JSON: numbers as numbers, checked boxes as true, empty optional fields left out. A name with dots
 *  names a field inside another. */
export function valuesOf(form: HTMLFormElement): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const field of form.elements) {
    if (!(field instanceof HTMLInputElement || field instanceof HTMLSelectElement || field instanceof HTMLTextAreaElement)) continue;
    if (!field.name || field.disabled || (field instanceof HTMLInputElement && field.type === "radio" && !field.checked)) continue;
    if (field.value === "" && !field.required) continue;
    const inside = field.name.split(".");
    const last = inside.pop() ?? "";
    const holder = inside.reduce((found, name) => (found[name] ??= {}) as Record<string, unknown>, values);
    holder[last] = valueOf(field);
  }
  return values;
}

function valueOf(field: HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement): unknown {
  if (field instanceof HTMLInputElement && field.type === "checkbox") return field.checked;
  if (field instanceof HTMLInputElement && field.type === "number") return Number(field.value);
  if (field.dataset["list"] !== undefined) return field.value.split(",").map((v) => v.trim()).filter(Boolean);
  return field.value;
}
