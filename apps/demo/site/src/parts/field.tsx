import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";

/** A label, and what it labels, by an id of its own; what it means, where the label alone does not say it. */
export function Field(props: {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly children: (id: string, hintId: string | undefined) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children(id, props.hint === undefined ? undefined : `${id}-hint`)}
      {props.hint !== undefined && (
        <small id={`${id}-hint`} class="hint">
          {props.hint}
        </small>
      )}
    </div>
  );
}
