import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A label, and what it labels, by an id of its own. */
export function Field(props: { readonly label: string; readonly children: (id: string) => ComponentChildren }) {
  const id = useId();
  return (
    <p class="field">
      <label for={id}>{props.label}</label>
      {props.children(id)}
    </p>
  );
}
