// Puts values into a form's fields of one name, as if they had been typed there. A lookup has a label besides.
export function fill(form, name, values, label = "") {
  const fields = [...form.querySelectorAll(`[name="${CSS.escape(name)}"]`)];
  for (const field of fields) {
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
  const text = form.querySelector(`[name="${CSS.escape(`${name}-label`)}"]`);
  if (text) {
    text.value = label;
    // What was typed and not chosen stays what it is: no record.
    Object.assign(text.dataset, values[0] ? { chosen: label, value: values[0] } : { chosen: "", value: "" });
  }
  fields[0]?.dispatchEvent(new Event("change", { bubbles: true }));
}
